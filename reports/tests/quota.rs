//! What the API of a CI's cache says, read in every form that `gh` gives it, and told in every report for people.

mod common;

use std::collections::BTreeMap;

use bench_reports::quota::{Quota, room};
use bench_reports::report::{Beside, Input, ReportFormat};
use bench_reports::summary::summarise;
use common::normal;

fn entry(key: &str, scope: &str, bytes: u64, created: &str) -> String {
    format!(
        r#"{{"id":7,"ref":"{scope}","key":"{key}","version":"v","last_accessed_at":"{created}","created_at":"{created}","size_in_bytes":{bytes}}}"#
    )
}

fn page(total: usize, entries: &[String]) -> String {
    format!(r#"{{"total_count":{total},"actions_caches":[{}]}}"#, entries.join(","))
}

fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn of_a_pull_request() -> BTreeMap<String, String> {
    variables(&[
        ("GITHUB_REPOSITORY", "owner/name"),
        ("GITHUB_REF", "refs/pull/3/merge"),
        ("GITHUB_BASE_REF", "main"),
    ])
}

fn four() -> [String; 4] {
    [
        entry("big", "refs/heads/main", 4_000_000_000, "2026-01-01T10:00:00Z"),
        entry("mine", "refs/pull/3/merge", 1_500_000_000, "2026-01-05T10:00:10Z"),
        entry("theirs", "refs/pull/2/merge", 500_000_000, "2026-01-05T10:00:50Z"),
        entry("old", "refs/heads/main", 1_000_000, "2025-12-31T10:00:00Z"),
    ]
}

fn read(text: &str, ci: &BTreeMap<String, String>) -> Quota {
    Quota::read(text, &normal(), ci).unwrap()
}

fn sentences(quota: &Quota) -> String {
    quota.sentences().join("\n")
}

#[test]
fn one_page_several_pages_and_a_list_of_pages_say_the_same() {
    let [a, b, c, d] = four();
    let ci = of_a_pull_request();
    let one = read(&page(4, &four()), &ci);
    let (first, second) = (page(4, &[a, b]), page(4, &[c, d]));
    assert_eq!(read(&format!("{first}\n{second}"), &ci), one);
    assert_eq!(read(&format!("[{first},{second}]"), &ci), one);
    assert_eq!((one.bytes(), one.total), (6_001_000_000, 4));
    let scopes = [
        ("this ref", 1, 1_500_000_000),
        ("its base", 2, 4_001_000_000),
        ("other refs", 1, 500_000_000),
    ];
    assert_eq!(one.scopes(), scopes);
}

#[test]
fn use_forecast_and_pace_are_those_that_can_be_followed_by_hand() {
    let mut quota = read(&page(4, &four()), &of_a_pull_request());
    quota.one = Some(3_000_000_000);
    let text = sentences(&quota);
    for expected in [
        // 6,001 of 10,000 MB.
        "The cache of `owner/name` holds 6001 MB in 4 entries, 60 %",
        "A job of `refs/pull/3/merge` restores entries of that ref, those of `refs/heads/main` and of the default branch",
        "The largest: `big` 4000 MB, `mine` 1500 MB",
        // 3,999 MB are left: one more of 3,000; three refs want 9,000 of 10,000.
        "What this run caches is 3000 MB in archives: there is room for 1 more entry.",
        "One entry for each of 3 refs needs 9000 MB: that fits only when what is there is evicted.",
        // 2,000 MB on the newest day, 14,000 in a week: full after 5 days.
        "The newest day saved 2 entries of 2000 MB; at that pace seven days hold 14000 MB: entries are evicted after 5.0 days",
        "The busiest minute saved 2 entries of the 200 uploads",
    ] {
        assert!(text.contains(expected), "no `{expected}` in\n{text}");
    }
    // 3,999 MB are left for three of 1,333.
    quota.one = Some(1_333_000_000);
    let text = sentences(&quota);
    assert!(
        text.contains("room for 3 more entries.") && text.contains("needs 3999 MB: that fits."),
        "{text}"
    );
    quota.one = Some(4_000_000_000);
    assert!(sentences(&quota).contains("only 2 of 3 are kept, the others are evicted"));
    let fits = room(3_000_000_000, 1, 3, 10_000_000_000);
    assert_eq!((fits.bytes, fits.wanted, fits.kept), (9_000_000_000, 3, 3));
}

#[test]
fn what_is_not_known_is_not_made_up() {
    let quota = read(&page(9, &four()), &BTreeMap::new());
    let text = sentences(&quota);
    assert!(text.contains("lists 4 of 9 entries"), "{text}");
    assert!(!text.contains("A job of"), "{text}");
    assert_eq!(quota.scopes(), [("any ref", 4, 6_001_000_000)]);
    let bare = r#"{"total_count":1,"actions_caches":[{"key":"k","size_in_bytes":5}]}"#;
    let text = sentences(&read(bare, &of_a_pull_request()));
    assert!(!text.contains("newest day") && !text.contains("busiest"), "{text}");
    let empty = read(&page(0, &[]), &of_a_pull_request());
    assert!(sentences(&empty).contains("holds 0 B in 0 entries"));
}

#[test]
fn what_is_not_an_answer_of_the_api_is_refused_with_what_was_expected_and_found() {
    for (text, found) in [
        ("", "found nothing (hint:"),
        ("Error", "found text that is not JSON: expected value at line 1 column 1 (hint:"),
        ("{}", "found an empty object (hint:"),
        ("[1]", "found a number (hint:"),
        (
            r#"{"message":"Not Found","status":"404"}"#,
            "found an object with `message`, `status`, which says `Not Found` (hint:",
        ),
        (
            r#"{"total_count":1,"actions_caches":[{"key":5}]}"#,
            "found an answer that is damaged: invalid type: integer `5`, expected a string (hint:",
        ),
    ] {
        let error = Quota::read(text, &normal(), &BTreeMap::new()).unwrap_err().to_string();
        assert!(error.starts_with("expected objects with `total_count` and `actions_caches`, "));
        assert!(error.contains(found) && error.contains("gh api --paginate"), "{error}");
    }
}

#[test]
fn every_report_for_people_shows_it_and_no_key_can_break_out_of_it() {
    let hostile = entry(
        "</td><script>alert(1)</script> ![x](y) | ` **b**",
        "refs/heads/<b>",
        7_000_000,
        "2026-01-05T10:00:00Z",
    );
    let run = normal();
    let summary = summarise(&run);
    let quota = Quota::read(&page(1, &[hostile]), &run, &of_a_pull_request()).unwrap();
    let beside = Beside { quota: Some(&quota), ..Beside::default() };
    let input = Input { summary: &summary, run: &run, width: 80, colour: false, beside };
    for format in [ReportFormat::Terminal, ReportFormat::Markdown, ReportFormat::Html] {
        let text = format.renderer().render(&input).unwrap();
        assert!(text.contains("CI cache and its quota"), "{format}");
        assert!(format == ReportFormat::Terminal || !text.contains("<script>alert"), "{format}");
        assert!(format != ReportFormat::Markdown || !text.contains("![x]"), "{text}");
        let without = Input { beside: Beside::default(), ..input };
        assert!(!format.renderer().render(&without).unwrap().contains("and its quota"), "{format}");
    }
}
