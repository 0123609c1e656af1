//! `bench import`: results of other tools become records that say what the tool said, and nothing else.

mod common;

use std::fs;
use std::process::Output;

use bench::formats::import::{self, ImportFormat, Results};
use bench_record::{Design, LoadedRun, Outcome, Regime};
use common::{Project, load};
use proptest::prelude::*;

const HYPERFINE: &str = include_str!("data/import/hyperfine.json");
const CRITERION: &str = include_str!("data/import/criterion.sample.json");
const ESTIMATES: &str = include_str!("data/import/criterion.estimates.json");
const GRADLE: &str = include_str!("data/import/gradle-profiler.benchmark.long.csv");
const JUNIT: &str = include_str!("data/import/junit.xml");

/// A directory with these result files.
fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::new("", &[]);
    for (path, content) in files {
        project.write(path, content);
    }
    project
}

fn bench(project: &Project, args: &[&str]) -> Output {
    project.bench(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn imported(content: &str, extra: &[&str]) -> (Project, String) {
    let project = project(&[("results", content)]);
    let output = bench(&project, &[&["import", "results", "--out", "out"], extra].concat());
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stdout}{stderr}");
    (project, stdout)
}

fn walls(run: &LoadedRun) -> Vec<u64> {
    run.samples.iter().map(|(sample, _)| sample.wall_ns).collect()
}

#[test]
fn each_hyperfine_command_is_a_run_with_its_parameters_and_one_sample_a_time() {
    let (project, _) = imported(HYPERFINE, &[]);
    let short = load(&project.path("out/short"));
    assert_eq!(
        walls(&short),
        [20_468_509, 67_215_783, 16_260_428, 19_953_718, 71_224_875],
        "seconds are rounded to the nearest nanosecond"
    );
    assert_eq!(short.run.params["n"], "0.01");
    assert_eq!(load(&project.path("out/long")).run.params["n"], "0.02");
    assert!(project.path("out/long/summary.json").is_file());
}

#[test]
fn an_imported_run_claims_no_regime_no_order_and_no_machine() {
    for (content, format) in [
        (HYPERFINE, "hyperfine"),
        (CRITERION, "criterion"),
        (GRADLE, "gradle-profiler"),
        (JUNIT, "junit"),
    ] {
        let (project, _) = imported(content, &[]);
        let dir = if format == "hyperfine" { "out/short" } else { "out" };
        let run = load(&project.path(dir));
        assert_eq!(run.run.design, Design::Sequential, "{format}");
        assert_eq!(run.run.imported.as_ref().unwrap().format, format);
        assert_eq!(run.run.options.regimes, [Regime::Unknown]);
        assert!(run.samples.iter().all(|(sample, _)| sample.regime == Regime::Unknown));
        assert!(run.run.host.cpu.is_none() && run.run.host.cores.is_none());
        assert!(run.end.is_some());
        let output = bench(&project, &["gate", dir]);
        assert_eq!(output.status.code(), Some(2), "{format}: an imported run was judged");
    }
}

#[test]
fn the_records_are_these() {
    let failing =
        r#"{"results":[{"command":"make -j2","times":[1.5,0.000000001],"exit_codes":[0,3]}]}"#;
    let (project, _) = imported(failing, &[]);
    insta::with_settings!({filters => vec![
        (r"\d{8}T\d{6}Z-([a-z0-9.-]+)-[a-z0-9]{4}", "STAMP-$1-RAND"),
        (r#""(started|at)":"[^"]*""#, r#""$1":"TIME""#),
        (r#""comparability":"[0-9a-f]{64}""#, r#""comparability":"DIGEST""#),
        (r#""bench":"[^"]*""#, r#""bench":"VERSION""#),
    ]}, {
        insta::assert_snapshot!(fs::read_to_string(project.path("out/records.ndjson")).unwrap());
    });
}

#[test]
fn a_command_that_failed_is_a_failed_sample_with_its_exit_code() {
    let content = r#"{"results":[{"command":"x","times":[1,2,3],"exit_codes":[0,3,null]}]}"#;
    let (project, stdout) = imported(content, &[]);
    let run = load(&project.path("out"));
    let ends: Vec<_> = run.samples.iter().map(|(s, _)| (s.outcome, s.reason.as_deref())).collect();
    assert_eq!(
        ends,
        [
            (Outcome::Ok, None),
            (Outcome::Failed, Some("exit code 3")),
            (Outcome::Failed, Some("ended by a signal"))
        ]
    );
    assert!(stdout.contains("1/3") && stdout.contains("2 samples failed"), "{stdout}");
}

#[test]
fn a_criterion_sample_is_the_time_of_one_iteration() {
    let project = project(&[("target/criterion/parse/new/sample.json", CRITERION)]);
    let file = "target/criterion/parse/new/sample.json";
    let output = bench(&project, &["import", file, "--out", "out"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("whole nanoseconds"), "{}", text(&output.stderr));
    let run = load(&project.path("out"));
    assert_eq!(run.run.scenario.name, "parse");
    assert_eq!(walls(&run), [195, 55, 69, 42, 68, 48, 73, 27, 13, 103]);
}

#[test]
fn warm_ups_of_gradle_profiler_are_no_samples_and_other_values_are_named_as_left_out() {
    let row = |phase: &str, iteration: u32, value: &str, time: &str| {
        format!("clean build,Gradle 9,assemble,{phase},{iteration},{value},{time},1\n")
    };
    let csv = [
        "Scenario,Tool,Tasks,Phase,Iteration,Sample,Duration,Count\n".to_owned(),
        row("WARM_UP", 1, "total execution time", "9000.00"),
        row("WARM_UP", 1, "garbage collection time", "20.00"),
        row("MEASURE", 1, "total execution time", "1234.56"),
        row("MEASURE", 1, "garbage collection time", "12.00"),
        row("MEASURE", 2, "total execution time", "1300.01"),
        "abi change,Gradle 9,assemble,MEASURE,1,total execution time,5.00,1\n".to_owned(),
    ]
    .concat();
    let project = project(&[("benchmark.csv", &csv)]);
    let output = bench(&project, &["import", "benchmark.csv", "--out", "out"]);
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(
        stderr.contains("1 warm-up") && stderr.contains("`garbage collection time`"),
        "{stderr}"
    );
    let clean = load(&project.path("out/clean-build"));
    assert_eq!(walls(&clean), [1_234_560_000, 1_300_010_000]);
    assert_eq!(clean.run.params["tool"], "Gradle 9");
    assert_eq!(walls(&load(&project.path("out/abi-change"))), [5_000_000]);
}

#[test]
fn a_junit_report_is_one_sample_and_several_are_as_many() {
    let project = project(&[("one.xml", JUNIT), ("two.xml", JUNIT)]);
    let output = bench(&project, &["import", "one.xml", "two.xml", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let run = load(&project.path("out"));
    assert_eq!(walls(&run), [23_900_000_000, 23_900_000_000]);
    let (_, examples) = &run.samples[1];
    assert_eq!(examples[0].wall_ns, 21_450_000_000);
    assert_eq!((examples[1].outcome, examples[1].position), (Outcome::Failed, 2));
    assert_eq!(examples[1].reason.as_deref(), Some("exit status 1"));
}

#[test]
fn a_name_that_is_given_replaces_the_tools_own_which_stays_as_a_param() {
    let (project, _) = imported(HYPERFINE, &["--scenario", "shell start"]);
    let run = load(&project.path("out/short"));
    assert_eq!(run.run.scenario.name, "shell start");
    assert_eq!(run.run.params["command"], "short");
}

#[test]
fn the_report_says_what_it_is_in_one_line_and_fits_80_columns() {
    let name = "long-name ".repeat(20);
    let content = HYPERFINE.replace("\"long\"", &format!("\"{name}\\u001b[31m\""));
    let (_, stdout) = imported(&content, &[]);
    assert!(
        stdout.lines().any(|line| line
            == "! imported from hyperfine: sequential, not randomised; no verdict can rest on it"),
        "{stdout}"
    );
    assert!(!stdout.contains('\u{1b}'));
    for line in stdout.lines() {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
    }
    // Words of a comparison that was not made.
    for word in ["cold", "faster", "proven:"] {
        assert!(!stdout.contains(word), "`{word}` in:\n{stdout}");
    }
    insta::with_settings!({filters => vec![
        (r"\d{8}T\d{6}Z-([a-z0-9.-]+)-[a-z0-9]{4}", "STAMP-$1-RAND"),
    ]}, {
        insta::assert_snapshot!(imported(JUNIT, &[]).1);
    });
}

#[test]
fn every_format_of_the_report_can_show_it() {
    let (project, _) = imported(JUNIT, &[]);
    for format in ["markdown", "json", "csv"] {
        let output = bench(&project, &["report", "out", "--format", format]);
        assert_eq!(output.status.code(), Some(0), "{format}");
    }
    let markdown = text(&bench(&project, &["report", "out", "--format", "markdown"]).stdout);
    assert!(markdown.contains("no verdict can rest on it"), "{markdown}");
    assert!(!markdown.contains("cut short"), "{markdown}");
    let csv = text(&bench(&project, &["report", "out", "--format", "csv"]).stdout);
    assert!(csv.contains(",ok,sample,,,23.900000000,,,"), "CPU time is not known: {csv}");
}

#[test]
fn malformed_input_is_refused_with_its_place_and_leaves_nothing() {
    let cut = &HYPERFINE[..400];
    let cases: [(&str, &str, &[&str]); 18] = [
        ("hyperfine", cut, &["line 19, column", "EOF"]),
        ("hyperfine", r#"{"results":[]}"#, &["no results"]),
        (
            "hyperfine",
            r#"{"results":[{"command":"x","times":[]}]}"#,
            &["unit 1", "`x` has no times"],
        ),
        (
            "hyperfine",
            r#"{"results":[{"command":"x"}]}"#,
            &["line 1, column 27", "missing field `times`"],
        ),
        (
            "hyperfine",
            "{\"results\":[{\"command\":\"x\",\n\"times\":[1,-1]}]}",
            &["line 2, column 14", "time -1"],
        ),
        ("hyperfine", r#"{"results":[{"command":"x","times":["1"]}]}"#, &["expected f64"]),
        (
            "hyperfine",
            r#"{"results":[{"command":"x","times":[1e300]}]}"#,
            &["time 1e300, expected seconds"],
        ),
        (
            "hyperfine",
            r#"{"results":[{"command":"x","times":[1,2],"exit_codes":[0]}]}"#,
            &["unit 1", "expected the same number"],
        ),
        ("criterion", ESTIMATES, &["estimates, not samples", "sample.json"]),
        ("criterion", r#"{"iters":[1,2],"times":[5]}"#, &["expected the same number"]),
        ("criterion", r#"{"iters":[1,0],"times":[5,5]}"#, &["unit 2", "at least 1"]),
        ("criterion", r#"{"iters":[1],"times":[-5]}"#, &["unit 1", "time -5"]),
        ("gradle-profiler", "scenario,a\nversion,b\n", &["line 1", "--csv-format long"]),
        (
            "gradle-profiler",
            &GRADLE.replace("21450.00", "21450,00"),
            &["line 2", "9 fields, expected 8"],
        ),
        ("gradle-profiler", &GRADLE.replace("21450.00", "NaN"), &["line 2", "duration `NaN`"]),
        ("gradle-profiler", &GRADLE.replace("MEASURE", "WARM_UP"), &["has no times"]),
        ("junit", "<testsuite/>", &["no test case"]),
        ("junit", "<!DOCTYPE x [<!ENTITY a \"b\">]><testsuite/>", &["document type is refused"]),
    ];
    for (format, content, wanted) in cases {
        let project = project(&[("bad.file", content)]);
        let before = fs::read_dir(project.path(".")).unwrap().count();
        let output =
            bench(&project, &["import", "bad.file", "--format", format, "--out", "sub/out"]);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{content}: {stderr}");
        for part in wanted.iter().chain(&["`bad.file`"]) {
            assert!(stderr.contains(part), "`{part}` is not in: {stderr}");
        }
        let after = fs::read_dir(project.path(".")).unwrap().count();
        assert_eq!(before, after, "something was left behind by: {content}");
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let project = project(&[("good.json", HYPERFINE), ("other.xml", JUNIT), ("what", "1 2 3")]);
    fs::write(project.path("binary"), [0xFF, 0xFE, 0]).unwrap();
    fs::File::create(project.path("huge")).unwrap().set_len((64 << 20) + 1).unwrap();
    for (args, wanted) in [
        (&["absent"][..], "cannot read report `absent`"),
        (&["what"], "not of a known format"),
        (&["binary", "--format", "junit"], "not UTF-8"),
        (&["huge", "--format", "hyperfine"], "larger than 64 MiB"),
        (&["good.json", "other.xml"], "one `bench import` per format"),
        (&["good.json", "--format", "csv"], "unknown format `csv`"),
        (&[], "required"),
    ] {
        let output = bench(&project, &[&["import"], args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains(wanted), "{args:?}: {}", text(&output.stderr));
        assert!(!project.path(".bench").exists(), "{args:?} left something");
    }
}

#[test]
fn an_existing_directory_is_refused_and_not_touched() {
    let project = project(&[("good.json", HYPERFINE)]);
    for content in [None, Some("mine")] {
        fs::create_dir_all(project.path("out")).unwrap();
        if let Some(content) = content {
            project.write("out/file", content);
        }
        let output = bench(&project, &["import", "good.json", "--out", "out"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("`out` exists already"), "{}", text(&output.stderr));
        let count = fs::read_dir(project.path("out")).unwrap().count();
        assert_eq!(count, usize::from(content.is_some()));
    }
}

#[test]
fn without_a_directory_it_is_a_run_among_the_others() {
    let project = project(&[("good.xml", JUNIT)]);
    assert_eq!(bench(&project, &["import", "good.xml"]).status.code(), Some(0));
    let runs: Vec<_> = fs::read_dir(project.path(".bench/runs"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(runs.len(), 1, "{runs:?}");
    let run = load(&project.path(".bench/runs").join(&runs[0]));
    assert_eq!(run.run.id.as_str(), runs[0].to_str().unwrap());
}

fn read(format: ImportFormat, text: &str) -> Results {
    assert_eq!(ImportFormat::guess(text), Some(format), "{text}");
    import::read(format, text, "name", "file").unwrap()
}

fn read_walls(results: &Results) -> Vec<u64> {
    results.series[0].samples.iter().map(|sample| sample.wall_ns).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A month in nanoseconds has 52 bits: every one of them survives the way through seconds.
    #[test]
    fn values_in_are_values_out(
        ns in prop::collection::vec(0_u64..30 * 86_400 * 1_000_000_000, 1..20),
        name in "[a-zA-Z0-9 '$<>&-]{1,20}",
    ) {
        let seconds: Vec<String> = ns
            .iter()
            .map(|ns| format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000))
            .collect();
        let json = format!(
            "{{\"results\":[{{\"command\":{},\"times\":[{}]}}]}}",
            serde_json::to_string(&name).unwrap(),
            seconds.join(",")
        );
        let results = read(ImportFormat::Hyperfine, &json);
        prop_assert_eq!(&results.series[0].name, &name);
        prop_assert_eq!(read_walls(&results), ns.clone());

        let iters: Vec<u64> = (1..=ns.len() as u64).collect();
        let times: Vec<u64> = ns.iter().zip(&iters).map(|(ns, n)| ns / 1_000_000 * n).collect();
        let json = format!("{{\"sampling_mode\":\"Linear\",\"iters\":{iters:?},\"times\":{times:?}}}");
        let expected: Vec<u64> = ns.iter().map(|ns| ns / 1_000_000).collect();
        prop_assert_eq!(read_walls(&read(ImportFormat::Criterion, &json)), expected);

        let rows = ns.iter().zip(1..).map(|(ns, number)| {
            let (whole, rest) = (ns / 1_000_000, ns % 1_000_000 / 10_000);
            format!("s,t,x,MEASURE,{number},total execution time,{whole}.{rest:02},1\n")
        });
        let header = "Scenario,Tool,Tasks,Phase,Iteration,Sample,Duration,Count\n".to_owned();
        let csv: Vec<String> = std::iter::once(header).chain(rows).collect();
        let csv = csv.concat();
        let expected: Vec<u64> = ns.iter().map(|ns| ns / 10_000 * 10_000).collect();
        prop_assert_eq!(read_walls(&read(ImportFormat::GradleProfiler, &csv)), expected);

        let cases: Vec<String> =
            seconds.iter().map(|s| format!("<testcase name=\"x\" time=\"{s}\"/>")).collect();
        let cases = cases.concat();
        let results = read(ImportFormat::Junit, &format!("<testsuite>{cases}</testsuite>"));
        let times: Vec<u64> =
            results.series[0].samples[0].examples.iter().map(|example| example.wall_ns).collect();
        prop_assert_eq!(times, ns);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in any::<String>(), at in 0_usize..4) {
        let whole = [HYPERFINE, CRITERION, GRADLE, JUNIT][at];
        let mut mixed = whole.to_owned();
        let place = mixed.floor_char_boundary(text.len() * 7 % mixed.len());
        mixed.insert_str(place, &text);
        for format in ImportFormat::ALL {
            for text in [&text, &mixed, &whole[..place].to_owned()] {
                drop(import::read(format, text, "name", "file"));
            }
        }
    }
}
