//! Every format against reports that real tools wrote, against cut and hostile ones.

use std::io::Read;
use std::path::Path;

use bench::formats::extract::{ExampleTime, ExtractError, ExtractFormat, FORMATS, extract};
use bench_record::Outcome;
use proptest::prelude::*;

/// Reports in `tests/data/samples` and their formats.
const SAMPLES: [(&str, &str); 14] = [
    ("junit", "nextest-junit.xml"),
    ("junit", "nextest-junit-retries.xml"),
    ("junit", "uv-pep508-junit.xml"),
    ("junit", "pytest-junit.xml"),
    ("libtest-json", "libtest-nightly.jsonl"),
    ("libtest-json", "nextest-libtest-json-plus.jsonl"),
    ("nox-report", "nox-report-reuse.json"),
    ("ninja-log", "ninja_log"),
    ("ninja-log", "ninja_log_after_touch"),
    ("cargo-timings", "cargo-timings-UNIT_DATA.json"),
    ("cargo-timings", "cargo-timings.html"),
    ("jest-json", "jest.json"),
    ("go-test-json", "go-test.jsonl"),
    ("tap", "node-test.tap"),
];

fn sample(file: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/samples").join(file))
        .unwrap()
}

fn read(format: &str, mut bytes: &[u8]) -> Result<Vec<ExampleTime>, ExtractError> {
    extract(&ExtractFormat::from_name(format).unwrap(), &mut bytes, "report")
}

/// Name, nanoseconds, outcome and retries of every unit.
fn rows(times: &[ExampleTime]) -> Vec<(&str, u64, Outcome, u32)> {
    times.iter().map(|t| (t.name.as_str(), t.wall_ns, t.outcome, t.retries)).collect()
}

fn refused(format: &str, text: &str) -> String {
    read(format, text.as_bytes()).unwrap_err().to_string()
}

const MS: u64 = 1_000_000;
use Outcome::{Failed, Ok as Fine, TimedOut};

#[test]
fn nextest_junit_gives_times_and_leaves_ignored_tests_out() {
    let times = read("junit", &sample("nextest-junit.xml")).unwrap();
    let wanted = [
        ("ltdemo::tests::ok", 142 * MS, Fine, 0),
        ("ltdemo::tests::bad", 167 * MS, Failed, 0),
        ("ltdemo::tests::pan", 178 * MS, Fine, 0),
    ];
    assert_eq!(rows(&times), wanted);
    let reason = times[1].reason.as_deref().unwrap();
    assert_eq!(reason, "thread 'tests::bad' (19644) panicked at src/lib.rs:7:36");
}

#[test]
fn reruns_in_junit_are_retries() {
    let times = read("junit", &sample("nextest-junit-retries.xml")).unwrap();
    let wanted = [
        ("ltdemo::tests::ok", 145 * MS, Fine, 0),
        ("ltdemo::tests::bad", 102 * MS, Failed, 1),
        ("ltdemo::tests::pan", 183 * MS, Fine, 0),
    ];
    assert_eq!(rows(&times), wanted);
    let flaky = "<testsuite><testcase name='a' time='1'><flakyFailure/><flakyError/></testcase></testsuite>";
    assert_eq!(rows(&read("junit", flaky.as_bytes()).unwrap()), [("a", 1000 * MS, Fine, 2)]);
}

#[test]
fn nextests_setup_script_is_no_test() {
    let times = read("junit", &sample("uv-pep508-junit.xml")).unwrap();
    assert_eq!(times.len(), 116);
    assert!(times.iter().all(|time| time.name.starts_with("uv-pep508::")));
    assert_eq!(times[0].wall_ns, 60 * MS);
}

