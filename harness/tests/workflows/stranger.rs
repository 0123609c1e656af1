//! A project that has never heard of bench, following docs/CI.md: nothing is edited but names.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;

use crate::forge::Forge;
use crate::model::parse;
use crate::pages::Page;
use crate::pull_request::{LOOP, answer_artifact, looping, pull_request_event, workflow_run_event};
use crate::tools::Tools;

/// The release that docs/CI.md names.
pub(crate) const RELEASE: &str = "https://github.com/OWNER/bench/releases/download/VERSION/bench-x86_64-unknown-linux-gnu.tar.gz";

/// A release of bench on disk: its address and checksum.
pub(crate) fn release(dir: &Path) -> (String, String) {
    let binary = dir.join("release/bench");
    fs::create_dir_all(binary.parent().unwrap()).unwrap();
    // A launcher instead of a copy: a debug build is large.
    fs::write(&binary, format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_bench")))
        .unwrap();
    let archive = dir.join("release.tar.gz");
    let script = "chmod +x release/bench && tar -czf release.tar.gz -C release bench && sha256sum release.tar.gz";
    let output = Command::new("sh").args(["-c", script]).current_dir(dir).output().unwrap();
    let sum = String::from_utf8(output.stdout).unwrap();
    (format!("file://{}", archive.display()), sum[..64].to_owned())
}

/// A directory with a project, and a shell in it that has `bench` on its PATH.
struct Project {
    root: tempfile::TempDir,
    tools: Tools,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let root = tempfile::Builder::new().prefix("bench-stranger-").tempdir().unwrap();
        let tools = Tools::new(&root.path().join("tools"));
        tools.remove("cargo");
        tools.add("apt-get", "");
        tools.add("bench", "exec @BENCH@ \"$@\"");
        let project = Self { root, tools };
        for (path, content) in files {
            project.write(path, content);
        }
        project
    }

    fn path(&self, rel: &str) -> PathBuf {
        self.root.path().join("project").join(rel)
    }

    fn write(&self, rel: &str, content: &str) {
        let path = self.path(rel);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Runs a script in the project.
    fn call(&self, script: &str, env: &[(&str, &str)]) -> Output {
        let mut command = Command::new("sh");
        command.args(["-euc", script]).current_dir(self.path("."));
        command.env("PATH", self.tools.path()).env("BENCH_STATE", self.root.path().join("state"));
        command.env("CI", "1").envs(env.iter().copied());
        command.output().unwrap()
    }

    /// Runs a script that must end well.
    #[track_caller]
    fn sh(&self, script: &str, env: &[(&str, &str)]) -> Output {
        let output = self.call(script, env);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let told = format!("{}\n{}", text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{script}\n{told}");
        output
    }

    /// Samples of a run.
    fn samples(&self, run: &str) -> usize {
        let records = fs::read(self.path(run).join("records.ndjson")).unwrap();
        bench_record::read(records).unwrap().samples.len()
    }
}

/// The files of a project that cargo builds.
const HELLO: [(&str, &str); 3] = [
    ("Cargo.toml", "[package]\nname = \"hello\"\nversion = \"1.0.0\"\nedition = \"2024\"\n"),
    ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"hello\"\nversion = \"1.0.0\"\n"),
    ("src/lib.rs", "#[test]\nfn adds() { assert_eq!(1 + 1, 2); }\n"),
];

/// A project in git with the scenario that `bench init` writes: its source is the whole work tree, parts included.
fn committed() -> Project {
    let project = Project::new(&HELLO);
    project.write("bench-policy.toml", &Page::new(&[]).file("bench-policy.toml"));
    project.sh("bench init --yes --name ci", &[]);
    let scenario = fs::read_to_string(project.path("scenarios/ci/scenario.toml")).unwrap();
    assert!(scenario.contains("path = \"../..\""), "{scenario}");
    project.sh(
        "git init --quiet && git add --all && git -c user.name=A -c user.email=a@example.org commit --quiet -m Start",
        &[],
    );
    project
}

#[test]
fn by_hand_there_is_a_plan_a_run_a_gate_and_a_comment() {
    let page = Page::new(&[]);
    let project = Project::new(&HELLO);
    project.write("bench-policy.toml", &page.file("bench-policy.toml"));
    let output = project.sh(&page.commands("First by hand"), &[]);
    let plan: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(project.path("plan.json")).unwrap()).unwrap();
    assert_eq!(plan["units"].as_array().unwrap().len(), 2);
    assert_eq!(project.samples("bench-run"), 6, "2 blocks of 3 regimes");
    let gate = String::from_utf8(output.stdout).unwrap();
    assert!(gate.contains("ok ") && gate.contains("same-runner"), "{gate}");
    assert!(
        fs::read_to_string(project.path("comment.md")).unwrap().starts_with("## <code>ci</code>")
    );
}

