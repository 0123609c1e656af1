//! What the verdicts rest on: controls, hits or seconds, and how many trials.

use std::fs;

use crate::common::compiler::{SCRIPT, TOOL};
use crate::common::scenarios::PROBE;
use crate::{EDIT, document, entry, explain, fake, project, scenario, verdict};

#[test]
fn a_cache_that_saves_nothing_fails_the_control() {
    let file = scenario("content", SCRIPT, PROBE);
    let project = project(&file);
    project.write("scenario/tool.sh", &TOOL.replace("[ -e \"$entry\" ]", "false"));
    let finished = explain(&project, &["--property", "home"]).expect_code(5);
    let text = finished.stdout_unwrapped();
    assert!(text.contains("No answer: the control `nothing-changed`"), "{text}");
    assert!(text.contains("no more hits than empty ones"), "{text}");
    let document = document(&finished.out);
    assert_eq!(document["valid"], false);
    assert_eq!(verdict(&document, "home"), "not-tested");
}

#[test]
fn a_cache_beside_the_declared_one_fails_the_negative_control() {
    let file = scenario("content", SCRIPT, PROBE);
    let project = project(&file);
    // A second store that no cache is declared for: empty caches hit all the same.
    let tool = TOOL.replace("mkdir -p \"$STORE\"", "STORE=$SHARED; mkdir -p \"$STORE\"");
    project.write("scenario/tool.sh", &tool);
    let file = file.replace("KEY =", "SHARED = \"{tools}/shared\", KEY =");
    project.write("scenario/scenario.toml", &file);
    let finished = explain(&project, &["--property", "home"]).expect_code(5);
    let document = document(&finished.out);
    assert_eq!(document["control"], "keeps");
    let text = finished.stdout_unwrapped();
    assert!(text.contains("the control `empty-caches` came out as keeps"), "{text}");
}

#[test]
fn a_state_that_trials_leave_behind_fails_the_closing_control() {
    let project = fake("content");
    // The tool forgets everything after its seventh run, wherever it keeps count.
    let tool = TOOL.replace(
        "set -eu",
        "set -eu\necho run >> \"$COUNT\"\n[ $(wc -l < \"$COUNT\") -le 7 ] || KEY=$KEY,env BUILD_NUMBER=worn",
    );
    project.write("scenario/tool.sh", &tool);
    let file = scenario("content", SCRIPT, &format!("{PROBE}{EDIT}"))
        .replace("KEY =", "COUNT = \"{tools}/count\", KEY =");
    project.write("scenario/scenario.toml", &file);
    let finished = explain(&project, &["--property", "home,temp-dir"]).expect_code(5);
    let text = finished.stdout_unwrapped();
    assert!(text.contains("the control `nothing-changed-again` came out as breaks"), "{text}");
}

#[test]
fn without_a_probe_seconds_decide() {
    let project = project(&scenario("content,home", SCRIPT, ""));
    // One unit whose miss costs so much that the saving is far beyond any noise.
    for file in ["b", "c"] {
        fs::remove_file(project.path(&format!("scenario/workspace/src/{file}.txt"))).unwrap();
    }
    project.write("scenario/tool.sh", &TOOL.replace("echo miss;", "sleep 0.5;"));
    let finished = explain(&project, &["--property", "home", "--quiet"]).expect_code(0);
    let found = document(&finished.out);
    assert_eq!(found["decided_by"], "seconds");
    assert_eq!(found["repeats"], 7);
    assert_eq!(verdict(&found, "home"), "breaks");
    assert!(entry(&found, "home")["high"].as_f64().unwrap() <= 0.2);
}

#[test]
fn few_repeats_without_a_probe_are_inconclusive_and_no_answer() {
    let project = project(&scenario("content,path", SCRIPT, ""));
    let args = ["--property", "workspace-path", "--repeats", "2"];
    let finished = explain(&project, &args).expect_code(5);
    let found = document(&finished.out);
    assert_eq!(verdict(&found, "workspace-path"), "inconclusive");
    assert!(
        finished.stdout_unwrapped().contains("seconds need at least 6"),
        "{}",
        finished.stdout()
    );
}