#[test]
fn pytest_junit_gives_times_and_leaves_skipped_tests_out() {
    let times = read("junit", &sample("pytest-junit.xml")).unwrap();
    let wanted = [
        ("tests.test_client::test_parse", MS, Fine, 0),
        ("tests.test_client::test_reject[-1]", MS, Fine, 0),
        ("tests.test_client::test_reject[-5]", MS, Fine, 0),
        ("tests.test_client::test_total", 434 * MS, Fine, 0),
        ("tests.test_client.TestGroup::test_in_class", 0, Fine, 0),
    ];
    assert_eq!(rows(&times), wanted);
}

#[test]
fn junit_tells_time_outs_from_failures_and_needs_times_of_what_passed() {
    let text = "<testsuites><testsuite>\
        <testcase name='slow' time='60'><failure type='test timeout'/></testcase>\
        <testcase name='early'><error message='no &lt;fixture&gt;'/></testcase>\
        <testcase name='off' status='notrun' time='0'/>\
        </testsuite></testsuites>";
    let times = read("junit", text.as_bytes()).unwrap();
    assert_eq!(rows(&times), [("slow", 60_000 * MS, TimedOut, 0), ("early", 0, Failed, 0)]);
    assert_eq!(times[1].reason.as_deref(), Some("no <fixture>"));
    let error = refused("junit", "<testsuite><testcase name='a'/></testsuite>");
    assert_eq!(error, "report `report`, byte 11: testcase `a` has no `time`");
}

#[test]
fn libtest_json_is_read_and_a_doc_test_is_a_unit() {
    let times = read("libtest-json", &sample("libtest-nightly.jsonl")).unwrap();
    let wanted = [
        ("tests::ok", 120_064_496, Fine, 0),
        ("tests::bad", 127_871_112, Failed, 0),
        ("tests::pan", 230_018, Fine, 0),
        ("src/lib.rs - add (line 1)", 8_754_497, Fine, 0),
    ];
    assert_eq!(rows(&times), wanted);
}

#[test]
fn nextests_libtest_json_keeps_crate_and_binary_in_the_name() {
    let times = read("libtest-json", &sample("nextest-libtest-json-plus.jsonl")).unwrap();
    let wanted = [
        ("ltdemo::ltdemo$tests::ok", 148_420_290, Fine, 0),
        ("ltdemo::ltdemo$tests::bad", 182_585_924, Failed, 0),
        ("ltdemo::ltdemo$tests::pan", 91_177_765, Fine, 0),
    ];
    assert_eq!(rows(&times), wanted);
}

#[test]
fn a_libtest_without_times_is_told_which_option_gives_them() {
    let line = r#"{"type":"test","event":"ok","name":"a"}"#;
    let error = refused("libtest-json", &format!("running 1 test\n{line}\n"));
    let wanted =
        "report `report`, line 2: test `a` has no `exec_time` (hint: pass `--report-time`)";
    assert_eq!(error, wanted);
}

#[test]
fn nox_sessions_are_read() {
    let times = read("nox-report", &sample("nox-report-reuse.json")).unwrap();
    let wanted = [
        ("lint", 63_369_993, Fine, 0),
        ("tests", 6_512_097_860, Fine, 0),
        ("typecheck", 423_422_967, Fine, 0),
        ("docs", 4_411_807_548, Fine, 0),
    ];
    assert_eq!(rows(&times), wanted);
    let text = r#"{"sessions": [{"name": "a", "result": "success", "duration": 1}, {"name": "b", "result": "odd"}]}"#;
    assert!(
        refused("nox-report", text)
            .starts_with("report `report`, unit 2: session `b`: result `odd`")
    );
}

