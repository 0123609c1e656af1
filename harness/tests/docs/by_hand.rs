//! No figure in prose was typed: what looks like one is an option, a constant or somebody else's, and listed here.

use std::fs;
use std::path::{Path, PathBuf};

use bench::explain::{BREAKS_SECONDS, KEEPS, KEEPS_SECONDS, REPEATS_SECONDS};
use bench_reports::summary::{INTERVAL_LEVEL, INTERVAL_SAMPLES};
use bench_reports::{quota, stats};
use regex::Regex;

use crate::{read, root};

/// What looks like a figure and was not measured: on this page, these words, because.
const NOT_MEASURED: [(&str, &str, &str); 41] = [
    ("README.md", "--size-limit 500MB", "an option's value"),
    ("docs/ABLATE.md", "--size-limit 500MB", "an option's value"),
    ("docs/ABLATE.md", "100 % is a cache that does nothing", "a definition"),
    ("docs/ABLATE.md", "saving is below 5 % of the time", "a rule"),
    ("docs/ABLATE.md", "Sets within 5 % of", "a rule"),
    ("docs/CI.md", "`max-bytes` (16 MiB)", "a default of the action"),
    ("docs/EXPLAIN.md", "up to 1 MiB each", "a limit of the code"),
    ("docs/FLEET.md", "throttles in slices of 100 ms", "the period of the kernel's quota"),
    ("docs/HISTORY.md", "About 1 % of series", "a test compares it with the table"),
    ("docs/METHOD.md", "interval, 95 % or more", "a promise"),
    ("docs/METHOD.md", "/ 60 minutes", "a formula"),
    ("docs/METHOD.md", "--transfer-rate 91MB/s", "an option's value"),
    ("docs/METHOD.md", "sum is more than 5 % above", "a rule"),
    ("docs/METHOD-statistics.md", "a rate near 2 % is known to", "arithmetic"),
    ("docs/METHOD-statistics.md", "about 0.2 points; figures below 0.1 % are", "arithmetic"),
    ("docs/METHOD-statistics.md", "maximum at 96.9 %.", "a test works it out"),
    ("docs/METHOD-statistics.md", "With 5 no 95 % interval", "arithmetic"),
    ("docs/METHOD-statistics.md", "of 3 % is not worth a red build", "an opinion"),
    ("docs/METHOD-statistics.md", "(2.33 for 1 %, 0.97 for 83 %)", "quantiles"),
    ("docs/METHOD-statistics.md", "fewer than 1 % are called", "a test compares it with the table"),
    ("docs/METHOD-statistics.md", "fewer than 1 % improved", "a test compares it with the table"),
    ("docs/METHOD-statistics.md", "exactly the floor 2.2 %", "a test compares it with the table"),
    (
        "docs/METHOD-statistics.md",
        "A slowdown of 20 % is found in all typical and 97 % of noisy runs",
        "the same",
    ),
    (
        "docs/METHOD-statistics.md",
        "before a gain of 17 % is shown",
        "a test compares it with the table",
    ),
    ("docs/METHOD-statistics.md", "the 1 % point of series without a step", "a definition"),
    ("docs/METHOD-statistics.md", "Measured on series with 5 % noise", "what was simulated"),
    ("docs/RECORD.md", "example at position 1, s |", "a field and its unit"),
    ("docs/RECORD.md", "known to 0.1 %)", "the width of a bucket"),
    ("docs/RECORD.md", "| 99 of 100 |", "a definition"),
    (
        "docs/SCENARIOS.md",
        "* **duration**: `10s`, `5m`, `500ms`, `1.5h`, `1m 30s`",
        "the syntax of durations",
    ),
    (
        "docs/SCENARIOS.md",
        "* **percentage**: `\"5%\"`, or `0.05`; never above 100 %",
        "the syntax of percentages",
    ),
    ("docs/data/CI_CACHE.head.md", "assumed at 91 MB/s", "a test compares it with the code"),
    ("docs/data/results/fastled-uno.md", "phase below 10 s", "the question"),
    ("docs/data/results/fastled-uno.md", "(98.4 % for 7 blocks)", "a test works it out"),
    ("docs/data/results/fastled-uno.md", "compile <= 10 s", "a gate of the scenario"),
    ("docs/data/results/fastled-uno.md", "examples 2.. <= 1 s", "a gate of the scenario"),
    ("docs/data/results/fastled-uno.md", "3 spawn attempts (10s each)", "words of fbuild"),
    ("docs/data/results/index.md", "warm compile below 10 s", "the question"),
    ("docs/data/results/index.md", "an index of 50 ms a request", "a setting of the run"),
    ("docs/data/results/nox-venv.md", "(98.4 % for 7 blocks", "a test works it out"),
    ("docs/data/results/uv-tests.md", "wait for 50 ms", "a setting of the run"),
];

