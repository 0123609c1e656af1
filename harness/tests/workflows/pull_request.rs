//! pr.yml measures, pr-comment.yml comments: end to end, and everything that must not be commented on.

use std::fs;
use std::io::{Cursor, Write as _};

use serde_json::{Value, json};

use crate::SCRIPTS;
use crate::forge::{Forge, project};

pub(crate) const PR: &str = ".github/workflows/pr.yml";
const COMMENT: &str = ".github/workflows/pr-comment.yml";
pub(crate) const ACTION: &str = ".github/actions/bench/action.yml";

/// Two arms that nobody can confuse: no cache, so it is measured cold only.
pub(crate) const LOOP: &str = r#"
[scenario]
title = "A loop"

[source]
path = "../.."

[[phase]]
name = "work"
measured = true
run = ["sh", "work.sh"]
"#;

/// A branch may have any name that git allows.
const BRANCH: &str = "feature/$(touch${IFS}pwned)`pwned`";

pub(crate) fn looping(times: u32) -> String {
    format!("i=0; while [ $i -lt {times} ]; do i=$((i+1)); done\n")
}

/// A forge whose newest commit makes the work much longer.
pub(crate) fn forge_with_a_slow_change(scenario: &str) -> (Forge, String) {
    let forge = Forge::new(&SCRIPTS, &[(scenario, LOOP), ("work.sh", &looping(1_000))]);
    forge.write("work.sh", &looping(30_000));
    let head = forge.commit();
    (forge, head)
}

pub(crate) fn pull_request_event(forge: &mut Forge, head: &str) {
    forge.github = json!({
        "token": "a-token", "ref": "refs/pull/7/merge", "event_name": "pull_request",
        "event": {"pull_request": {"number": 7, "head": {"sha": head}}},
    });
}

/// The other workflow has ended, and the forge's API knows one pull request of this head.
pub(crate) fn workflow_run_event(forge: &mut Forge, head: &str) {
    forge.github = json!({
        "token": "a-token", "ref": "refs/heads/main", "event_name": "workflow_run",
        "event": {"workflow_run": {
            "event": "pull_request", "id": 42, "head_sha": head, "head_branch": BRANCH,
            "html_url": "https://example.org/runs/42",
            "head_repository": {"full_name": "fork/bench", "owner": {"login": "fork"}},
        }},
    });
    let pull = |number: u32, sha: &str, head: &str, base: &str| json!({"number": number, "head": {"sha": sha, "repo": {"full_name": head}}, "base": {"repo": {"full_name": base}}});
    let pulls = json!([
        pull(5, "0000", "fork/bench", "someone/bench"),
        pull(6, head, "other/bench", "someone/bench"),
        pull(7, head, "fork/bench", "someone/bench"),
        pull(8, head, "fork/bench", "elsewhere/bench"),
    ]);
    forge.tools.answer("pulls.json", pulls.to_string());
    forge.tools.answer("comments.json", "[[]]");
}

/// The API's answers about an artifact of these files.
pub(crate) fn answer_artifact(forge: &Forge, files: &[(&str, &[u8])]) {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    let listed = |id: u32, created: &str, expired: bool| json!({"id": id, "name": "bench-pr", "expired": expired, "size_in_bytes": bytes.len(), "created_at": created});
    let list = json!({"artifacts": [
        listed(2, "2026-01-02T00:00:00Z", false),
        listed(3, "2026-01-03T00:00:00Z", true),
        listed(1, "2026-01-01T00:00:00Z", false),
    ]});
    forge.tools.answer("artifacts.json", list.to_string());
    forge.tools.answer("artifact.zip", bytes);
}

/// Runs pr-comment.yml; how the job ended, and the calls of `gh` that write.
fn comment(forge: &mut Forge) -> (String, Vec<String>) {
    let before = forge.tools.calls().len();
    forge.log.clear();
    let result = forge.run(COMMENT)["comment"].clone();
    let calls = forge.tools.calls().split_off(before);
    let writes = |call: &String| call.contains("--method P");
    (result, calls.into_iter().filter(writes).collect())
}

#[test]
fn a_pull_request_is_measured_without_rights_and_commented_on_by_the_default_branch() {
    let (mut forge, head) = forge_with_a_slow_change(".github/bench/scenario.toml");
    pull_request_event(&mut forge, &head);
    let results = forge.run(PR);
    assert_eq!(results["compare"], "failure", "the gate stops it: {}", forge.log);
    assert!(forge.log.contains("-> exit status: 10"), "{}", forge.log);
    assert!(forge.summary.contains("regressed"), "{}", forge.summary);
    forge.assert_all_run(PR);
    forge.assert_all_run(ACTION);
    let built = forge.tools.calls_of("cargo build in ");
    let source = format!("cargo build in {} for ", project().display());
    assert!(built.len() == 1 && built[0].starts_with(&source), "{source}: {built:?}");
    for file in ["records.ndjson", "comment.md", "report/index.html"] {
        assert!(forge.artifact("bench-run").join(file).is_file(), "{file}");
    }
    let records = fs::read(forge.artifact("bench-pr").join("records.ndjson")).unwrap();

    workflow_run_event(&mut forge, &head);
    answer_artifact(&forge, &[("records.ndjson", &records)]);
    let (result, writes) = comment(&mut forge);
    assert_eq!(result, "success", "{}", forge.log);
    forge.assert_all_run(COMMENT);
    forge.assert_all_run(".github/actions/comment/action.yml");
    assert!(
        writes.len() == 1 && writes[0].contains("POST repos/someone/bench/issues/7/comments"),
        "{writes:?}"
    );
    let sent = forge.tools.sent().unwrap();
    assert!(sent.starts_with("<!-- bench:") && sent.contains("regressed"), "{sent}");
    assert!(sent.contains("[this run](https://example.org/runs/42)"), "{sent}");
    let asked = forge.tools.calls_of("gh api --method GET repos/someone/bench/pulls");
    assert!(asked[0].ends_with(&format!("head=fork:{BRANCH}")), "the branch is a word: {asked:?}");
    let zips = forge.tools.calls_of("gh api repos/someone/bench/actions/artifacts/");
    assert!(zips[0].contains("/artifacts/2/zip"), "the newest that is there: {zips:?}");

    stays_one_comment(&mut forge);
    ignores_what_is_not_its_own(&mut forge, &head, &records);
}

