//! The HTML report as a parser of browsers sees it: inert, self-contained, complete, reachable.

mod common;
mod html_support;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench_record::{LoadedRun, Outcome, Regime};
use bench_reports::document::address_segment;
use bench_reports::report::{Beside, ReportFormat};
use common::{HOSTILE, MORE, hostile, large, long, normal, smallest, troubled};
use html_support::inert::assert_inert;
use html_support::{all, outline, render, text};
use proptest::prelude::*;
use scraper::{ElementRef, Html};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

fn page(run: &LoadedRun) -> Html {
    Html::parse_document(&render(run, Beside { logs: Some("../logs"), ..Beside::default() }))
}

/// Foreign text in every place that a record has for it.
fn with_text(foreign: &str) -> LoadedRun {
    let mut run = troubled();
    let own = || foreign.to_owned();
    run.run.scenario.name = own();
    run.run.id.0 = own();
    run.run.bench = own();
    run.run.params.insert(own(), own());
    run.run.host.cpu = Some(own());
    run.run.host.kernel = Some(own());
    run.run.host.isolation.insert(own(), true);
    run.run.ci.insert(own(), own());
    run.run.phases = vec![own()];
    run.run.arms[0].source.origin = Some(own());
    run.run.tools.insert(own(), bench_record::Tool { version: Some(own()), path: Some(own()) });
    for (index, (sample, examples)) in run.samples.iter_mut().enumerate() {
        sample.id.0 = format!("{foreign}{index}");
        sample.reason = sample.reason.is_some().then(own);
        for contradiction in &mut sample.evidence.contradictions {
            *contradiction = own();
        }
        for phase in &mut sample.phases {
            phase.name = own();
        }
        for example in examples {
            example.name = format!("{foreign}{}", example.position);
            example.reason = Some(own());
        }
    }
    run
}

fn data(page: &Html) -> Value {
    let block = all(page, "script#data")[0];
    serde_json::from_str(&block.text().collect::<String>()).expect("the data are JSON")
}

#[test]
fn hostile_text_is_text_everywhere() {
    let ten_kilobytes = "<b>long".repeat(1_500);
    for foreign in HOSTILE.iter().chain(&MORE).copied().chain([ten_kilobytes.as_str()]) {
        let page = page(&with_text(foreign));
        assert_inert(&page, foreign);
        let shown = bench_reports::document::text::visible(foreign);
        let shown: String = shown.chars().take(40).collect();
        let words: Vec<&str> = shown.split_whitespace().collect();
        assert!(text(all(&page, "h1")[0]).contains(&words.join(" ")), "{foreign:?}");
        let name = data(&page)["examples"][0]["name"].as_str().expect("a name").to_owned();
        assert!(name.starts_with(&shown), "{foreign:?} became {name:?}");
    }
    assert_inert(&page(&hostile()), "all at once");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_an_element(foreign in prop_oneof![
        any::<String>(),
        "[<>&\"'`/=a-z!\\-\\[\\] ]{1,60}",
        prop::collection::vec(prop::sample::select(&MORE[..]), 1..4).prop_map(|all| all.concat()),
    ]) {
        assert_inert(&page(&with_text(&foreign)), &foreign);
    }

    #[test]
    fn an_address_is_one_segment(name in any::<String>()) {
        if let Some(segment) = address_segment(&name) {
            prop_assert!(segment.chars().all(|c| c.is_ascii_alphanumeric() || "-_.~%".contains(c)));
            prop_assert!(segment != "." && segment != "..");
        }
    }
}

#[test]
fn the_policy_allows_the_documents_own_style_and_script_and_nothing_else() {
    let html = render(&normal(), Beside::default());
    let page = Html::parse_document(&html);
    let policy = all(&page, "meta[http-equiv]")[0].attr("content").expect("a policy").to_owned();
    let digest = |selector: &str| {
        let content: String = all(&page, selector)[0].text().collect();
        format!("'sha256-{}'", STANDARD.encode(Sha256::digest(content)))
    };
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
            digest("script:not([type])"),
            digest("style")
        )
    );
    // It only holds for what comes after it.
    assert!(html.find("Content-Security-Policy") < html.find("<title>"));
    for loads in ["url(", "@import", "fetch(", "XMLHttpRequest", "innerHTML", "eval(", "import("] {
        assert!(!html.contains(loads), "{loads}");
    }
}

