//! Every renderer on the runs that people will meet.

mod common;

use bench_record::LoadedRun;
use bench_reports::render::Format;
use common::{hostile, normal, render, smallest, troubled};

fn snapshot(name: &str, run: &LoadedRun) {
    for format in Format::ALL {
        insta::assert_snapshot!(format!("{name}-{format}"), render(format, run, 80, false));
    }
}

#[test]
fn a_normal_run_tells_its_story_in_every_format() {
    snapshot("normal", &normal());
}

#[test]
fn the_smallest_run_has_nothing_missing() {
    snapshot("smallest", &smallest());
}

#[test]
fn unproven_failed_and_timed_out_samples_are_named() {
    snapshot("troubled", &troubled());
}

#[test]
fn hostile_names_are_shown_and_do_nothing() {
    snapshot("hostile", &hostile());
}

#[test]
fn a_narrow_terminal_gets_two_tables() {
    insta::assert_snapshot!("narrow-terminal", render(Format::Terminal, &normal(), 60, false));
}
