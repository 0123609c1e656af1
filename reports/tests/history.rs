//! Series over runs: steps at the right run and nowhere else, and how documents show them.

mod common;
mod html_support;

use std::collections::BTreeMap;

use bench_record::{LoadedRun, Regime};
use bench_reports::report::{Beside, Input, ReportFormat};
use bench_reports::stats::{MIN_SEGMENT, MIN_STEP};
use bench_reports::trend::{self, Trend};
use bench_reports::trend::{Measure, Recent, RunKind};
use common::earlier::{commit, series};
use common::{HOSTILE, normal, summary};
use proptest::prelude::*;

/// Symmetric noise, the same on every machine.
struct Noise(u64);

impl Noise {
    /// Sum of uniform numbers: near to normal, standard deviation 1.
    fn next(&mut self) -> f64 {
        let mut sum = 0.0;
        for _ in 0..12 {
            // SplitMix64.
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.0;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            sum += ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        }
        sum - 6.0
    }
}

fn noisy(seed: u64, levels: &[(usize, f64)], sd: f64) -> Vec<Option<f64>> {
    let mut noise = Noise(seed);
    levels
        .iter()
        .flat_map(|(runs, level)| std::iter::repeat_n(*level, *runs))
        .map(|level| Some(level * (noise.next() * sd).exp()))
        .collect()
}

#[test]
fn a_planted_step_is_found_at_its_run_with_its_source_and_ratio() {
    let mut more = 0;
    for seed in 0..50 {
        let series = series(Regime::Cold, &noisy(seed, &[(20, 10.0), (20, 13.0)], 0.02));
        let steps = series.steps();
        let step = steps.iter().find(|step| step.at.run == "run-020");
        let step = step.unwrap_or_else(|| panic!("seed {seed}: {steps:?}"));
        assert_eq!(step.last.run, "run-019", "seed {seed}");
        assert_eq!(step.at.source.as_deref(), Some(commit(20).as_str()));
        let levels = step.after.median_s / step.before.median_s;
        assert!((levels - step.ratio).abs() < 1e-9, "seed {seed}");
        assert_eq!(series.level(), steps.last().map(|step| step.after));
        if steps.len() > 1 {
            more += 1;
            continue;
        }
        assert!((step.ratio - 1.3).abs() < 0.04, "seed {seed}: {}", step.ratio);
        assert_eq!((step.before.runs, step.after.runs), (20, 20));
    }
    // Each half of a series is one without a step: 1 % of them shows one.
    assert!(more <= 4, "{more} of 50 series show another step");
}

#[test]
fn noise_alone_finds_a_step_in_about_one_series_of_a_hundred() {
    let found = (0..1_000)
        .filter(|seed| !series(Regime::Cold, &noisy(*seed, &[(30, 10.0)], 0.05)).steps().is_empty())
        .count();
    // 1 % of 1,000 is 10; 25 or more happen once in tens of thousands.
    assert!(found < 25, "{found} of 1000 series without a step show one");
}

#[test]
fn runs_without_a_value_are_left_out_and_do_not_move_a_step() {
    let mut values = noisy(7, &[(10, 10.0), (10, 5.0)], 0.01);
    for gap in [3, 10, 15] {
        values[gap] = None;
    }
    values[16] = Some(0.0);
    let series = series(Regime::SameRunner, &values);
    let steps = series.steps();
    assert_eq!(steps.len(), 1, "{steps:?}");
    assert_eq!((steps[0].last.run.as_str(), steps[0].at.run.as_str()), ("run-009", "run-011"));
    assert!((steps[0].ratio - 0.5).abs() < 0.02);
}

#[test]
fn too_few_runs_have_no_step_and_the_document_says_how_many_it_takes() {
    let few = series(Regime::Cold, &[1.0, 1.0, 1.0, 9.0, 9.0].map(Some));
    assert!(few.steps().is_empty());
    let text = trend::terminal(&Trend { series: vec![few], notes: vec![] }, 80);
    assert!(text.contains("needs 6 runs"), "{text}");
    assert_eq!(2 * MIN_SEGMENT, 6);
}

