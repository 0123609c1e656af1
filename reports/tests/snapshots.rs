//! Every renderer on the runs that people will meet.

mod common;

use bench_record::LoadedRun;
use bench_reports::render::{Format, Input};
use common::{hostile, long, normal, render, smallest, troubled};

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
fn a_long_run_has_intervals_a_floor_and_what_was_stated() {
    let run = long();
    let stated = bench_record::Assumptions {
        transfer_bytes_per_s: Some(91e6),
        hit_rate: Some(0.8),
        jobs_per_month: Some(3_000.0),
        price_per_minute: Some(0.008),
    };
    let summary = bench_reports::summary::summarise_with(&run, &stated);
    for format in [Format::Terminal, Format::Markdown] {
        let input = Input { summary: &summary, run: &run, width: 80, colour: false };
        let text = format.renderer().render(&input).expect("no content can fail to render");
        insta::assert_snapshot!(format!("long-{format}"), text);
    }
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