/// A project may pin an old compiler, forbid warnings or build for another machine: bench is built all the same.
#[test]
fn bench_is_built_from_source_whatever_the_project_sets_for_itself() {
    let (mut forge, head) = forge_with_a_slow_change(".github/bench/scenario.toml");
    forge.write("rust-toolchain.toml", "[toolchain]\nchannel = \"1.56\"\n");
    let text = fs::read_to_string(project().join(PR)).unwrap();
    let with = text.replace(
        "    env:\n",
        "    env:\n      RUSTFLAGS: -D warnings\n      CARGO_BUILD_TARGET: wasm32-wasip1\n      RUSTUP_TOOLCHAIN: \"1.56\"\n",
    );
    assert_ne!(text, with);
    pull_request_event(&mut forge, &head);
    forge.run_text("pr.yml", &with);
    assert!(forge.summary.contains("regressed"), "{}", forge.log);
    let built = forge.tools.calls_of("cargo build in ");
    let source = format!("cargo build in {} for ", project().display());
    assert!(
        built.len() == 1
            && built[0].starts_with(&source)
            && built[0].trim_end().ends_with("with flags:"),
        "{built:?}"
    );
}

/// A comment is found by marker and author, and edited.
fn stays_one_comment(forge: &mut Forge) {
    let marker = forge.tools.sent().unwrap().lines().next().unwrap().to_owned();
    let by = |id: u32, login: &str, body: &str| json!({"id": id, "user": {"login": login}, "body": body});
    let pages = json!([
        [by(1, "mallory", &marker), by(2, "github-actions[bot]", "about something else")],
        [
            by(3, "github-actions[bot]", &format!("{marker}\nold")),
            by(4, "github-actions[bot]", &marker)
        ],
    ]);
    forge.tools.answer("comments.json", pages.to_string());
    let (result, writes) = comment(forge);
    assert_eq!(result, "success", "{}", forge.log);
    assert!(
        writes.len() == 1 && writes[0].contains("PATCH repos/someone/bench/issues/comments/3"),
        "{writes:?}"
    );
    let foreign: Value = json!([[by(1, "mallory", &marker)]]);
    forge.tools.answer("comments.json", foreign.to_string());
    let (_, writes) = comment(forge);
    assert!(
        writes.len() == 1 && writes[0].contains("POST "),
        "nobody else's comment is edited: {writes:?}"
    );
}

/// Whatever the artifact says, what is commented on comes from the event and the API.
fn ignores_what_is_not_its_own(forge: &mut Forge, head: &str, records: &[u8]) {
    // A number of its own choice is one file too many.
    answer_artifact(forge, &[("records.ndjson", records), ("pr-number", b"1")]);
    let (result, writes) = comment(forge);
    assert_eq!((result.as_str(), writes.len()), ("failure", 0), "{}", forge.log);
    assert!(forge.log.contains("`pr-number`"), "{}", forge.log);

    // Records of another commit.
    let text = String::from_utf8(records.to_vec()).unwrap();
    let other = text.replace(head, "1111111111111111111111111111111111111111");
    answer_artifact(forge, &[("records.ndjson", other.as_bytes())]);
    let (result, writes) = comment(forge);
    assert_eq!((result.as_str(), writes.len()), ("failure", 0), "{}", forge.log);

    // A pull request that moved on, or was closed, meanwhile.
    answer_artifact(forge, &[("records.ndjson", records)]);
    forge.tools.answer("pulls.json", "[]");
    let (result, writes) = comment(forge);
    assert_eq!((result.as_str(), writes.len()), ("success", 0), "{}", forge.log);
    assert!(forge.log.contains("nothing to comment on"), "{}", forge.log);

    // Too large to be fetched, and none at all.
    let huge = json!({"artifacts": [{"id": 1, "name": "bench-pr", "expired": false, "size_in_bytes": 1u64 << 40, "created_at": "2026"}]});
    forge.tools.answer("artifacts.json", huge.to_string());
    assert_eq!(comment(forge).0, "failure");
    forge.tools.answer("artifacts.json", r#"{"artifacts": []}"#);
    let (result, writes) = comment(forge);
    assert_eq!((result.as_str(), writes.len()), ("success", 0), "{}", forge.log);

    // Not a pull request at all.
    forge.github["event"]["workflow_run"]["event"] = json!("push");
    assert_eq!(comment(forge).0, "skipped");
}
