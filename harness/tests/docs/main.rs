//! What the documentation quotes has an origin: a block that a script writes from kept data, or a constant.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the harness lies in the project")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn pages_quote_what_their_data_say() {
    let made = tempfile::tempdir().unwrap();
    let status = Command::new("sh")
        .arg(root().join("scripts/docs-figures"))
        .arg("--text")
        .arg(made.path())
        .env("BENCH", env!("CARGO_BIN_EXE_bench"))
        .status()
        .unwrap();
    assert!(status.success());
    for (name, kept) in
        [("README.md", "README.md"), ("METHOD-statistics.md", "docs/METHOD-statistics.md")]
    {
        let (made, text) = (fs::read_to_string(made.path().join(name)).unwrap(), read(kept));
        for (number, (made, kept_line)) in (1..).zip(made.lines().zip(text.lines())) {
            assert_eq!(
                made, kept_line,
                "{kept}:{number} is out of date (run scripts/docs-figures)"
            );
        }
        assert_eq!(made.len(), text.len(), "{kept} is out of date (run scripts/docs-figures)");
    }
}

#[test]
fn the_picture_is_of_the_run_that_the_readme_quotes() {
    let records = read("docs/data/runs/cargo-workspace/records.ndjson");
    let run: serde_json::Value = serde_json::from_str(records.lines().next().unwrap()).unwrap();
    let id = run["id"].as_str().unwrap();
    assert!(read("README.md").contains(&format!("run {id}")), "the README quotes another run");
    assert_eq!(read("docs/images/report.run").trim(), id, "run scripts/docs-figures");
    let picture = fs::read(root().join("docs/images/report.png")).unwrap();
    assert!(picture.starts_with(b"\x89PNG\r\n"));
}

/// The rows of a generated table, a list of cells each.
fn table(page: &str, name: &str) -> Vec<Vec<String>> {
    let (_, rest) = page.split_once(&format!("<!-- {name}: begin")).expect("it has the block");
    let (block, _) = rest.split_once(&format!("<!-- {name}: end")).expect("the block ends");
    block
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

#[test]
fn sentences_on_the_error_rates_agree_with_the_tables() {
    let page = read("docs/METHOD-statistics.md");
    let rows = table(&page, "procedure");
    let text = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let rates = |noise: &str, change: &str, column: usize| -> Vec<f64> {
        let of = |row: &&Vec<String>| (noise.is_empty() || row[0] == noise) && row[1] == change;
        rows.iter().filter(of).map(|row| row[column].parse().unwrap()).collect()
    };
    let largest = |rates: &[f64]| rates.iter().copied().fold(f64::MIN, f64::max);
    let (regressed, improved) = (2, 3);
    assert!(text.contains("fewer than 1 % are called regressed and fewer than 1 % improved"));
    assert!(largest(&rates("", "+0.0 %", regressed)) < 1.0);
    assert!(largest(&rates("", "+0.0 %", improved)) < 1.0);
    for stated in [
        format!(
            "of exactly the floor {:.1} % are called",
            largest(&rates("", "+2.0 %", regressed))
        ),
        format!(
            "A slowdown of 20 % is found in all typical and {:.0} % of noisy runs",
            rates("noisy", "+20.0 %", regressed)[0]
        ),
    ] {
        assert!(text.contains(&stated), "the page does not say `{stated}`");
    }
    assert_eq!(rates("typical", "+20.0 %", regressed), [100.0]);
}

/// A time or size that stands in a page: on this page, these words, because.
const NOT_MEASURED: [(&str, &str, &str); 11] = [
    ("README.md", "--size-limit 500MB", "an option's value"),
    ("docs/ABLATE.md", "--size-limit 500MB", "an option's value"),
    ("docs/ABLATE.md", "10 GB, and how many entries fit", "GitHub's quota"),
    ("docs/CI.md", "`max-bytes` (16 MiB)", "a default of the action"),
    ("docs/EXPLAIN.md", "up to 1 MiB each", "a limit of the code"),
    ("docs/FLEET.md", "throttles in slices of 100 ms", "the period of the kernel's quota"),
    ("docs/METHOD.md", "/ 60 minutes", "a formula"),
    ("docs/METHOD.md", "--transfer-rate 91MB/s", "an option's value"),
    ("docs/RECORD.md", "example at position 1, s |", "a field and its unit"),
    ("docs/REPORTS.md", "would take of the 10 GB", "GitHub's quota"),
    ("docs/SCENARIOS.md", "* **duration**: `10s`", "the syntax of durations"),
];

/// The text of a page outside the blocks that scripts write.
fn by_hand(page: &str) -> String {
    let mut inside = false;
    let mut text = String::new();
    for line in page.lines() {
        if line.starts_with("<!-- ") && line.contains(": begin") {
            inside = true;
        }
        if !inside {
            text.push_str(line);
            text.push('\n');
        }
        if line.starts_with("<!-- ") && line.contains(": end") {
            inside = false;
        }
    }
    text
}

/// Every page but those that are written as a whole (`CI_CACHE.md`) or are results themselves (`RESULTS.md`).
fn pages() -> Vec<PathBuf> {
    let mut pages = vec![PathBuf::from("README.md")];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = PathBuf::from(entry.unwrap().file_name());
        let written = ["CI_CACHE.md", "RESULTS.md"].iter().any(|page| name == Path::new(page));
        if name.extension().is_some_and(|end| end == "md") && !written {
            pages.push(Path::new("docs").join(name));
        }
    }
    pages
}

#[test]
fn the_network_that_recipes_assume_is_that_of_the_code() {
    let rate = bench_reports::recipe::HOSTED_RESTORE / 1e6;
    let stated = format!("The network is assumed at {rate} MB/s");
    assert!(read("docs/data/CI_CACHE.head.md").contains(&stated), "`{stated}`");
}

#[test]
fn times_and_sizes_in_prose_are_no_measurements() {
    let quantity =
        Regex::new(r"(?:^|[^\w.])(\d[\d.,]* ?(?:ns|µs|ms|s|min|minutes|kB|MB|GB|KiB|MiB|GiB))\b")
            .unwrap();
    let mut seen = vec![false; NOT_MEASURED.len()];
    let mut unknown = Vec::new();
    for path in pages() {
        let name = path.to_string_lossy().into_owned();
        for line in by_hand(&read(&path)).lines() {
            let known: Vec<usize> = (0..NOT_MEASURED.len())
                .filter(|index| {
                    NOT_MEASURED[*index].0 == name && line.contains(NOT_MEASURED[*index].1)
                })
                .collect();
            for index in &known {
                seen[*index] = true;
            }
            if known.is_empty()
                && let Some(found) = quantity.captures(line)
            {
                unknown.push(format!("{name}: `{}` in: {line}", &found[1]));
            }
        }
    }
    assert!(
        unknown.is_empty(),
        "figures by hand (hint: let a script write them from docs/data, leave them out, or, if nothing was measured, \
         list them in NOT_MEASURED):\n{}",
        unknown.join("\n")
    );
    for (index, seen) in seen.iter().enumerate() {
        assert!(seen, "{:?} is on no page any more", NOT_MEASURED[index]);
    }
}
