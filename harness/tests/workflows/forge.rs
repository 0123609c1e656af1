//! A forge on one machine: jobs in the order of their needs, each on a new machine of its own, with the variables
//! that GitHub sets, artifacts, caches and Pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::expression::Scope;
use crate::machine::Machine;
use crate::model::{Job, Needs, Workflow, parse, read};
use crate::tools::Tools;

pub(crate) const REPOSITORY: &str = "someone/bench";

/// A forge with one repository.
pub(crate) struct Forge {
    root: tempfile::TempDir,
    pub(crate) tools: Tools,
    /// `github`, as the event makes it.
    pub(crate) github: Value,
    /// Every `run:` that was executed: file and the script itself.
    pub(crate) executed: BTreeSet<(String, String)>,
    /// Whether the cache service keeps nothing.
    pub(crate) loses_caches: bool,
    /// What the steps wrote for the summary page.
    pub(crate) summary: String,
    /// Output of every step, for messages.
    pub(crate) log: String,
    /// Number of machines so far.
    machines: u32,
}

/// How a job ended.
pub(crate) type Results = BTreeMap<String, String>;

impl Forge {
    /// A forge whose repository holds these files of this project, and these.
    pub(crate) fn new(copied: &[&str], files: &[(&str, &str)]) -> Self {
        let root = tempfile::Builder::new().prefix("bench-forge-").tempdir().unwrap();
        let tools = Tools::new(&root.path().join("tools"));
        let forge = Self {
            root,
            tools,
            github: json!({"token": "a-token", "ref": "refs/heads/main", "event_name": "push"}),
            executed: BTreeSet::new(),
            loses_caches: false,
            summary: String::new(),
            log: String::new(),
            machines: 0,
        };
        let origin = forge.origin();
        fs::create_dir_all(&origin).unwrap();
        for path in copied {
            copy(&project().join(path), &origin.join(path));
        }
        for (path, content) in files {
            forge.write(path, content);
        }
        forge.git(&["init", "--quiet", "--initial-branch=main"]);
        forge.commit();
        forge
    }

    pub(crate) fn path(&self, rel: &str) -> PathBuf {
        self.root.path().join(rel)
    }

    /// The state root of every machine: at the same path on each.
    pub(crate) fn state_root(&self) -> PathBuf {
        self.path("state")
    }

    pub(crate) fn origin(&self) -> PathBuf {
        self.path("origin")
    }