#[test]
fn who_cannot_see_is_told_the_same() {
    for run in [normal(), long(), troubled(), smallest(), large(30, 3)] {
        let page = page(&run);
        for table in all(&page, "table") {
            let cells: Vec<ElementRef> =
                table.select(&scraper::Selector::parse("th").unwrap()).collect();
            assert!(cells.iter().all(|cell| cell.attr("scope").is_some()), "{}", table.html());
            assert!(table.html().contains("<caption>"));
        }
        for chart in all(&page, "figure") {
            let caption = all(&page, "figure figcaption").len();
            assert!(caption > 0 && chart.html().contains("<figcaption>"));
            assert!(chart.html().contains("aria-hidden=\"true\""));
        }
        let ids: Vec<&str> = all(&page, "[id]").iter().filter_map(|e| e.attr("id")).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
        for link in all(&page, "a[href^='#']") {
            let target = link.attr("href").unwrap().trim_start_matches('#');
            assert!(ids.contains(&target), "{target} is nowhere");
        }
        assert_eq!(all(&page, "h1").len(), 1);
        assert_eq!(all(&page, "html[lang]").len(), 1);
    }
}

#[test]
fn every_example_is_a_row_of_the_table_and_of_the_chart() {
    let run = large(83, 3);
    let page = page(&run);
    assert_eq!(all(&page, "[data-example]").len(), 83);
    let order: BTreeSet<&str> =
        all(&page, "[data-order]")[0].attr("data-order").unwrap().split(' ').collect();
    assert_eq!(order.len(), 83);
    for regime in ["#0072B2", "#009E73", "#D55E00", "#CC79A7"] {
        let marks = all(
            &page,
            &format!("[data-chart] svg [fill='{regime}'], [data-chart] svg [stroke='{regime}']"),
        );
        assert_eq!(marks.len(), 83, "{regime}");
    }
    let data = data(&page);
    assert_eq!(data["samples"].as_array().unwrap().len(), 12);
    assert_eq!(data["examples"][82]["us"].as_array().unwrap().len(), 12);
    // Eight digits after the mark are those of the record, in microseconds.
    let (_, examples) = &run.samples[0];
    assert_eq!(data["examples"][0]["us"][0], examples[0].wall_ns / 1_000);
}

#[test]
fn an_example_that_ended_badly_is_marked_where_it_did() {
    let data = data(&page(&troubled()));
    let servo = &data["examples"][2];
    assert_eq!(servo["name"], "Servo");
    let ended: Vec<(&String, &Value)> = servo["ended"].as_object().unwrap().iter().collect();
    assert_eq!(ended.len(), 1);
    let place: usize = ended[0].0.parse().unwrap();
    assert_eq!(data["samples"][place]["id"], "b003-candidate-cold");
    assert_eq!(ended[0].1, Outcome::Failed.as_str());
}

#[test]
fn logs_are_linked_where_there_are_any() {
    let run = normal();
    let with = render(&run, Beside { logs: Some("../logs"), ..Beside::default() });
    assert!(with.contains("href=\"../logs/b001-candidate-cross-runner/compile.err\""));
    let without = render(&run, Beside::default());
    assert!(!without.contains("/compile.err"));
    assert!(!outline(&without).contains("| logs |"));
}

#[test]
fn a_large_report_stays_small() {
    let html = render(&large(83, 20), Beside { logs: Some("../logs"), ..Beside::default() });
    assert!(html.len() < 1_500_000, "{} bytes", html.len());
}

#[test]
fn a_sample_that_never_ran_is_not_proven() {
    let mut run = normal();
    // As a warm sample is recorded whose block has no seed: nothing contradicts it, because nothing was there.
    let (sample, examples) = run
        .samples
        .iter_mut()
        .find(|(sample, _)| sample.regime == Regime::SameRunner)
        .expect("there is one");
    sample.outcome = Outcome::Failed;
    sample.reason = Some("not run, for want of a seed".to_owned());
    sample.snapshot_origin = None;
    sample.phases.clear();
    examples.clear();
    let all = run.samples.len();
    let of = run.samples.iter().filter(|(sample, _)| sample.regime == Regime::SameRunner).count();
    let less = of - 1;
    let line = format!("{} of {all} samples proven", all - 1);
    let own = format!("same-runner had its own snapshot {less} of {of}");
    for format in [ReportFormat::Terminal, ReportFormat::Markdown] {
        let text = common::render(format, &run, 400, false);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&line), "{words}");
        assert!(
            words.contains("its own snapshot") && words.contains(&format!("{less} of {of}")),
            "{own}: {words}"
        );
    }
    let section = html_support::sections(&render(&run, Beside::default()), &["evidence"]);
    assert!(section.contains(&line) && section.contains(&own), "{section}");
    assert!(
        section.contains(&format!("| same-runner | {less}/{of} | {less} of {of} had")),
        "{section}"
    );
}

