//! HTML reports end to end: where they are written, what they link to, what they refuse.

mod common;

use std::fs;

use common::Project;
use common::scenarios::{STORE_EXAMPLE, examples, storing};

fn scenario() -> String {
    storing(&format!("echo said; {STORE_EXAMPLE}"), &examples(&["one", "two"]))
}

fn ran() -> Project {
    let project = Project::new(&scenario(), &[("workspace/file", "x")]);
    project.run(&["--blocks", "1"]).expect_code(0);
    project
}

/// The addresses that a page leads to, as its browser would open them.
fn logs(project: &Project, page: &str) -> Vec<std::path::PathBuf> {
    let page = project.path(page);
    let html = fs::read_to_string(&page).unwrap();
    html.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|address| !address.starts_with('#'))
        .map(|address| page.parent().unwrap().join(address.replace("%20", " ")))
        .collect()
}

#[test]
fn a_run_leaves_a_report_whose_links_lead_to_its_logs() {
    let project = ran();
    let logs = logs(&project, "out/report/index.html");
    assert!(logs.len() >= 6, "{logs:?}");
    for log in &logs {
        assert!(log.is_file(), "{} is not there", log.display());
    }
    let said = logs.iter().find(|log| log.ends_with("compile.out")).unwrap();
    assert_eq!(fs::read_to_string(said).unwrap(), "said\nsaid\n");
}

#[test]
fn links_lead_to_the_logs_from_wherever_the_report_lies() {
    let project = ran();
    fs::create_dir_all(project.path("else where/deep")).unwrap();
    let (code, _, stderr) =
        project.call(&["report", "out", "--format", "html", "--out", "else where/deep/r.html"]);
    assert_eq!(code, 0, "{stderr}");
    let logs = logs(&project, "else where/deep/r.html");
    assert!(logs.len() >= 6 && logs.iter().all(|log| log.is_file()), "{logs:?}");
    // Once the logs are gone there is nothing to lead to.
    fs::remove_dir_all(project.path("out/logs")).unwrap();
    let (_, html, _) = project.call(&["report", "out", "--format", "html"]);
    assert!(html.starts_with("<!DOCTYPE html>") && !html.contains("compile.out\""), "{html}");
}

/// The least that an explanation of the run in `out` can be.
fn explanation(params: &str) -> String {
    format!(
        r#"{{"schema":"bench.explain/1","run_id":"r","scenario":"scenario","params":{params},"complete":true,"valid":true,
        "headline":"reuse is broken","properties":[{{"property":"workspace-path","verdict":"breaks","remedy":"do `this`"}}]}}"#
    )
}

/// Likewise a verification.
fn verification(scenario: &str, params: &str) -> String {
    format!(
        r#"{{"schema":"bench.verify/2","run_id":"r","scenario":"{scenario}","params":{params},"seed":1,"complete":true,
        "verdict":"truthful","reason":null,"outputs":1,"reproducible":{{"same_runner":null,"other_runner":true,
        "unstable":[],"placed":[]}},"runs":[],"faults":[],"kinds_left_out":{{}},"findings":[]}}"#
    )
}

