//! The HTML report as a parser of browsers sees it: inert, self-contained, complete, reachable.

mod common;
mod html_support;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench_record::{LoadedRun, Outcome};
use bench_reports::ablate::Ablation;
use bench_reports::explained::{self, Explained};
use bench_reports::render::{Beside, Format, Input, Next, NextCache, address_segment};
use bench_reports::verify::Verification;
use common::{HOSTILE, hostile, large, long, normal, smallest, summary, troubled};
use html_support::{all, outline, text};
use proptest::prelude::*;
use scraper::{ElementRef, Html};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What tries to leave its place in HTML, attributes, scripts and addresses.
const MORE: [&str; 18] = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "-->",
    "]]><x>",
    "\" onmouseover=\"alert(1)",
    "' autofocus onfocus='alert(1)",
    "`onload=alert(1)",
    "javascript:alert(1)",
    "{{7*7}}${7*7}<%= 7 %>",
    "&#x3C;script&#x3E;alert(1)&lt;/script&gt;",
    "</title></style></textarea><h1>out",
    "<svg/onload=alert(1)>",
    "<base href=https://evil.example>",
    "<meta http-equiv=refresh content=0>",
    "nul\0and\u{2028}line\u{2029}ends",
    "\u{2066}isolate\u{2069}\u{feff}",
    "\\u003cscript\\u003e",
    "../../etc/passwd?#%2e%2e",
];

fn render(run: &LoadedRun, beside: Beside<'_>) -> String {
    let summary = summary(run);
    let input = Input { summary: &summary, run, width: 80, colour: false, beside };
    Format::Html.renderer().render(&input).expect("no content can fail to render")
}

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

const ELEMENTS: [&str; 48] = [
    "a",
    "b",
    "body",
    "br",
    "caption",
    "circle",
    "code",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "head",
    "header",
    "html",
    "li",
    "line",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "path",
    "polygon",
    "polyline",
    "pre",
    "rect",
    "script",
    "section",
    "span",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "time",
    "title",
    "tr",
    "ul",
];

/// Nothing but what the renderer itself writes: elements, attributes and addresses.
fn assert_inert(page: &Html, what: &str) {
    for element in all(page, "*") {
        let value = element.value();
        assert!(ELEMENTS.contains(&value.name()), "{what:?} made an element {}", value.name());
        for (name, attribute) in value.attrs() {
            assert!(
                !name.starts_with("on") && name != "style" && name != "src",
                "{what:?}: {name}"
            );
            if name == "href" {
                assert!(
                    attribute.starts_with('#') || attribute.starts_with("../logs/"),
                    "{what:?} leads to {attribute}"
                );
                let rest = attribute.trim_start_matches("../logs/");
                assert!(!rest.contains("../"), "{what:?} leads to {attribute}");
            }
        }
    }
    assert_eq!(all(page, "script").len(), 2, "{what:?}");
    assert_eq!(all(page, "style").len(), 1, "{what:?}");
    assert_eq!(all(page, "meta").len(), 5, "{what:?}");
    let comments = page.tree.nodes().filter(|node| node.value().is_comment()).count();
    assert_eq!(comments, 0, "{what:?} made a comment");
    let shown: String = page.root_element().text().collect();
    for c in shown.chars() {
        assert!(!c.is_control() || c == '\n', "{what:?} left {c:?}");
        assert!(!('\u{202a}'..='\u{202e}').contains(&c) && c != '\u{2028}', "{what:?} left {c:?}");
    }
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

/// Documents of real runs of the other commands, and what a recipe says.
struct Documents {
    explain: Explained,
    ablate: Ablation,
    verify: Verification,
    next: Next,
}

impl Documents {
    fn new() -> Self {
        let next = Next {
            advice: "Cache it",
            reason: "a restored cache saves 5.29 s a job".to_owned(),
            caches: vec![NextCache {
                name: "store".to_owned(),
                declared: Some("{cache}/store".to_owned()),
                path: Some(".ci-cache/store".to_owned()),
                files: Some(399),
                bytes: Some(8_300_000),
                archive_bytes: Some(1_260_000),
                advice: "yes".to_owned(),
            }],
            variables: Some(
                "env:\n  STORE: \"${{ github.workspace }}/.ci-cache/store\"\n".to_owned(),
            ),
            remarks: vec!["`bench ablate` says more.".to_owned()],
        };
        Self {
            explain: Explained::parse(include_str!("data/documents/explain.json")).unwrap(),
            ablate: serde_json::from_str(include_str!("data/documents/ablate.json")).unwrap(),
            verify: serde_json::from_str(include_str!("data/documents/verify.json")).unwrap(),
            next,
        }
    }

    /// The same with foreign text wherever a document has room for it.
    fn with_text(foreign: &str) -> Self {
        let mut all = Self::new();
        let own = || foreign.to_owned();
        let Self { explain, ablate, verify, next } = &mut all;
        explain.headline = own();
        explain.run_id = own();
        explain.params = [(own(), own())].into();
        explain.together = vec![own()];
        explain.stale.mtime_kept = None;
        explain.stale.reason = Some(own());
        explain.found = vec![explained::Found { kind: own(), files: 2, example: own() }];
        for control in &mut explain.controls {
            control.name = own();
        }
        for property in &mut explain.properties {
            property.name = own();
            property.reason = Some(own());
            property.remedy = Some(own());
            property.variants = [(own(), explained::Point::default())].into();
            if let Some(remedy) = &mut property.remedy_details {
                (remedy.key, remedy.fix) = (own(), own());
                (remedy.link, remedy.risk) = (Some(own()), Some(own()));
            }
        }
        ablate.run_id.0 = own();
        ablate.params = [(own(), own())].into();
        ablate.findings = vec![own()];
        for cache in &mut ablate.caches {
            cache.name = own();
        }
        for set in &mut ablate.sets {
            set.caches = set.caches.iter().map(|name| format!("{foreign}{name}")).collect();
            set.reason = Some(own());
        }
        for pair in &mut ablate.pairs {
            (pair.one, pair.other) = (own(), own());
        }
        for keep in &mut ablate.keep {
            keep.caches = [own()].into();
        }
        verify.run_id.0 = own();
        verify.reason = Some(own());
        verify.findings = vec![own()];
        for run in &mut verify.runs {
            (run.runner, run.reason) = (own(), Some(own()));
        }
        for fault in &mut verify.faults {
            (fault.fault, fault.reason) = (own(), own());
            (fault.cache, fault.kind) = (Some(own()), Some(own()));
        }
        next.reason = own();
        next.variables = Some(format!("env:\n  {foreign}\n"));
        next.remarks = vec![own()];
        for cache in &mut next.caches {
            cache.name = own();
            (cache.declared, cache.path) = (Some(own()), Some(own()));
        }
        all
    }

    fn beside(&self) -> Beside<'_> {
        Beside {
            quota: None,
            history: None,
            logs: None,
            explain: Some(&self.explain),
            ablate: Some(&self.ablate),
            verify: Some(&self.verify),
            next: Some(&self.next),
        }
    }
}

