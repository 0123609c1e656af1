//! The HTML report as a parser of browsers sees it: inert, self-contained, complete, reachable.

mod common;
mod html_support;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench_record::{LoadedRun, Outcome};
use bench_reports::render::{Beside, address_segment};
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
        let shown = bench_reports::text::visible(foreign);
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