#[test]
fn outputs_of_one_ninja_command_are_one_unit_and_later_builds_replace_earlier() {
    let times = read("ninja-log", &sample("ninja_log")).unwrap();
    let wanted = [
        ("b.o", 129 * MS, Fine, 0),
        ("gen.h", 321 * MS, Fine, 0),
        ("a.o", 66 * MS, Fine, 0),
        ("app", 107 * MS, Fine, 0),
    ];
    assert_eq!(rows(&times), wanted);
    let times = read("ninja-log", &sample("ninja_log_after_touch")).unwrap();
    let wanted = [
        ("b.o", 129 * MS, Fine, 0),
        ("gen.h", 321 * MS, Fine, 0),
        ("a.o", 111 * MS, Fine, 0),
        ("app", 100 * MS, Fine, 0),
    ];
    assert_eq!(rows(&times), wanted);
    assert!(refused("ninja-log", "# ninja log v9\n").contains("line 1: expected `# ninja log vN`"));
    let torn = "# ninja log v7\n0\t129\t17952";
    assert_eq!(refused("ninja-log", torn), "report `report`, line 2: 3 fields, expected 5");
}

#[test]
fn cargo_timings_are_read_from_the_page_and_from_the_array() {
    let times = read("cargo-timings", &sample("cargo-timings-UNIT_DATA.json")).unwrap();
    assert_eq!(rows(&times), [("ltdemo v0.1.0", 130 * MS, Fine, 0)]);
    let times = read("cargo-timings", &sample("cargo-timings.html")).unwrap();
    let wanted = [
        ("text v0.1.0", 890 * MS, Fine, 0),
        ("parse v0.1.0", 590 * MS, Fine, 0),
        ("json v0.1.0 json \"lib\" (test)", 1330 * MS, Fine, 0),
    ];
    assert_eq!(rows(&times), wanted);
    assert!(refused("cargo-timings", "<html></html>").contains("no `UNIT_DATA`"));
}

#[test]
fn jest_tests_are_named_by_file_and_pending_ones_left_out() {
    let times = read("jest-json", &sample("jest.json")).unwrap();
    let wanted =
        [("a.test.js > g ok", 127 * MS, Fine, 0), ("a.test.js > g bad", 10 * MS, Failed, 0)];
    assert_eq!(rows(&times), wanted);
    let reason = times[1].reason.as_deref().unwrap();
    assert_eq!(reason, "Error: expect(received).toBe(expected) // Object.is equality");
}

#[test]
fn go_tests_are_named_by_package_and_the_package_itself_is_none() {
    let times = read("go-test-json", &sample("go-test.jsonl")).unwrap();
    let wanted = [
        ("example.org/cache.TestHit/small", 110 * MS, Fine, 0),
        ("example.org/cache.TestHit", 130 * MS, Fine, 0),
        ("example.org/cache.TestMiss", 50 * MS, Failed, 0),
    ];
    assert_eq!(rows(&times), wanted);
}

#[test]
fn tap_subtests_are_named_by_their_parents_and_skipped_ones_left_out() {
    let times = read("tap", &sample("node-test.tap")).unwrap();
    let wanted = [
        ("adds numbers", 992_331, Fine, 0),
        ("fails", 928_356, Failed, 0),
        ("suite > inner # one", 18_852_706, Fine, 0),
        ("suite", 19_254_532, Fine, 0),
    ];
    assert_eq!(rows(&times), wanted);
    for (text, expected) in [
        ("ok 1 - a\n  ---\n  duration_ms: 1\n  ...\n", "no plan `1..N`"),
        ("ok 1 - a\n  ---\n  duration_ms: 1\n  ...\n1..2\n", "2 tests are planned, 1 ended"),
        ("ok 1 - a\n1..1\n", "line 1: test `a` has no `duration_ms`"),
        ("ok 1 - a\n  ---\n  duration_ms: soon\n  ...\n1..1\n", "line 3: `duration_ms` is soon"),
        ("Bail out! no database\n", "line 1: the tests gave up: no database"),
    ] {
        let error = refused("tap", text);
        assert!(error.contains(expected), "{error}");
    }
    // What a test printed into its details is a value and not another test.
    let printed = "not ok 1 - a\n  ---\n  duration_ms: 2\n  out: |-\n    ok 7 - b\n  ...\n1..1\n";
    assert_eq!(rows(&read("tap", printed.as_bytes()).unwrap()), [("a", 2 * MS, Failed, 0)]);
}