#[test]
fn documents_of_other_commands_have_sections_of_their_own() {
    let documents = Documents::new();
    let html = render(&normal(), documents.beside());
    assert_inert(&Html::parse_document(&html), "documents");
    insta::assert_snapshot!(
        "beside",
        html_support::sections(&html, &["next", "explain", "ablate", "verify"])
    );
    let plain = outline(&render(&normal(), Beside::default()));
    for heading in ["What to do next", "What breaks reuse", "What each cache is worth", "Is warm"] {
        assert!(!plain.contains(heading), "{heading}");
    }
}

#[test]
fn everything_that_a_document_says_is_in_its_tables() {
    let documents = Documents::new();
    let html = render(&normal(), documents.beside());
    let page = Html::parse_document(&html);
    let rows = |section: &str, table: usize| {
        let table = all(&page, &format!("#{section} table"))[table];
        table.select(&scraper::Selector::parse("tbody tr").unwrap()).count()
    };
    let tested = |one: &&explained::Property| one.verdict != explained::Verdict::NotTested;
    assert_eq!(rows("explain", 0), documents.explain.properties.iter().filter(tested).count());
    let sets: BTreeSet<_> = documents.ablate.sets.iter().map(|set| &set.caches).collect();
    assert_eq!(rows("ablate", 0), sets.len());
    let worth: usize = documents.ablate.caches.iter().map(|cache| cache.regimes.len()).sum();
    assert_eq!(rows("ablate", 1), worth);
    assert_eq!(rows("verify", 0), documents.verify.runs.len());
    assert_eq!(rows("verify", 2), documents.verify.faults.len());
    let reasons = outline(&html);
    for fault in &documents.verify.faults {
        assert!(reasons.contains(&fault.reason.replace('`', "")), "{}", fault.reason);
    }
}

#[test]
fn the_remedies_of_an_explanation_without_controls_are_not_advised() {
    let mut documents = Documents::new();
    let next = |documents: &Documents| {
        let beside = Beside { explain: Some(&documents.explain), ..Beside::default() };
        outline(&render(&normal(), beside)).contains("Make it portable")
    };
    assert!(next(&documents));
    documents.explain.valid = false;
    assert!(!next(&documents));
}

#[test]
fn hostile_text_of_documents_is_text_everywhere() {
    let ten_kilobytes = "<b>long".repeat(1_500);
    for foreign in HOSTILE.iter().chain(&MORE).copied().chain([ten_kilobytes.as_str()]) {
        let documents = Documents::with_text(foreign);
        let page = Html::parse_document(&render(&normal(), documents.beside()));
        assert_inert(&page, foreign);
        for section in ["next", "explain", "ablate", "verify"] {
            assert_eq!(all(&page, &format!("section#{section}")).len(), 1, "{section}");
        }
    }
}

#[test]
fn a_large_report_stays_small() {
    let html = render(&large(83, 20), Beside { logs: Some("../logs"), ..Beside::default() });
    assert!(html.len() < 1_500_000, "{} bytes", html.len());
}