#[test]
fn on_github_the_change_is_measured_and_commented_on() {
    let mut forge =
        Forge::new(&[], &[("scenarios/ci/scenario.toml", LOOP), ("work.sh", &looping(1_000))]);
    forge.write("work.sh", &looping(30_000));
    let head = forge.commit();
    let (url, sum) = release(&forge.path("."));
    let page = Page::new(&[(RELEASE, &url), ("CHECKSUM", &sum)]);
    pull_request_event(&mut forge, &head);
    let results = forge.run_text("bench.yml", &page.file(".github/workflows/bench.yml"));
    assert_eq!(results["compare"], "failure", "{}", forge.log);
    assert!(forge.summary.contains("regressed"), "{}", forge.log);
    assert!(forge.tools.calls_of("cargo").is_empty(), "the released binary is used");

    let records = fs::read(forge.artifact("bench-pr").join("records.ndjson")).unwrap();
    workflow_run_event(&mut forge, &head);
    answer_artifact(&forge, &[("records.ndjson", &records)]);
    let results =
        forge.run_text("bench-comment.yml", &page.file(".github/workflows/bench-comment.yml"));
    assert_eq!(results["comment"], "success", "{}", forge.log);
    assert!(forge.tools.sent().unwrap().contains("regressed"));
}

#[test]
fn on_forgejo_the_change_is_measured_and_kept() {
    let mut forge =
        Forge::new(&[], &[("scenarios/ci/scenario.toml", LOOP), ("work.sh", &looping(30_000))]);
    forge.write("work.sh", &looping(1_000));
    forge.commit();
    // A pull request of several commits: the one before the last is not its base.
    forge.write("README.md", "The work is quick now.\n");
    let head = forge.commit();
    let (url, sum) = release(&forge.path("."));
    let page = Page::new(&[(RELEASE, &url), ("CHECKSUM", &sum)]);
    pull_request_event(&mut forge, &head);
    forge.github["event"]["pull_request"]["base"]["sha"] =
        forge.git(&["rev-parse", "HEAD~2"]).trim().into();
    let results = forge.run_text("bench.yml", &page.file(".forgejo/workflows/bench.yml"));
    assert_eq!(results["compare"], "success", "{}", forge.log);
    assert!(forge.summary.contains("improved"), "{}", forge.log);
    forge.assert_all_run(".forgejo/actions/bench/action.yml");
    assert!(forge.artifact("bench-run").join("comment.md").is_file());
}

#[test]
fn a_binary_of_another_checksum_is_not_run() {
    let mut forge = Forge::new(&[], &[("scenarios/ci/scenario.toml", LOOP), ("work.sh", "")]);
    forge.write("work.sh", "true\n");
    let head = forge.commit();
    let (url, _) = release(&forge.path("."));
    pull_request_event(&mut forge, &head);
    for (sum, expected) in [("0".repeat(64).as_str(), "did NOT match"), ("", "needs 'sha256'")] {
        let page = Page::new(&[(RELEASE, &url), ("CHECKSUM", sum)]);
        let results = forge.run_text("bench.yml", &page.file(".github/workflows/bench.yml"));
        assert_eq!(results["compare"], "failure");
        assert!(forge.log.contains(expected), "{}", forge.log);
        assert!(!forge.artifact("bench-run").exists(), "nothing was measured");
    }
}