#[test]
fn a_step_where_the_machine_changed_says_so() {
    let mut joined = series(Regime::Cold, &noisy(3, &[(15, 10.0), (15, 14.0)], 0.01));
    joined.kind = RunKind::Several(2);
    for point in &mut joined.points[15..] {
        "other".clone_into(&mut point.key);
    }
    let step = &joined.steps()[0];
    assert!(step.is_of_another_kind());
    assert!(
        joined.step_sentence(step).contains("machine, tools or scenario files changed with it")
    );
}

proptest! {
    /// Time has no unit: other units, the same steps.
    #[test]
    fn steps_do_not_depend_on_the_unit(seed in 0_u64..1_000, factor in 0.001_f64..1_000.0) {
        let values = noisy(seed, &[(12, 10.0), (12, 12.0)], 0.03);
        let scaled: Vec<_> = values.iter().map(|value| value.map(|value| value * factor)).collect();
        let at = |values: &[Option<f64>]| -> Vec<String> {
            series(Regime::Cold, values).steps().iter().map(|step| step.at.run.clone()).collect()
        };
        prop_assert_eq!(at(&values), at(&scaled));
    }

    /// Whatever comes: parts are long enough, steps large enough, in order, and no value is lost.
    #[test]
    fn steps_divide_the_runs_into_parts(
        values in proptest::collection::vec(proptest::option::weighted(0.9, 0.001_f64..1e4), 0..60)
    ) {
        let series = series(Regime::Hot, &values);
        let valued = values.iter().flatten().count();
        let steps = series.steps();
        for step in &steps {
            prop_assert!(step.before.runs >= MIN_SEGMENT && step.after.runs >= MIN_SEGMENT);
            prop_assert!(step.ratio.ln().abs() >= MIN_STEP.ln_1p());
            prop_assert!(step.last.started < step.at.started);
        }
        prop_assert!(steps.is_sorted_by(|one, other| one.at.started < other.at.started));
        if let Some(first) = steps.first() {
            let all = first.before.runs + steps.iter().map(|step| step.after.runs).sum::<usize>();
            prop_assert_eq!(all, valued);
        }
    }
}

fn nights() -> Trend {
    let cold = series(Regime::Cold, &noisy(1, &[(24, 9.6), (10, 10.9)], 0.01));
    let mut same = noisy(2, &[(34, 0.54)], 0.02);
    same[30] = None;
    Trend {
        series: vec![cold, series(Regime::SameRunner, &same)],
        notes: vec!["Runs on 2 kinds of machine are apart.".to_owned()],
    }
}

#[test]
fn a_trend_tells_its_story_in_every_form() {
    let trend = nights();
    insta::assert_snapshot!("trend-terminal", trend::terminal(&trend, 80));
    insta::assert_snapshot!("trend-markdown", trend::markdown(&trend));
    let json: serde_json::Value = serde_json::from_str(&trend::json(&trend).unwrap()).unwrap();
    assert_eq!(json["schema"], trend::SCHEMA);
    assert_eq!(json["series"][0]["points"].as_array().unwrap().len(), 34);
    assert_eq!(json["series"][0]["steps"][0]["run_id"], "run-024");
    assert_eq!(json["series"][0]["steps"][0]["previous_run_id"], "run-023");
    assert_eq!(json["series"][1]["points"][30]["median_s"], serde_json::Value::Null);
}

#[test]
fn no_line_of_the_terminal_is_wider_than_asked_for() {
    let mut trend = nights();
    let points = trend.series[0].points.clone();
    trend.series[0].points = points.iter().cycle().take(340).cloned().collect();
    for width in [60, 80, 120] {
        let text = trend::terminal(&trend, width);
        let widest = text.lines().map(bench_reports::document::text::width).max().unwrap();
        assert!(widest <= width, "{widest} > {width}\n{text}");
    }
}

