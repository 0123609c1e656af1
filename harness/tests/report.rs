//! `bench report` of several runs, and what it refuses.

mod common;
mod records;

use common::Project;
use records::Hand;

/// Two finished runs, `one` and `two`.
fn project() -> Project {
    let project = records::project();
    for name in ["one", "two"] {
        Hand::new(name).alone().pairs(6, 1.0).write(&project);
    }
    project
}

#[track_caller]
fn report(project: &Project, code: i32, args: &[&str]) -> (String, String) {
    let (found, stdout, stderr) = project.call(&[&["report", "one", "two"], args].concat());
    assert_eq!(found, code, "{stdout}{stderr}");
    (stdout, stderr)
}

#[test]
fn several_runs_are_shown_one_after_the_other_as_each_alone() {
    let project = project();
    for format in ["terminal", "markdown"] {
        let alone = |run| project.call(&["report", run, "--format", format]).1;
        let (both, _) = report(&project, 0, &["--format", format]);
        assert_eq!(both, format!("{}\n{}", alone("one"), alone("two")), "{format}");
    }
}

#[test]
fn tables_of_several_runs_have_one_header_and_their_summaries_are_one_line_each() {
    let project = project();
    let (csv, _) = report(&project, 0, &["--format", "csv"]);
    assert_eq!(csv.lines().filter(|line| line.starts_with("run,")).count(), 1, "{csv}");
    let rows = |run: &str| csv.lines().filter(|line| line.starts_with(&format!("{run},"))).count();
    assert!(rows("one") > 0 && rows("one") == rows("two"), "{csv}");
    let (lines, _) = report(&project, 0, &["--format", "json"]);
    let ids: Vec<String> = lines
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|summary| summary["run_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["one", "two"]);
}

#[test]
fn a_directory_gets_one_file_per_run() {
    let project = project();
    std::fs::create_dir(project.path("reports")).unwrap();
    for (format, extension) in [("html", "html"), ("markdown", "md"), ("trace", "trace.json")] {
        let (stdout, stderr) = report(&project, 0, &["--format", format, "--out", "reports"]);
        assert_eq!(stdout, "");
        for run in ["one", "two"] {
            let file = format!("reports/{run}.{extension}");
            assert!(stderr.contains(&format!("report: {file}\n")), "{stderr}");
            assert!(std::fs::read_to_string(project.path(&file)).unwrap().contains(run), "{file}");
        }
    }
}

#[test]
fn what_one_document_cannot_hold_is_refused_and_nothing_is_written() {
    let project = project();
    for (args, expected) in [
        (
            &["--out", "both.md"][..],
            "`--out both.md` is not a directory, and there are 2 runs (hint: make the directory first",
        ),
        (&["--format", "html"], "2 html reports cannot be one document (hint: `--out DIR`"),
        (&["--format", "trace"], "2 trace reports cannot be one document (hint: `--out DIR`"),
        (&["--format", "html", "--with", "one"], "`--with` needs a single RUN"),
        (&["absent"], "cannot read `absent`"),
    ] {
        let (stdout, stderr) = report(&project, 2, args);
        assert_eq!(stdout, "", "{args:?}");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
    }
    assert!(!project.path("both.md").exists());
}

#[test]
fn a_run_that_is_given_twice_is_refused_and_nothing_is_written() {
    let project = project();
    std::fs::create_dir_all(project.path("twice")).unwrap();
    let (_, stderr) = report(&project, 2, &["one", "one", "--format", "html", "--out", "twice"]);
    assert!(stderr.contains("is given twice"), "{stderr}");
    assert_eq!(std::fs::read_dir(project.path("twice")).unwrap().count(), 0);
}

#[test]
fn a_file_that_does_not_list_caches_is_named_with_what_was_expected_and_found() {
    let project = project();
    project.write("caches.json", "{\"message\":\"Not Found\"}");
    let (_, stderr) = report(&project, 2, &["--quota-json", "caches.json"]);
    let expected = "error: `caches.json` does not list caches: expected objects with `total_count` and `actions_caches`, \
                    found an object with `message`, which says `Not Found` (hint: the output of `gh api --paginate ";
    assert!(stderr.starts_with(expected), "{stderr}");
}

/// The error of the zip library ends with its cause's words.
#[test]
fn a_cause_is_printed_once() {
    let project = project();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file("records.ndjson", stored).unwrap();
    std::io::Write::write_all(&mut archive, b"content").unwrap();
    let mut bytes = archive.finish().unwrap().into_inner();
    let at = bytes.windows(7).position(|window| window == b"content").unwrap();
    bytes[at] = b'C';
    std::fs::write(project.path("artifact"), bytes).unwrap();
    let (code, _, stderr) = project.call(&["receive", "artifact", "--out", "received"]);
    assert_eq!(code, 2, "{stderr}");
    assert_eq!(stderr.matches("Invalid checksum").count(), 1, "{stderr}");
}
