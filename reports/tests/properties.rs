//! What holds for every run.

mod common;

use bench_record::{LoadedRun, Regime, RegimeSummary};
use bench_reports::report::{Beside, ReportFormat};
use common::{HOSTILE, hostile, normal, render, summary, troubled};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

/// Removes what colours add.
fn without_styles(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some(start) = rest.find("\u{1b}[") {
        plain.push_str(&rest[..start]);
        let style = &rest[start..];
        rest = style.find('m').map_or("", |end| &style[end + 1..]);
    }
    plain + rest
}

fn with_names(mut run: LoadedRun, names: &[String]) -> LoadedRun {
    run.run.scenario.name.clone_from(&names[0]);
    run.run.host.cpu = Some(names[1].clone());
    run.run.params.insert(names[2].clone(), names[0].clone());
    for (sample, examples) in &mut run.samples {
        if sample.reason.is_some() {
            sample.reason = Some(names[1].clone());
        }
        for phase in &mut sample.phases {
            phase.name.clone_from(&names[2]);
        }
        for (example, name) in examples.iter_mut().zip(names) {
            example.name.clone_from(name);
            example.reason = Some(names[0].clone());
        }
    }
    run
}

fn assert_narrow(run: &LoadedRun, width: usize) {
    for colour in [false, true] {
        let text = render(ReportFormat::Terminal, run, width, colour);
        for line in text.lines() {
            let line = without_styles(line);
            assert!(line.width() <= width, "{} > {width}: {line:?}", line.width());
            assert!(!line.chars().any(char::is_control), "{line:?}");
        }
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[漢字仮名Ａ😀e\u{301}👩\u{200d}لا ]{0,120}",
        "[a-z/._-]{1,200}",
        prop::sample::select(&HOSTILE[..]).prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_terminal_line_is_wider_than_the_terminal(
        names in prop::collection::vec(name(), 3),
        width in 60_usize..=120,
    ) {
        assert_narrow(&with_names(normal(), &names), width);
        assert_narrow(&with_names(troubled(), &names), width);
    }

    #[test]
    fn the_order_of_samples_does_not_matter(
        order in Just((0..normal().samples.len()).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let run = normal();
        let mut shuffled = run.clone();
        shuffled.samples = order.iter().map(|index| run.samples[*index].clone()).collect();
        prop_assert_eq!(summary(&shuffled), summary(&run));

        let run = hostile();
        let mut shuffled = run.clone();
        shuffled.samples = order.iter().map(|index| run.samples[*index].clone()).collect();
        prop_assert_eq!(summary(&shuffled), summary(&run));
    }

    #[test]
    fn scaling_every_time_scales_every_time_and_no_ratio(factor in 1_u64..1_000) {
        let run = normal();
        let mut scaled = run.clone();
        for (sample, examples) in &mut scaled.samples {
            sample.wall_ns *= factor;
            for phase in &mut sample.phases {
                phase.wall_ns *= factor;
            }
            for cache in sample.caches.values_mut() {
                cache.restore_ns = cache.restore_ns.map(|ns| ns * factor);
                cache.save_ns = cache.save_ns.map(|ns| ns * factor);
            }
            for example in examples {
                example.wall_ns *= factor;
            }
        }
        let close = |small: Option<f64>, large: Option<f64>| match (small, large) {
            (Some(small), Some(large)) => {
                (small * factor as f64 - large).abs() <= 1e-9 * large.abs().max(1.0)
            }
            (small, large) => small == large,
        };
        let (before, after) = (summary(&run), summary(&scaled));
        for (small, large) in before.regimes.iter().zip(&after.regimes) {
            let (wall, scaled_wall) = (small.wall_s.unwrap(), large.wall_s.unwrap());
            prop_assert!(close(Some(wall.median), Some(scaled_wall.median)));
            prop_assert!(close(Some(wall.min), Some(scaled_wall.min)));
            prop_assert!(close(Some(wall.max), Some(scaled_wall.max)));
            prop_assert!(close(small.net_saving_s, large.net_saving_s));
            prop_assert!(close(small.first_example_s, large.first_example_s));
            prop_assert!(close(small.other_examples_s, large.other_examples_s));
            let pseudo = |summary: &RegimeSummary| summary.pseudo_median_s.map(|found| found.value);
            prop_assert!(close(pseudo(small), pseudo(large)));
            let fixed = |summary: &RegimeSummary| summary.example_model.map(|model| model.fixed_s.value);
            prop_assert!(close(fixed(small), fixed(large)));
            let saves = |summary: &RegimeSummary| summary.economics.map(|found| found.hit_saves_s.value);
            prop_assert!(close(saves(small), saves(large)));
            let (cores, scaled_cores) = (small.makespan.clone().unwrap(), large.makespan.clone().unwrap());
            prop_assert_eq!(cores.useful_cores, scaled_cores.useful_cores);
            for (few, many) in cores.cores.iter().zip(&scaled_cores.cores) {
                prop_assert!(close(Some(few.longest_first_s), Some(many.longest_first_s)));
            }
            let share = |summary: &RegimeSummary| summary.phases["compile"].difference_share;
            prop_assert_eq!(share(small), share(large));
            let (ratio, scaled_ratio) = (small.speedup.unwrap().ratio, large.speedup.unwrap().ratio);
            prop_assert!((ratio - scaled_ratio).abs() < 1e-9);
        }
        for (small, large) in before.examples.iter().zip(&after.examples) {
            prop_assert!(close(small.cold_s, large.cold_s));
            prop_assert!(close(small.cross_runner_s, large.cross_runner_s));
        }
    }
}

#[test]
fn hostile_text_stays_within_the_terminal_and_in_its_own_line() {
    for width in [40, 60, 80, 120, 200] {
        assert_narrow(&hostile(), width);
    }
}

#[test]
fn hostile_text_is_inert_in_markdown() {
    let text = render(ReportFormat::Markdown, &hostile(), 80, false);
    // Every tag is one of the renderer's own, and every one is closed.
    let mut rest = text.as_str();
    while let Some(start) = rest.find('<') {
        let tag = &rest[start..];
        let end = tag.find('>').expect("a tag ends");
        let known = ["<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>"];
        assert!(known.contains(&&tag[..=end]), "{}", &tag[..=end]);
        rest = &tag[end + 1..];
    }
    for tag in ["code", "details", "summary"] {
        let count = |text: String| {
            rest_count(&render(ReportFormat::Markdown, &hostile(), 80, false), &text)
        };
        assert_eq!(count(format!("<{tag}>")), count(format!("</{tag}>")), "{tag}");
    }
    for raw in ["@", "![", "](", "javascript:", "www.", "://", "`", "\u{1b}", "\u{202e}", "\r"] {
        assert!(!text.contains(raw), "{raw:?} reaches the document");
    }
    // No line begins what the renderer did not begin.
    for line in text.lines().filter(|line| !line.is_empty()) {
        let own = [
            "## <code>",
            "### Economics",
            "### First example",
            "### Findings",
            "* ",
            "| ",
            "**On this",
            "spread: ",
            "<details>",
            "</details>",
            "Run ",
            "<code>",
        ];
        assert!(own.iter().any(|start| line.starts_with(start)), "{line:?}");
    }
    // A cell has as many bars as its header.
    for table in text.split("\n\n").filter(|part| part.starts_with('|')) {
        let bars: Vec<usize> = table.lines().map(|line| rest_count(line, "|")).collect();
        assert!(bars.iter().all(|count| *count == bars[0]), "{table}");
    }
}

fn rest_count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}

#[test]
fn a_summary_from_elsewhere_is_inert_too() {
    let run = normal();
    let mut summary = summary(&run);
    summary.findings = HOSTILE.iter().map(|text| (*text).to_owned()).collect();
    summary.findings.push("x".repeat(100_000));
    let input = bench_reports::report::Input {
        summary: &summary,
        run: &run,
        width: 80,
        colour: false,
        beside: Beside::default(),
    };
    let text = ReportFormat::Markdown.renderer().render(&input).unwrap();
    for raw in ["<img", "<script", "@everyone", "](", "://", "www.", "</code></details><b>"] {
        assert!(!text.contains(raw), "{raw:?} reaches the document");
    }
    assert!(text.encode_utf16().count() <= 60_000);
}

#[test]
fn hostile_text_is_one_field_in_csv() {
    let text = render(ReportFormat::Csv, &hostile(), 80, false);
    for line in text.split("\r\n").filter(|line| !line.is_empty()) {
        assert!(!line.chars().any(char::is_control), "{line:?}");
        // Outside of quotes there are exactly nineteen commas.
        let commas: usize =
            line.split('"').step_by(2).map(|outside| outside.matches(',').count()).sum();
        assert_eq!(commas, 19, "{line:?}");
    }
    assert!(text.contains(",\"'=HYPERLINK(\"\"https://evil.example\"\")\","));
    assert!(text.contains(",'@everyone please"));
}

#[test]
fn markdown_is_cut_with_the_number_of_rows_left_out() {
    let mut run = normal();
    let example = run.samples[0].1[0].clone();
    for (_, examples) in &mut run.samples {
        *examples = (1..=3_000)
            .map(|position| bench_record::Example {
                name: format!("{position}-{}", "<".repeat(50)),
                position,
                ..example.clone()
            })
            .collect();
    }
    let text = render(ReportFormat::Markdown, &run, 80, false);
    assert!(text.encode_utf16().count() <= 60_000, "{}", text.len());
    let shown = text.matches("| <code>").count();
    assert!(
        text.contains(&format!("\n| {} more examples are left out\n", 3_000 - shown)),
        "{shown}"
    );
    assert!(text.contains("</details>") && text.contains("Own share"));
}

#[test]
fn colour_adds_nothing_but_colour() {
    let plain = render(ReportFormat::Terminal, &troubled(), 80, false);
    let coloured = render(ReportFormat::Terminal, &troubled(), 80, true);
    assert!(!plain.contains('\u{1b}'));
    assert!(coloured.contains('\u{1b}'));
    assert_eq!(without_styles(&coloured), plain);
}

#[test]
fn summary_json_reads_back() {
    let run = troubled();
    let text = render(ReportFormat::Json, &run, 80, false);
    let read: bench_record::Summary = serde_json::from_str(&text).unwrap();
    assert_eq!(read.findings, summary(&run).findings);
    assert_eq!(read.regimes.len(), 3);
    assert_eq!(read.regimes[1].regime, Regime::SameRunner);
}

#[test]
fn formats_are_named_as_on_the_command_line() {
    for format in ReportFormat::ALL {
        assert_eq!(format.as_str().parse(), Ok(format));
    }
    let error = "pdf".parse::<ReportFormat>().unwrap_err().to_string();
    assert_eq!(
        error,
        "unknown format `pdf`, expected one of terminal, markdown, html, json, csv, trace"
    );
}