#[test]
fn documents_of_other_commands_are_taken_by_their_schema() {
    let project = ran();
    project.write("explain.json", &explanation("{}"));
    project.write("explain-run/explain.json", &explanation("{}"));
    project.write("elsewhere.json", &explanation(r#"{"jobs":"2"}"#));
    project.write("verify.json", &verification("scenario", "{}"));
    project.write("other-scenario.json", &verification("other", "{}"));
    project.write("other-params.json", &verification("scenario", r#"{"jobs":"2"}"#));
    project.write("torn.json", r#"{"schema":"bench.ablate/2","run_id":"r"}"#);
    project.write("other.json", r#"{"schema":"bench.summary/2"}"#);
    let report =
        |extra: &[&str]| project.call(&[&["report", "out", "--format", "html"], extra].concat());
    for place in ["explain.json", "explain-run"] {
        let (code, html, stderr) = report(&["--with", place]);
        assert_eq!(code, 0, "{stderr}");
        assert!(html.contains("Make it portable") && html.contains("do <code>this</code>"));
    }
    let (code, html, stderr) = report(&["--with", "verify.json"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(html.contains("id=\"verify\""), "{html}");
    for (args, expected) in [
        (&["--with", "other.json"][..], "`other.json` has the schema `bench.summary/2`, expected"),
        (&["--with", "absent.json"], "cannot read `absent.json`"),
        (&["--with", "explain.json", "--with", "explain.json"], "is a second explanation"),
        (&["--with", "explain.json", "--format", "csv"], "`--with` needs `--format html`"),
        (&["--with", "elsewhere.json"], "but the run measured `scenario` (hint:"),
        (
            &["--with", "other-scenario.json"],
            "the verification is about `other`, but the run measured `scenario` (hint: `bench verify`",
        ),
        (
            &["--with", "other-params.json"],
            "the verification is about `scenario jobs=2`, but the run measured `scenario` (hint:",
        ),
        (&["--with", "torn.json"], "`torn.json`: it is not a complete `bench.ablate/2` document"),
        (&["--with", "out"], "`out` holds no explain.json, ablate.json or verify.json"),
    ] {
        let mut all = vec!["report", "out"];
        if !args.contains(&"--format") {
            all.extend(["--format", "html"]);
        }
        all.extend(args);
        let (code, _, stderr) = project.call(&all);
        assert_eq!(code, 2, "{args:?}: {stderr}");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_exit_code_1_and_says_why() {
    let project = ran();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let report = ["report", "out", "--format", "json"];
    let output = project.bench(&report).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("No space left on device"));

    // A device is written to through the link that names it, and neither of them is replaced.
    for (device, expected) in [("/dev/full", 1), ("/dev/null", 0)] {
        let link = project.path("link.json");
        std::os::unix::fs::symlink(device, &link).unwrap();
        let (code, _, stderr) = project.call(&[&report[..], &["--out", "link.json"]].concat());
        assert_eq!(code, expected, "{stderr}");
        assert_eq!(fs::read_link(&link).unwrap(), std::path::Path::new(device));
        if expected == 1 {
            assert!(stderr.contains("link.json") && stderr.contains("No space left"), "{stderr}");
        }
        fs::remove_file(&link).unwrap();
    }

    // What a link to a file leads to is replaced, not the link.
    project.write("there.json", "old");
    std::os::unix::fs::symlink("there.json", project.path("link.json")).unwrap();
    let (code, _, stderr) = project.call(&[&report[..], &["--out", "link.json"]].concat());
    assert_eq!(code, 0, "{stderr}");
    assert!(project.path("link.json").is_symlink());
    assert!(fs::read_to_string(project.path("there.json")).unwrap().starts_with('{'));
}

#[test]
fn a_report_says_what_to_do_with_each_cache_of_its_scenario() {
    let project = ran();
    let report = || project.call(&["report", "out", "--format", "html"]).1;
    let html = report();
    assert!(
        html.contains("What to do next") && html.contains("<code>{cache}/store</code>"),
        "{html}"
    );
    assert!(!html.contains("has changed since the run"), "{html}");
    project.write("scenario/scenario.toml", &scenario().replace("cache}/store", "cache}/moved"));
    let html = report();
    assert!(html.contains("<code>{cache}/moved</code>"), "{html}");
    assert!(html.contains("has changed since the run"), "{html}");
    // Without it there is still advice, and no word on paths.
    fs::remove_dir_all(project.path("scenario")).unwrap();
    let html = report();
    assert!(html.contains("What to do next") && !html.contains("<code>{cache}/"), "{html}");
}

#[test]
fn records_are_not_written_over() {
    let project = ran();
    let before = fs::read(project.path("out/records.ndjson")).unwrap();
    for command in [
        &["report", "out", "--format", "html"][..],
        &["export", "out", "--format", "junit"],
        &["recipe", "out"],
    ] {
        let (code, _, stderr) = project.call(&[command, &["--out", "out/records.ndjson"]].concat());
        assert_eq!(code, 2, "{command:?}: {stderr}");
        assert!(stderr.contains("holds the records of the run"), "{command:?}: {stderr}");
    }
    assert_eq!(fs::read(project.path("out/records.ndjson")).unwrap(), before);
}
