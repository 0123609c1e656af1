//! Paths of caches.

use crate::{refused, with};

#[test]
fn a_cache_path_that_escapes_its_root_is_refused() {
    for path in [
        "/",
        "/tmp/x",
        "~",
        "~/x",
        "..",
        "",
        "x",
        "{cache}",
        "{cache}/",
        "{home}//",
        "{cache}/..",
        "{cache}/a/../../b",
        "{cache}/./a",
        "{cache}//a",
        "{home}/~/a",
        "{temp}/a",
        "{tools}/a",
        "{scenario}/a",
        "a{cache}/b",
        "{cache}x",
        "{cache}{home}/a",
        "{cache}/{home}",
        "{cache}/a\\\\..\\\\b",
        "{cache}/c:",
        "{cache}/a\\nb",
        "{cache}/{param.p}",
    ] {
        let result =
            with(&format!("[params]\np = [\"..\"]\n[[cache]]\nname = \"a\"\npath = \"{path}\""));
        refused(result, &["cache path `"]);
    }
    assert!(with("[[cache]]\nname = \"a\"\npath = \"{cache}/a/b..c/\"").is_ok());
}

#[test]
fn caches_that_can_be_active_together_do_not_overlap() {
    let two = |one: &str, other: &str| {
        with(&format!(
            "[params]\nl = [\"x\", \"y\"]\n[[cache]]\nname = \"a\"\n{one}\n[[cache]]\nname = \"b\"\n{other}"
        ))
    };
    refused(
        two("path = \"{cache}/a\"", "path = \"{cache}/a/b\""),
        &["cache `b` overlaps cache `a`"],
    );
    refused(
        two("path = \"{cache}/a/b\"", "path = \"{cache}/a\""),
        &["cache `b` overlaps cache `a`"],
    );
    assert!(two("path = \"{cache}/a\"", "path = \"{cache}/ab\"").is_ok());
    assert!(two("path = \"{cache}/a\"", "path = \"{home}/a\"").is_ok());
    let (x, y) = (
        "path = \"{cache}/a\"\nwhen = { l = \"x\" }",
        "path = \"{cache}/a\"\nwhen = { l = \"y\" }",
    );
    assert!(two(x, y).is_ok());
    refused(two(x, "path = \"{cache}/a\"\nwhen = { l = [\"x\", \"y\"] }"), &["overlaps"]);
}