/// Pages with answers of commands whose documents are not kept in `docs/data`, so that nothing can fill them in.
const ANSWERS: [&str; 1] = ["judge.md"];

/// Constants that pages state, as the code has them.
fn constants() -> Vec<(&'static str, String)> {
    let percent = |share: f64| format!("{} %", (share * 1e6).round() / 1e4);
    let level = percent(INTERVAL_LEVEL);
    let quota = format!("{} GB", quota::LIMIT / 1_000_000_000);
    vec![
        ("docs/ABLATE.md", format!("interval at {level}.")),
        ("docs/ABLATE.md", format!("An interval takes {INTERVAL_SAMPLES} blocks")),
        ("docs/ABLATE.md", format!("{quota}, and how many entries fit")),
        ("docs/EXPLAIN.md", format!("signed-rank interval at {level}.")),
        ("docs/EXPLAIN.md", format!("at or above {KEEPS_SECONDS} for `keeps`")),
        ("docs/EXPLAIN.md", format!("{BREAKS_SECONDS} for `breaks`")),
        (
            "docs/EXPLAIN.md",
            format!("default is {REPEATS_SECONDS} repetitions; below {INTERVAL_SAMPLES}"),
        ),
        ("docs/EXPLAIN.md", format!("no interval at {level} and hence no verdict")),
        ("docs/EXPLAIN.md", format!("costs less than {} of the hits", percent(1.0 - KEEPS))),
        (
            "docs/METHOD-statistics.md",
            format!("({} at least), `ok` when", percent(stats::FLAG_STEP)),
        ),
        ("docs/RECORD.md", format!("the step of {} at least", percent(stats::FLAG_STEP))),
        ("docs/REPORTS.md", format!("would take of the {quota}")),
    ]
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

#[test]
fn pages_state_the_constants_of_the_code() {
    for (page, stated) in constants() {
        assert!(read(page).contains(&stated), "{page} does not say `{stated}`");
    }
}

#[test]
fn figures_in_prose_are_no_measurements() {
    let quantity = Regex::new(
        r"(?:^|[^\w.])(\d[\d.,]* ?(?:ns|µs|ms|s|min|minutes|kB|MB|GB|KiB|MiB|GiB|x|times|points)\b|\d[\d.,]* ?(?:%|per cent)|\d+ of \d+)",
    )
    .unwrap();
    // `{{...}}` is a figure that a script fills in.
    let filled_in = Regex::new(r"\{\{[^}]*\}\}").unwrap();
    // Bold figures of the method are constants; a test of bench-reports compares each with the code.
    let bold = Regex::new(r"\*\*[^*]*\*\*").unwrap();
    let constants = constants();
    let known = || {
        let listed = NOT_MEASURED.iter().map(|(page, words, _)| (*page, *words));
        listed.chain(constants.iter().map(|(page, words)| (*page, words.as_str())))
    };
    let mut seen = vec![false; known().count()];
    let mut unknown = Vec::new();
    for path in pages() {
        let name = path.to_string_lossy().into_owned();
        let results = name.starts_with("docs/data/results");
        for line in by_hand(&read(&path), results).lines() {
            let mut rest = filled_in.replace_all(line, "").into_owned();
            for (index, (_, words)) in known().enumerate().filter(|(_, (page, _))| *page == name) {
                seen[index] |= rest.contains(words);
                rest = rest.replace(words, "");
            }
            if name.starts_with("docs/METHOD") {
                rest = bold.replace_all(&rest, "").into_owned();
            }
            let found = quantity.captures_iter(&rest).map(|found| found[1].to_owned());
            unknown.extend(found.map(|found| format!("{name}: `{found}` in: {line}")));
        }
    }
    assert!(
        unknown.is_empty(),
        "figures by hand (hint: let a script write them from docs/data, leave them out, or, if nothing was measured, \
         list them in NOT_MEASURED):\n{}",
        unknown.join("\n")
    );
    for (words, seen) in known().zip(seen) {
        assert!(seen, "{words:?} is on no page any more");
    }
}