/// A run in which every cross-runner sample failed at its last example, as one with a cache that cannot move does.
fn failed_elsewhere() -> LoadedRun {
    let mut run = normal();
    for (sample, examples) in &mut run.samples {
        if sample.regime == Regime::CrossRunner {
            sample.outcome = Outcome::Failed;
            examples.last_mut().expect("it has examples").outcome = Outcome::Failed;
        }
    }
    run
}

#[test]
fn a_regime_whose_samples_all_failed_says_so() {
    let run = failed_elsewhere();
    let all = run.samples.iter().filter(|(s, _)| s.regime == Regime::CrossRunner).count();
    let cards = |run: &LoadedRun| -> Vec<String> {
        all_text(&page(run), ".card").into_iter().filter(|card| card.starts_with("cross")).collect()
    };
    assert_eq!(cards(&run), [format!("cross-runnerfailed in {all} of {all}")]);
    let unproven = |run: &LoadedRun, count: usize| {
        let mut run = run.clone();
        let cross = run.samples.iter_mut().filter(|(s, _)| s.regime == Regime::CrossRunner);
        cross.take(count).for_each(|(sample, _)| sample.outcome = Outcome::Unproven);
        run
    };
    assert_eq!(cards(&unproven(&run, all)), [format!("cross-runnerunproven in {all} of {all}")]);
    let both = format!("cross-runnerfailed in {}, unproven in 1 of {all}", all - 1);
    assert_eq!(cards(&unproven(&run, 1)), [both]);
}

fn all_text(page: &Html, selector: &str) -> Vec<String> {
    all(page, selector).into_iter().map(text).collect()
}

#[test]
fn every_example_is_compared_with_the_same_regime_and_the_column_names_it() {
    let compared = |run: &LoadedRun| {
        let page = page(run);
        let head = all_text(&page, "#examples thead th");
        let column = head.iter().position(|name| name.starts_with("cold /"));
        let rows = all(&page, "#examples tbody tr");
        let cell = scraper::Selector::parse("th, td").unwrap();
        let ratios: Vec<String> =
            rows.iter().filter_map(|row| Some(text(row.select(&cell).nth(column?)?))).collect();
        (column.map(|at| head[at].clone()), ratios, all_text(&page, "#examples").join(" "))
    };
    let (head, _, section) = compared(&normal());
    assert_eq!(head.as_deref(), Some("cold / cross-runner"));
    assert!(section.contains("cold divided by cross-runner"), "{section}");

    // The other examples of the failed samples have times, but no ratio rests on them.
    let run = failed_elsewhere();
    let (head, ratios, section) = compared(&run);
    assert_eq!(head.as_deref(), Some("cold / same-runner"));
    assert!(section.contains("cold divided by same-runner"), "{section}");
    assert!(!section.contains("distance between cold and cross-runner"), "{section}");
    let expected: Vec<String> = common::summary(&run)
        .examples
        .iter()
        .map(|one| {
            bench_reports::document::units::ratio(one.cold_s.unwrap() / one.same_runner_s.unwrap())
        })
        .collect();
    assert_eq!(ratios, expected);

    // An example without a time in that regime has no ratio, rather than one of another regime.
    let mut absent = normal();
    for (sample, examples) in &mut absent.samples {
        if sample.regime == Regime::CrossRunner {
            examples.truncate(1);
        }
    }
    let (head, ratios, _) = compared(&absent);
    assert_eq!(head.as_deref(), Some("cold / cross-runner"));
    assert!(ratios[0].ends_with('x') && ratios[1..].iter().all(|ratio| ratio == "-"), "{ratios:?}");

    // Cold failed as a whole: there is nothing to divide.
    let mut without = normal();
    for (sample, _) in &mut without.samples {
        if sample.regime == Regime::Cold {
            sample.outcome = Outcome::Failed;
        }
    }
    assert_eq!(compared(&without).0, None);
}

#[test]
fn a_name_that_shows_nothing_is_said_to_be_none() {
    for blank in ["", "  ", "\u{200b}"] {
        let mut run = normal();
        for (_, examples) in &mut run.samples {
            blank.clone_into(&mut examples[0].name);
        }
        let page = page(&run);
        // The script makes a button of each.
        for name in all(&page, "[data-example]") {
            assert!(!text(name).is_empty(), "{blank:?}: {}", name.html());
        }
        assert_eq!(data(&page)["examples"][0]["name"], "(no name)");
        for code in all(&page, "code") {
            assert!(!text(code).is_empty(), "{blank:?}: {}", code.html());
        }
        let markdown = common::render(ReportFormat::Markdown, &run, 80, false);
        assert!(markdown.contains("&#40;no&#32;name&#41;"), "{markdown}");
        assert!(!markdown.contains("<code></code>"), "{markdown}");
    }
}
