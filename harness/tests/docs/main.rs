//! What the documentation quotes has an origin: a block that a script writes from kept data, or a constant.

mod by_hand;

use std::fs;
use std::path::Path;
use std::process::Command;

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

/// A page as one line of words, without comments.
fn words(page: &str) -> String {
    let comments = regex::Regex::new("<!--.*?-->").unwrap();
    let words = comments.replace_all(page, "");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
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
    let text = words(&page);
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
    // `-16.7 %` is the gain that the page calls one of 17 %.
    let missed = |noise: &str| rates(noise, "-16.7 %", 4)[0] > 50.0;
    assert!(
        text.contains(
            "on noisy machines the comparison often ends with `ok` before a gain of 17 %"
        )
    );
    assert!(missed("noisy") && !missed("typical"));
}

#[test]
fn sentences_on_steps_agree_with_the_table() {
    let page = words(&read("docs/HISTORY.md"));
    let rows = table(&read("docs/METHOD-statistics.md"), "history");
    assert!(page.contains("About 1 % of series without a step show one."));
    assert!(page.contains("Of 83 examples in three regimes that is two or three"));
    for row in rows {
        let shown: f64 = row[1].parse().unwrap();
        let of_all = shown / 100.0 * 83.0 * 3.0;
        assert!((0.5..1.5).contains(&shown) && (1.5..3.5).contains(&of_all), "{row:?}");
    }
}

#[test]
fn the_level_of_an_interval_is_the_one_that_its_samples_give() {
    // Smallest to largest: all signs equal, either way.
    let level = |n: i32| 100.0 * (1.0 - 2.0 * 0.5_f64.powi(n));
    let page = words(&read("docs/METHOD-statistics.md"));
    let stated = format!("With 6 samples that is minimum to maximum at {:.1} %.", level(6));
    assert!(page.contains(&stated), "`{stated}`");
    for name in ["fastled-uno", "nox-venv"] {
        let stated = format!("({:.1} % for 7 blocks", level(7));
        assert!(
            read(format!("docs/data/results/{name}.md")).contains(&stated),
            "{name}: `{stated}`"
        );
    }
}

#[test]
fn the_network_that_recipes_assume_is_that_of_the_code() {
    let rate = bench_reports::recipe::HOSTED_RESTORE / 1e6;
    let stated = format!("The network is assumed at {rate} MB/s");
    assert!(read("docs/data/CI_CACHE.head.md").contains(&stated), "`{stated}`");
}