#[test]
fn hostile_names_are_text_in_every_form_of_a_trend() {
    let mut trend = Trend::default();
    for text in HOSTILE {
        let mut of = series(Regime::Cold, &noisy(5, &[(9, 1.0), (9, 2.0)], 0.01));
        (*text).clone_into(&mut of.scenario);
        of.params = BTreeMap::from([((*text).to_owned(), (*text).to_owned())]);
        of.kind = RunKind::One { key: (*text).to_owned(), machine: (*text).to_owned() };
        of.measure = Measure::Example((*text).to_owned());
        for point in &mut of.points {
            (*text).clone_into(&mut point.run);
            point.source = Some((*text).to_owned());
        }
        trend.series.push(of);
        trend.notes.push((*text).to_owned());
    }
    let markdown = trend::markdown(&trend);
    for raw in ["<img", "<script", "@everyone", "](", "://", "www.", "</code></details><b>"] {
        assert!(!markdown.contains(raw), "{raw:?} reaches the document");
    }
    assert!(markdown.encode_utf16().count() <= 60_000);
    let terminal = trend::terminal(&trend, 80);
    assert!(!terminal.chars().any(|c| c.is_control() && c != '\n'), "{terminal:?}");
    assert!(terminal.lines().all(|line| bench_reports::document::text::width(line) <= 80));
}

/// The run `normal()` after earlier ones that were faster.
fn recent(cold: &[Option<f64>]) -> Recent {
    let same: Vec<Option<f64>> = cold.iter().map(|_| Some(0.9)).collect();
    Recent {
        series: vec![series(Regime::Cold, cold), series(Regime::SameRunner, &same)],
        incomparable: 2,
        damaged: 1,
    }
}

fn render(format: ReportFormat, run: &LoadedRun, history: Option<&Recent>) -> String {
    let summary = summary(run);
    let beside = Beside { history, ..Beside::default() };
    let input = Input { summary: &summary, run, width: 80, colour: false, beside };
    format.renderer().render(&input).expect("no content can fail to render")
}

#[test]
fn a_report_shows_earlier_runs_where_a_history_is_given() {
    let run = normal();
    let mut cold = noisy(1, &[(12, 10.0), (6, 12.2)], 0.01);
    cold[4] = None;
    let recent = recent(&cold);
    let section = |format| {
        let text = render(format, &run, Some(&recent));
        let text = if format == ReportFormat::Html { html_support::outline(&text) } else { text };
        let (start, end) = match format {
            ReportFormat::Terminal => ("\nRecent runs", "\nFindings"),
            ReportFormat::Markdown => ("### Recent runs", "\n### "),
            _ => ("## Recent runs", "\n## "),
        };
        let from = text.find(start).expect("the section is there");
        text[from..].split(end).next().unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!("recent-terminal", section(ReportFormat::Terminal));
    insta::assert_snapshot!("recent-markdown", section(ReportFormat::Markdown));
    insta::assert_snapshot!("recent-html", section(ReportFormat::Html));
    for format in [ReportFormat::Terminal, ReportFormat::Markdown, ReportFormat::Html] {
        assert!(!render(format, &run, None).contains("Recent runs"), "{format}");
    }
    let terminal = render(ReportFormat::Terminal, &run, Some(&recent));
    assert!(
        terminal.lines().all(|line| bench_reports::document::text::width(line) <= 80),
        "{terminal}"
    );
}

#[test]
fn a_run_without_a_comparable_earlier_run_says_so() {
    let empty = Recent { incomparable: 3, ..Recent::default() };
    for format in [ReportFormat::Terminal, ReportFormat::Markdown, ReportFormat::Html] {
        let text = render(format, &normal(), Some(&empty)).replace('\n', " ");
        assert!(text.contains("no comparable earlier run"), "{format}");
        assert!(text.contains("3 earlier runs"), "{format}");
    }
}
