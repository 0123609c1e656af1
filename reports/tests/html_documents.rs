//! What explain, ablate, verify and a recipe found, in the HTML report, with earlier runs and the quota.

mod common;
mod html_support;

use std::collections::BTreeSet;

use bench_reports::explain;
use bench_reports::report::Beside;
use common::documents::Documents;
use common::{HOSTILE, MORE, normal};
use html_support::inert::assert_inert;
use html_support::{all, outline, render};
use scraper::Html;

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
    let tested = |one: &&explain::PropertySeen| one.verdict != explain::ReuseVerdict::NotTested;
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
fn a_cause_that_failed_says_why_and_not_how_many_hits_it_had() {
    let mut documents = Documents::new();
    for cause in documents.explain.properties.iter_mut().filter(|one| one.verdict.is_cause()) {
        (cause.hits, cause.of, cause.saving_kept) = (Some(4), Some(4), None);
        cause.reason = Some("exit code 1: no such file".to_owned());
    }
    let page = outline(&render(&normal(), documents.beside()));
    assert!(page.contains("breaks reuse in part (exit code 1: no such file)"), "{page}");
}

#[test]
fn hostile_text_of_documents_is_text_everywhere() {
    let ten_kilobytes = "<b>long".repeat(1_500);
    for foreign in HOSTILE.iter().chain(&MORE).copied().chain([ten_kilobytes.as_str()]) {
        let documents = Documents::with_text(foreign);
        let page = Html::parse_document(&render(&normal(), documents.beside()));
        assert_inert(&page, foreign);
        for section in ["next", "history", "quota", "explain", "ablate", "verify"] {
            assert_eq!(all(&page, &format!("section#{section}")).len(), 1, "{section}");
        }
    }
}
