//! One machine of the forge: the steps of one job, in order.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map as Object, Value, json};

use crate::actions;
use crate::expression::Scope;
use crate::forge::{Forge, REPOSITORY, project};
use crate::model::{Action, Map, Step, read};

pub(crate) struct Machine<'a> {
    pub(crate) forge: &'a mut Forge,
    dir: PathBuf,
    file: String,
    env: BTreeMap<String, String>,
    scope: Scope,
}

impl<'a> Machine<'a> {
    pub(crate) fn new(
        forge: &'a mut Forge,
        dir: &Path,
        file: &str,
        mut contexts: Object<String, Value>,
    ) -> Self {
        for name in ["home", "temp", "files", "workspace"] {
            fs::create_dir_all(dir.join(name)).unwrap();
        }
        let dir = dir.canonicalize().unwrap();
        let at = |name: &str| dir.join(name).display().to_string();
        let github = |name: &str| contexts["github"][name].as_str().unwrap_or_default().to_owned();
        let reference = github("ref");
        let env = [
            ("CI", "true".to_owned()),
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_EVENT_NAME", github("event_name")),
            ("GITHUB_OUTPUT", at("files/output")),
            ("GITHUB_PATH", at("files/path")),
            ("GITHUB_REF", reference.clone()),
            ("GITHUB_REF_NAME", reference.rsplit('/').next().unwrap_or_default().to_owned()),
            ("GITHUB_REPOSITORY", REPOSITORY.to_owned()),
            ("GITHUB_RUN_ATTEMPT", "1".to_owned()),
            ("GITHUB_RUN_ID", "8150815".to_owned()),
            ("GITHUB_SERVER_URL", "https://github.com".to_owned()),
            ("GITHUB_STEP_SUMMARY", at("files/summary")),
            ("GITHUB_WORKSPACE", at("workspace")),
            ("HOME", at("home")),
            ("PATH", forge.tools.path()),
            ("RUNNER_TEMP", at("temp")),
            // Beyond what the forge sets: all machines here are one, and hosted ones have the same paths.
            ("BENCH_STATE", forge.state_root().display().to_string()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".to_owned()),
        ];
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        contexts.insert("steps".into(), json!({}));
        let scope = Scope { contexts, success: true };
        Self { forge, dir, file: file.to_owned(), env, scope }
    }

    pub(crate) fn workspace(&self) -> PathBuf {
        self.dir.join("workspace")
    }

    /// Adds an `env:` of the workflow or the job.
    pub(crate) fn add_env(&mut self, env: &Map) {
        let values: Vec<_> =
            env.iter().map(|(name, value)| (name.clone(), self.scope.shown(value))).collect();
        self.env.extend(values);
    }

    /// Runs steps; whether all ended well. `action` is the directory of a composite action.
    pub(crate) fn steps(&mut self, steps: &[Step], action: Option<&Path>) -> bool {
        for step in steps {
            if !self.scope.condition(step.condition.as_ref()) {
                continue;
            }
            let with: BTreeMap<String, String> =
                step.with.iter().map(|(k, v)| (k.clone(), self.scope.shown(v))).collect();
            let (well, outputs) = match (&step.run, &step.uses) {
                (Some(script), None) => self.script(step, script, action),
                (None, Some(uses)) => match local(uses) {
                    Some(path) => self.composite(&path, &with),
                    None => actions::run(self, uses, &with),
                },
                _ => panic!("{}: a step runs or uses", self.file),
            };
            if let Some(id) = &step.id {
                self.scope.contexts["steps"][id] = json!({"outputs": outputs});
            }
            self.scope.success &= well;
        }
        self.scope.success
    }

    /// Declared outputs of a job or an action.
    pub(crate) fn outputs(&self, outputs: &Map) -> Value {
        let values = outputs.iter().map(|(k, v)| (k.clone(), Value::String(self.scope.shown(v))));
        Value::Object(values.collect())
    }

    fn script(&mut self, step: &Step, script: &str, action: Option<&Path>) -> (bool, Value) {
        assert!(!script.contains("${{"), "{}: an expression inside a script: {script}", self.file);
        for file in ["output", "path", "summary"] {
            fs::write(self.dir.join("files").join(file), "").unwrap();
        }
        let shell = step.shell.as_deref().unwrap_or("bash");
        fs::write(self.dir.join("files/script"), script).unwrap();
        let mut command = Command::new(shell);
        command.arg("-e").arg(self.dir.join("files/script")).current_dir(self.workspace());
        command.env_clear().envs(&self.env);
        command.envs(step.env.iter().map(|(name, value)| (name, self.scope.shown(value))));
        if let Some(action) = action {
            command.env("GITHUB_ACTION_PATH", action);
        }
        let output = command.output().unwrap();
        self.forge.executed.insert((self.file.clone(), script.to_owned()));
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        writeln!(self.forge.log, "$ {script}\n{stdout}{stderr}-> {}", output.status).unwrap();
        let wrote = |name: &str| fs::read_to_string(self.dir.join("files").join(name)).unwrap();
        self.forge.summary.push_str(&wrote("summary"));
        for line in wrote("path").lines() {
            let path = format!("{line}:{}", self.env["PATH"]);
            self.env.insert("PATH".into(), path);
        }
        let written = wrote("output");
        let outputs = written.lines().map(|line| {
            let (name, value) = line.split_once('=').expect("NAME=VALUE");
            (name.to_owned(), Value::String(value.to_owned()))
        });
        (output.status.success(), Value::Object(outputs.collect()))
    }

    /// A composite action sees its inputs and its own steps, and shares everything else.
    fn composite(&mut self, path: &str, with: &BTreeMap<String, String>) -> (bool, Value) {
        let dir = project().join(path);
        let action: Action = read(&dir.join("action.yml"));
        let mut inputs: BTreeMap<String, Value> = BTreeMap::new();
        for (name, input) in &action.inputs {
            assert!(!input.required || with.contains_key(name), "{path}: `{name}` is required");
            let default = input.default.as_ref().map_or_else(String::new, |d| self.scope.shown(d));
            inputs.insert(name.clone(), Value::String(with.get(name).cloned().unwrap_or(default)));
        }
        for name in with.keys() {
            assert!(action.inputs.contains_key(name), "{path} has no input `{name}`");
        }
        let mut contexts = self.scope.contexts.clone();
        contexts.insert("inputs".into(), json!(inputs));
        contexts.insert("steps".into(), json!({}));
        let scope = Scope { contexts, success: self.scope.success };
        let outer = std::mem::replace(&mut self.scope, scope);
        let file = std::mem::replace(&mut self.file, format!("{path}/action.yml"));
        let well = self.steps(&action.runs.steps, Some(&dir));
        let declared = action.outputs.into_iter().map(|(name, output)| (name, output.value));
        let outputs = self.outputs(&declared.collect());
        self.scope = outer;
        self.file = file;
        (well, outputs)
    }
}

/// The directory of an action of this project: `./PATH` in its own workflows, `OWNER/bench/PATH@COMMIT` elsewhere.
fn local(uses: &str) -> Option<String> {
    if let Some(path) = uses.strip_prefix("./") {
        return Some(path.to_owned());
    }
    let (_, path) = uses.split_once("OWNER/bench/")?;
    path.split('@').next().map(str::to_owned)
}
