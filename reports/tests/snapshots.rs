//! Every renderer on the runs that people will meet.

mod common;
mod html_support;

use bench_record::{Arm, Example, Gate, GateRule, LoadedRun, Outcome, Regime, RunId};
use bench_reports::report::{
    Beside, Input, ReportFormat, comparison_only, side_by_side as render_sides,
};
use bench_reports::side_by_side::side_by_side;
use common::{hostile, long, normal, render, smallest, troubled};

fn snapshot(name: &str, run: &LoadedRun) {
    // `exports.rs` has the traces.
    for format in ReportFormat::ALL.into_iter().filter(|format| *format != ReportFormat::Trace) {
        let text = render(format, run, 80, false);
        // What is read; tests/html.rs looks at the markup.
        let text = if format == ReportFormat::Html { html_support::outline(&text) } else { text };
        insta::assert_snapshot!(format!("{name}-{format}"), text);
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
    for format in [ReportFormat::Terminal, ReportFormat::Markdown] {
        let input = Input {
            summary: &summary,
            run: &run,
            width: 80,
            colour: false,
            beside: Beside::default(),
        };
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
    insta::assert_snapshot!(
        "narrow-terminal",
        render(ReportFormat::Terminal, &normal(), 60, false)
    );
}

/// A regression in one regime, a gate on it, time-outs, and examples that changed.
fn with_baseline() -> LoadedRun {
    let regimes = [Regime::Cold, Regime::SameRunner, Regime::CrossRunner];
    let mut run = common::compared(&regimes, &common::steady(10, 1.0));
    let names =
        ["Blink", "Fade", "Servo", "Knob", "Sweep", "<b>Tone</b> | a very long name indeed"];
    for (index, (sample, examples)) in run.samples.iter_mut().enumerate() {
        let warm = if sample.regime == Regime::SameRunner { 4 } else { 1 };
        let slower = sample.regime == Regime::SameRunner && sample.arm == Arm::Candidate;
        let timed_out = sample.regime == Regime::CrossRunner && sample.arm == Arm::Candidate;
        if timed_out && sample.block > 2 {
            sample.outcome = Outcome::TimedOut;
        }
        common::set_wall(sample, sample.wall_ns / warm * if slower { 13 } else { 10 } / 10);
        *examples = names
            .iter()
            .zip(1..)
            .map(|(name, position)| Example {
                sample: sample.id.clone(),
                name: (*name).to_owned(),
                position,
                wall_ns: 1_000_000_000
                    + index as u64 % 7 * 1_000_000
                    + u64::from(slower && position > 5) * 500_000_000,
                outcome: Outcome::Ok,
                reason: None,
                retries: 0,
            })
            .collect();
    }
    let rule = GateRule::Baseline { margin: 0.05, floor: 0.02 };
    let gate = |regime, rule| Gate { regime, phase: None, examples: None, rule };
    run.run.gates = vec![
        gate(None, rule),
        gate(Some(Regime::CrossRunner), GateRule::WarmAgainstCold { margin: 0.1, floor: 0.02 }),
        gate(Some(Regime::Hot), GateRule::MaxSeconds(10.0)),
        gate(Some(Regime::SameRunner), GateRule::MaxNetLossSeconds(0.0)),
        Gate { examples: Some("2..".to_owned()), ..gate(Some(Regime::SameRunner), rule) },
    ];
    run
}

#[test]
fn a_run_with_a_baseline_says_what_changed_in_every_format() {
    snapshot("baseline", &with_baseline());
}

#[test]
fn a_comparison_alone_fits_eighty_columns() {
    let run = with_baseline();
    let summary = common::summary(&run);
    let input =
        Input { summary: &summary, run: &run, width: 80, colour: false, beside: Beside::default() };
    for format in [ReportFormat::Terminal, ReportFormat::Markdown, ReportFormat::Json] {
        let text = comparison_only(format, &input).expect("it has one").expect("it renders");
        if format == ReportFormat::Terminal {
            for line in text.lines() {
                assert!(bench_reports::document::text::width(line) <= 80, "{line}");
            }
        }
        if format != ReportFormat::Json {
            insta::assert_snapshot!(format!("comparison-{format}"), text);
        }
    }
    for format in [ReportFormat::Csv, ReportFormat::Html] {
        assert!(comparison_only(format, &input).is_none());
    }
}

#[test]
fn two_runs_are_shown_side_by_side_without_a_verdict() {
    let (base, mut candidate) = (normal(), troubled());
    candidate.run.id = RunId("20260102T000000-arduino-uno-9999".to_owned());
    candidate.run.host.cpu = Some("Another <CPU> @ 3.10GHz".to_owned());
    candidate.run.host.kernel = Some("6.1".to_owned());
    candidate.run.params.insert("jobs".to_owned(), "2".to_owned());
    let sides = side_by_side(&base, &candidate);
    for format in [ReportFormat::Terminal, ReportFormat::Markdown, ReportFormat::Json] {
        let text = render_sides(format, &sides, 80).expect("it has one").expect("it renders");
        if format == ReportFormat::Terminal {
            for line in text.lines() {
                assert!(bench_reports::document::text::width(line) <= 80, "{line}");
            }
        }
        insta::assert_snapshot!(format!("side-by-side-{format}"), text);
    }
    let same = side_by_side(&base, &base);
    assert!(same.differences.is_empty());
}
