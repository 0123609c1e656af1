//! No figure in prose was typed without a reason. The reason stands where the figure does, as a comment of
//! Markdown, so that editing prose is editing prose:
//!
//! * `<!-- by hand: REASON -->` at the end of a line: its figures were not measured;
//! * `<!-- constant: NAME, NAME -->` at the end of a line: it states these constants of the code, as they are now.
//!
//! Figures of generated blocks, of options such as `--size-limit 500MB` and of `{{...}}` need none.

use std::fs;
use std::path::{Path, PathBuf};

use bench_reports::explain::{BREAKS_SECONDS, KEEPS, KEEPS_SECONDS, REPEATS_SECONDS};
use bench_reports::stats::{INTERVAL_LEVEL, INTERVAL_SAMPLES};
use bench_reports::{quota, stats};
use regex::Regex;

use crate::{read, root};

/// Pages with answers of commands whose documents are not kept in `docs/data`, so that nothing can fill them in.
const ANSWERS: [&str; 1] = ["judge.md"];

/// A constant of the code as pages write it.
fn constant(name: &str) -> Option<String> {
    let percent = |share: f64| format!("{} %", (share * 1e6).round() / 1e4);
    Some(match name {
        "INTERVAL_LEVEL" => percent(INTERVAL_LEVEL),
        "INTERVAL_SAMPLES" => INTERVAL_SAMPLES.to_string(),
        "QUOTA" => format!("{} GB", quota::LIMIT / 1_000_000_000),
        "KEEPS_SECONDS" => KEEPS_SECONDS.to_string(),
        "BREAKS_SECONDS" => BREAKS_SECONDS.to_string(),
        "REPEATS_SECONDS" => REPEATS_SECONDS.to_string(),
        "KEEPS_LOSS" => percent(1.0 - KEEPS),
        "FLAG_STEP" => percent(stats::FLAG_STEP),
        _ => return None,
    })
}

/// The text of a page outside the blocks that scripts write and the answers in its code blocks.
fn by_hand(page: &str, results: bool) -> String {
    let (mut inside, mut fenced) = (false, false);
    let mut text = String::new();
    for line in page.lines() {
        inside |= line.starts_with("<!-- ") && line.contains(": begin");
        // Code blocks of results are what commands printed.
        fenced ^= results && line.starts_with("```");
        if !inside && !fenced {
            text.push_str(line);
            text.push('\n');
        }
        inside &= !(line.starts_with("<!-- ") && line.contains(": end"));
    }
    text
}

/// Every page but those that are written as a whole (`CI_CACHE.md`, `RESULTS.md`, `results`), and what these are
/// written from.
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("README.md"), PathBuf::from("docs/data/CI_CACHE.head.md")];
    for directory in ["docs", "docs/data/results"] {
        for entry in fs::read_dir(root().join(directory)).unwrap() {
            let name = PathBuf::from(entry.unwrap().file_name());
            let written = ["CI_CACHE.md", "RESULTS.md"].iter().any(|page| name == Path::new(page));
            let answers = ANSWERS.iter().any(|page| name == Path::new(page));
            if name.extension().is_some_and(|end| end == "md") && !written && !answers {
                pages.push(Path::new(directory).join(name));
            }
        }
    }
    pages
}

/// A line without its comments, and what they say: a reason, the constants that it states.
fn annotated(line: &str) -> (String, bool, Vec<String>) {
    let (mut by_hand, mut constants) = (false, Vec::new());
    let mut rest = line.to_owned();
    while let Some((before, after)) = rest.split_once("<!-- ")
        && let Some((comment, after)) = after.split_once("-->")
    {
        if let Some(reason) = comment.strip_prefix("by hand:") {
            by_hand |= !reason.trim().is_empty();
        } else if let Some(names) = comment.strip_prefix("constant:") {
            constants.extend(names.split(',').map(|name| name.trim().to_owned()));
        }
        rest = format!("{before}{after}");
    }
    (rest, by_hand, constants)
}

#[test]
fn a_figure_in_prose_is_a_constant_of_the_code_or_says_why_it_was_typed() {
    let quantity = Regex::new(
        r"(?:^|[^\w.])(\d[\d.,]* ?(?:ns|µs|ms|s|min|minutes|kB|MB|GB|KiB|MiB|GiB|x|times|points)\b|\d[\d.,]* ?(?:%|per cent)|\d+ of \d+)",
    )
    .unwrap();
    // A figure that a script fills in, and the value of an option.
    let free = Regex::new(r"\{\{[^}]*\}\}|--[a-z-]+[ =]\S+").unwrap();
    // Bold figures of the method are constants; a test of bench-reports compares each with the code.
    let bold = Regex::new(r"\*\*[^*]*\*\*").unwrap();
    let (mut wrong, mut stated) = (Vec::new(), 0);
    for path in pages() {
        let name = path.to_string_lossy().into_owned();
        let results = name.starts_with("docs/data/results");
        for line in by_hand(&read(&path), results).lines() {
            let (line, by_hand, constants) = annotated(line);
            let mut rest = free.replace_all(&line, "").into_owned();
            for constant_name in &constants {
                stated += 1;
                match constant(constant_name) {
                    Some(value) if rest.contains(&value) => rest = rest.replace(&value, ""),
                    Some(value) => wrong.push(format!(
                        "{name}: {constant_name} is {value}, which is not in: {line}"
                    )),
                    None => wrong.push(format!("{name}: no constant `{constant_name}`: {line}")),
                }
            }
            if name.starts_with("docs/METHOD") {
                rest = bold.replace_all(&rest, "").into_owned();
            }
            let found: Vec<&str> =
                quantity.captures_iter(&rest).map(|found| found.get(1).unwrap().as_str()).collect();
            match (found.as_slice(), by_hand) {
                ([], true) => wrong.push(format!("{name}: no figure by hand is in: {line}")),
                ([], false) | ([_, ..], true) => {}
                (found, false) => {
                    wrong.push(format!("{name}: `{}` in: {line}", found.join("`, `")));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "figures by hand (hint: let a script write them from docs/data, leave them out, or end the line with \
         `<!-- by hand: REASON -->`):\n{}",
        wrong.join("\n")
    );
    assert!(stated > 5, "only {stated} constants are stated");
}