    /// Writes a file of the repository.
    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.origin().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits everything; the commit id.
    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "Change"]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        let who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "core.hooksPath="];
        let output = std::process::Command::new("git")
            .args(who)
            .args(args)
            .current_dir(self.origin())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "git {args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// A file of an artifact.
    pub(crate) fn artifact(&self, name: &str) -> PathBuf {
        self.path("artifacts").join(name)
    }

    /// Makes a branch that shares nothing with the others, as docs/CI.md says.
    pub(crate) fn orphan(&self, branch: &str) {
        self.git(&["switch", "--quiet", "--orphan", branch]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "Runs"]);
        self.git(&["switch", "--quiet", "main"]);
    }

    /// Commits a file to another branch.
    #[cfg(feature = "history")]
    pub(crate) fn commit_to(&self, branch: &str, path: &str, content: &str) {
        self.git(&["switch", "--quiet", branch]);
        self.write(path, content);
        self.commit();
        self.git(&["switch", "--quiet", "main"]);
    }

    /// Forgets what belongs to one run of a workflow: its artifacts, caches, summary and log.
    pub(crate) fn next_run(&mut self) {
        for dir in ["artifacts", "caches", "pages"] {
            let _ = fs::remove_dir_all(self.path(dir));
        }
        self.summary.clear();
        self.log.clear();
    }

    /// Runs a workflow of the repository; how each job ended.
    pub(crate) fn run(&mut self, file: &str) -> Results {
        let workflow = read(&self.origin().join(file));
        self.run_workflow(file, &workflow)
    }

    /// Runs a workflow that is a text.
    pub(crate) fn run_text(&mut self, name: &str, text: &str) -> Results {
        self.run_workflow(name, &parse(text, name))
    }

    fn run_workflow(&mut self, file: &str, workflow: &Workflow) -> Results {
        let mut done: BTreeMap<String, (bool, Value)> = BTreeMap::new();
        let mut results = Results::new();
        while results.len() < workflow.jobs.len() {
            let (name, job) = workflow
                .jobs
                .iter()
                .find(|(name, job)| {
                    !results.contains_key(*name)
                        && job.needs().iter().all(|needed| results.contains_key(*needed))
                })
                .expect("jobs need each other in an order");
            let (result, outputs) = self.run_job(file, workflow, name, job, &done);
            done.insert(
                name.clone(),
                (
                    result != "failure" && result != "skipped",
                    json!({"result": result, "outputs": outputs}),
                ),
            );
            results.insert(name.clone(), result.to_owned());
        }
        results
    }

    fn run_job(
        &mut self,
        file: &str,
        workflow: &Workflow,
        name: &str,
        job: &Job,
        done: &BTreeMap<String, (bool, Value)>,
    ) -> (&'static str, Value) {
        let needed: BTreeMap<&str, &(bool, Value)> =
            job.needs().iter().map(|needed| (*needed, &done[*needed])).collect();
        let needs: BTreeMap<&str, &Value> = needed.iter().map(|(k, (_, v))| (*k, v)).collect();
        let contexts = json!({"github": self.github, "needs": needs});
        let Value::Object(contexts) = contexts else { unreachable!("it is an object") };
        let scope = Scope { contexts, success: needed.values().all(|(well, _)| *well) };
        if !scope.condition(job.condition.as_ref()) {
            return ("skipped", json!({}));
        }
        let matrix = match &job.strategy {
            None => vec![json!({})],
            Some(strategy) => {
                let matrix = match &strategy.matrix {
                    Value::String(text) => scope.text(text),
                    whole => whole.clone(),
                };
                matrix["include"].as_array().expect("a list of entries").clone()
            }
        };
        let (mut result, mut outputs) = ("success", json!({}));
        for entry in matrix {
            self.machines += 1;
            let dir = self.path(&format!("machine-{}", self.machines));
            let mut contexts = scope.contexts.clone();
            contexts.insert("matrix".into(), entry);
            let mut machine = Machine::new(self, &dir, file, contexts);
            machine.add_env(&workflow.env);
            machine.add_env(&job.env);
            let well = machine.steps(&job.steps, None);
            outputs = machine.outputs(&job.outputs);
            if !well {
                result = "failure";
                writeln!(self.log, "job {name} failed").unwrap();
            }
            // The machine is gone when its job ends: what a later job finds came through the forge.
            let _ = fs::remove_dir_all(&dir);
            let _ = fs::remove_dir_all(self.state_root());
        }
        (result, outputs)
    }

    /// Asserts that every `run:` of this file was executed.
    #[track_caller]
    pub(crate) fn assert_all_run(&self, file: &str) {
        let all = scripts(&project().join(file));
        assert!(!all.is_empty(), "{file} runs something");
        for script in all {
            assert!(
                self.executed.contains(&(file.to_owned(), script.clone())),
                "{file}: not executed: {script}\n{}",
                self.log
            );
        }
    }
}

/// Every `run:` of a workflow or an action.
fn scripts(file: &Path) -> Vec<String> {
    let steps = if file.ends_with("action.yml") {
        read::<crate::model::Action>(file).runs.steps
    } else {
        read::<Workflow>(file).jobs.into_values().flat_map(|job| job.steps).collect()
    };
    steps.into_iter().filter_map(|step| step.run).collect()
}

/// The root of this project.
pub(crate) fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Copies a file or a tree, modes included.
pub(crate) fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap_or_else(|e| panic!("{}: {e}", from.display()));
    }
}

#[test]
fn needs_are_one_or_several() {
    let jobs: Vec<Needs> = parse("[a, [b, c]]", "needs");
    assert!(matches!(&jobs[..], [Needs::One(_), Needs::Several(two)] if two.len() == 2));
}