#[test]
fn separated_values_are_read_with_or_without_a_header() {
    let tsv = "name\tseconds\toutcome\na b\t1.5\tok\r\n\nc\t2\nd\t0.1\tskipped\ne\t3\ttimed-out\n";
    let times = read("tsv", tsv.as_bytes()).unwrap();
    let wanted =
        [("a b", 1500 * MS, Fine, 0), ("c", 2000 * MS, Fine, 0), ("e", 3000 * MS, TimedOut, 0)];
    assert_eq!(rows(&times), wanted);
    let csv = "\"a, \"\"b\"\"\",1.5\nc,2,failed\n";
    let times = read("csv", csv.as_bytes()).unwrap();
    assert_eq!(rows(&times), [("a, \"b\"", 1500 * MS, Fine, 0), ("c", 2000 * MS, Failed, 0)]);
    for (format, text, wanted) in [
        ("tsv", "a\t1\nb\tx\n", "line 2: `x` is not a number of seconds"),
        ("tsv", "a\n", "line 1: 1 fields, expected"),
        ("tsv", "a\t1\tgood\n", "line 1: outcome `good`, expected"),
        ("csv", "a,1\n\"b,2\n", "line 2: a quoted field is not closed on its line"),
        ("csv", "\"a\"b,2\n", "line 1: text after a closing quote"),
    ] {
        let error = refused(format, text);
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn a_pattern_reads_any_log() {
    let format =
        ExtractFormat::lines(r"^(?<failed>FAIL )?(?:PASS )?(?<name>\S+) \((?<ms>[0-9.]+) ms\)$")
            .unwrap();
    let mut log: &[u8] =
        b"start \xff\nPASS Blink (12.5 ms)\nFAIL Noise (3 ms)\nPASS Blink (1 ms)\n";
    let times = extract(&format, &mut log, "log").unwrap();
    let wanted =
        [("Blink", 12_500_000, Fine, 0), ("Noise", 3 * MS, Failed, 0), ("Blink#2", MS, Fine, 0)];
    assert_eq!(rows(&times), wanted);
    let format = ExtractFormat::lines("^(?<name>.+): (?<seconds>.+)$").unwrap();
    let mut log: &[u8] = b"ok\na: 1\nb: soon\n";
    let error = extract(&format, &mut log, "log").unwrap_err().to_string();
    assert_eq!(error, "report `log`, line 3: `soon` is not a time");
    assert!(ExtractFormat::lines("(?<name>.)").unwrap_err().to_string().contains("lacks a group"));
    assert!(
        ExtractFormat::lines("(").unwrap_err().to_string().starts_with("not a regular expression")
    );
}

#[test]
fn repeated_names_get_a_stable_number() {
    let times = read("tsv", b"a\t1\na\t2\nb\t3\na\t4\n").unwrap();
    let names: Vec<&str> = times.iter().map(|time| time.name.as_str()).collect();
    assert_eq!(names, ["a", "a#2", "b", "a#3"]);
}

#[test]
fn a_document_that_is_cut_short_is_an_error_and_not_a_shorter_report() {
    for (format, file) in SAMPLES {
        // A log of lines may end after any of them; a document may not.
        if matches!(format, "junit" | "nox-report" | "jest-json") {
            let whole = sample(file);
            let end = whole.trim_ascii_end().len();
            for cut in (0..end).step_by(1 + end / 500) {
                let error = read(format, &whole[..cut]).expect_err(file).to_string();
                assert!(error.starts_with("report `report`, "), "{file} at {cut}: {error}");
            }
        }
    }
}

#[test]
fn a_report_of_lines_that_ends_before_its_suite_does_is_incomplete_even_after_a_whole_line() {
    for (format, file, starts) in [
        ("libtest-json", "libtest-nightly.jsonl", "the suite that starts here"),
        ("libtest-json", "nextest-libtest-json-plus.jsonl", "the suite that starts here"),
        ("go-test-json", "go-test.jsonl", "package `example.org/cache`, which starts here"),
    ] {
        let whole = sample(file);
        let text = std::str::from_utf8(&whole).unwrap();
        let mut start = None;
        let mut length = 0;
        for (line, number) in text.split_inclusive('\n').zip(1..) {
            length += line.len();
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            if event["type"] == "suite" {
                start = (event["event"] == "started").then_some(number);
            } else if event["Action"] == "start" {
                start = Some(number);
            } else if event["Action"] == "fail" && event["Test"].is_null() {
                start = None;
            }
            let cut = read(format, &whole[..length]);
            match start {
                Some(start) => {
                    let error = cut.expect_err(line).to_string();
                    let wanted = format!("report `report`, line {start}: {starts}");
                    assert!(error.starts_with(&wanted), "{file} to line {number}: {error}");
                    assert!(error.contains("the report is incomplete"), "{error}");
                }
                None => drop(cut.expect(line)),
            }
        }
    }
}

#[test]
fn entities_are_never_expanded() {
    let laughs = "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>\
        <testsuite><testcase name='&c;' time='1'/></testsuite>";
    assert!(refused("junit", laughs).contains("byte 0: a document type is refused"));
    let outside = "<!DOCTYPE l SYSTEM 'file:///etc/passwd'><testsuite/>";
    assert!(refused("junit", outside).contains("a document type is refused"));
    let unknown = "<testsuite><testcase name='&c;' time='1'/></testsuite>";
    assert!(refused("junit", unknown).contains("byte 11: "), "{}", refused("junit", unknown));
}

#[test]
fn huge_attributes_and_deep_nesting_are_refused() {
    let long = "x".repeat((1 << 20) + 1);
    let named = format!("<testsuite><testcase name='{long}' time='1'/></testsuite>");
    assert!(refused("junit", &named).contains("value of attribute `name` has 1048577 bytes"));
    let other = format!("<testsuite><properties q='{long}'/></testsuite>");
    assert!(refused("junit", &other).contains("value of attribute `q`"));
    let deep = format!("<testsuite>{}", "<a>".repeat(100_000));
    assert!(refused("junit", &deep).contains("elements nest deeper than 64"));
    let json = format!("{{\"sessions\": {}", "[".repeat(100_000));
    assert!(refused("nox-report", &json).contains("line 1, column"));
}

#[test]
fn an_endless_report_ends_at_the_limit() {
    for format in ["junit", "tsv", "jest-json"] {
        let start: &[u8] = match format {
            "junit" => b"<testsuite><system-out>",
            "jest-json" => b"{\"testResults\": [], \"x\": \"",
            _ => b"name",
        };
        let mut endless = start.chain(std::io::repeat(b'x'));
        let error =
            extract(&ExtractFormat::from_name(format).unwrap(), &mut endless, "r").unwrap_err();
        assert!(matches!(error, ExtractError::TooLarge { .. }), "{format}: {error}");
    }
}

proptest! {
    #[test]
    fn cutting_and_damaging_a_report_never_panics(
        which in 0..SAMPLES.len(),
        cut in 0.0..1.0_f64,
        damage in prop::collection::vec((0.0..1.0_f64, any::<u8>()), 0..4),
    ) {
        let (_, file) = SAMPLES[which];
        let mut bytes = sample(file);
        for (place, byte) in damage {
            let index = (place * bytes.len() as f64) as usize;
            bytes[index] = byte;
        }
        bytes.truncate((cut * bytes.len() as f64) as usize + 1);
        for name in FORMATS.iter().filter_map(|format| ExtractFormat::from_name(format.name)) {
            if let Ok(times) = extract(&name, &mut bytes.as_slice(), "r") {
                let names: std::collections::BTreeSet<_> = times.iter().map(|t| &t.name).collect();
                prop_assert_eq!(names.len(), times.len());
            }
        }
    }
}