/// A job of `.gitlab-ci.yml`.
#[derive(Deserialize)]
struct GitlabJob {
    #[serde(default = "once")]
    parallel: u32,
    #[serde(default)]
    when: String,
    script: Vec<String>,
}

const fn once() -> u32 {
    1
}

#[derive(Deserialize)]
struct GitlabDefault {
    before_script: Vec<String>,
}

/// The jobs of `.gitlab-ci.yml` in a project, but for those of the part `lost`: exit code of the last one.
fn gitlab(project: &Project, lost: Option<&str>) -> Option<i32> {
    let (url, sum) = release(project.root.path());
    let text = Page::new(&[]).file(".gitlab-ci.yml");
    let mut file: BTreeMap<String, serde_json::Value> = parse(&text, ".gitlab-ci.yml");
    let default: GitlabDefault = serde_json::from_value(file.remove("default").unwrap()).unwrap();
    let stages: Vec<String> = serde_json::from_value(file.remove("stages").unwrap()).unwrap();
    let mut code = None;
    for stage in &stages {
        let job: GitlabJob = serde_json::from_value(file.remove(stage).unwrap()).unwrap();
        let script = [&default.before_script[..], &job.script].concat().join("\n");
        for index in 1..=job.parallel {
            let (index, total) = (index.to_string(), job.parallel.to_string());
            if job.parallel > 1 && lost == Some(&index) {
                fs::create_dir_all(project.path("parts").join(&index)).unwrap();
                continue;
            }
            assert!(lost.is_none() || job.parallel > 1 || job.when == "always", "{stage} runs");
            let env = [
                ("BENCH_URL", url.as_str()),
                ("BENCH_SHA256", &sum),
                ("CI_PIPELINE_ID", "4711"),
                ("CI_NODE_INDEX", &index),
                ("CI_NODE_TOTAL", &total),
            ];
            code = project.call(&script, &env).status.code();
        }
    }
    assert!(file.is_empty(), "every job ran: {file:?}");
    assert!(fs::read_to_string(project.path("bench.xml")).unwrap().contains("<testsuite"));
    assert!(project.path("comment.md").is_file());
    code
}

#[test]
fn on_gitlab_parts_are_measured_and_judged_together() {
    let project = committed();
    assert_eq!(gitlab(&project, None), Some(0));
    assert_eq!(project.samples("bench-run"), 12, "4 blocks of 3 regimes");
}

#[test]
fn on_gitlab_a_lost_part_is_told_after_everything_else_is_shown() {
    let project = committed();
    assert_eq!(gitlab(&project, Some("2")), Some(6));
    assert_eq!(project.samples("bench-run"), 6);
}

#[test]
fn a_slurm_array_measures_one_plan() {
    let project = committed();
    let script = Page::new(&[]).file("bench.slurm");
    // Slurm writes there while the job measures.
    assert!(script.contains("\n#SBATCH --output=.bench/"), "{script}");
    for index in ["1", "2", "3", "4"] {
        let env = [
            ("SLURM_ARRAY_JOB_ID", "815"),
            ("SLURM_ARRAY_TASK_ID", index),
            ("SLURM_ARRAY_TASK_COUNT", "4"),
        ];
        project.sh(&script, &env);
    }
    project.sh("bench merge parts/*/ --out bench-run", &[]);
    assert_eq!(project.samples("bench-run"), 12);
}

#[test]
fn an_indexed_job_of_kubernetes_measures_one_plan() {
    let project = committed();
    let job: serde_json::Value = parse(&Page::new(&[]).file("bench-job.yaml"), "bench-job.yaml");
    let spec = &job["spec"];
    assert_eq!(spec["completionMode"], "Indexed");
    let container = &spec["template"]["spec"]["containers"][0];
    assert_eq!(container["command"], serde_json::json!(["sh", "-c"]));
    for index in 0..spec["completions"].as_u64().unwrap() {
        let index = index.to_string();
        project.sh(container["args"][0].as_str().unwrap(), &[("JOB_COMPLETION_INDEX", &index)]);
    }
    project.sh("bench merge parts/*/ --out bench-run", &[]);
    assert_eq!(project.samples("bench-run"), 12);
}
