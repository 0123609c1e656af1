//! What is said about a file that is not a scenario.

mod caches;
mod gates;
mod keys;
mod parts;
mod references;
mod values;

use std::path::Path;

use bench::scenario::Problems;
use bench::scenario::Scenario;

fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn parse(text: &str) -> Result<Scenario, Problems> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario/full");
    Scenario::parse(text, Path::new("scenario.toml"), &dir, "sample")
}

/// A valid file with more text at its end.
fn with(more: &str) -> Result<Scenario, Problems> {
    let base = "[scenario]\ntitle = \"t\"\n[[phase]]\nname = \"build\"\nmeasured = true\nrun = [\"make\"]\n";
    assert!(parse(base).is_ok());
    parse(&format!("{base}{more}\n"))
}

/// Exactly these messages, each a part of one problem in the order of the text.
#[track_caller]
fn refused(result: Result<Scenario, Problems>, messages: &[&str]) {
    let problems = result.expect_err("it was accepted");
    let found: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), messages.len(), "{found:#?}");
    for (found, wanted) in found.iter().zip(messages) {
        assert!(found.contains(wanted), "`{wanted}` is not in `{found}`");
    }
}

#[test]
fn every_problem_of_a_file_is_shown_at_once() {
    let problems = parse(&data("broken.toml")).unwrap_err();
    assert!(problems.0.len() >= 25, "{}", problems.0.len());
    insta::assert_snapshot!(problems.render(false));
}

#[test]
fn colour_is_used_only_where_it_is_asked_for() {
    let problems = parse("x = 1").unwrap_err();
    assert!(!problems.render(false).contains('\u{1b}'));
    assert!(problems.render(true).contains('\u{1b}'));
}

#[test]
fn a_problem_is_placed_by_line_and_character_not_by_byte() {
    let problems = with("[env]\nset = { \"ÄÖÜ\" = \"a\", B = \"ß{nope}\" }").unwrap_err();
    let places: Vec<_> = problems.0.iter().map(|p| (p.line, p.column)).collect();
    assert_eq!(places, [(8, 9), (8, 28)], "{problems}");
}

#[test]
fn broken_syntax_is_reported_beside_what_can_still_be_read() {
    refused(parse("[scenario\n"), &["invalid TOML"]);
    let text = "[scenario]\ntitle = \"t\ntitel = \"x\"\n[[phase]]\nname = \"b\"\nmeasured = 1\nrun = [\"b\"]\n";
    let problems = parse(text).unwrap_err().to_string();
    assert!(problems.contains("invalid TOML"), "{problems}");
    assert!(problems.contains("expected `true` or `false`"), "{problems}");
    assert!(!problems.contains("has no `"), "what is missing may be unreadable: {problems}");
}
