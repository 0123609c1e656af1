//! Cache steps of the workflows of GitHub and Forgejo.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::project::Project;

const DIRS: [&str; 2] = [".github/workflows", ".forgejo/workflows"];

/// A step that caches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheStep {
    /// The workflow.
    pub file: String,
    /// The action, as the workflow has it.
    pub uses: String,
    /// Paths that it saves; empty where the action knows them itself.
    pub paths: Vec<String>,
    /// The key, as the workflow has it.
    pub key: Option<String>,
    /// Where the project is, seen from where the workflow's paths start: `a/b/`; empty where it is there.
    pub(super) below: String,
}

#[derive(Deserialize)]
struct Workflow {
    #[serde(default)]
    jobs: BTreeMap<String, WorkflowJob>,
}

#[derive(Deserialize)]
struct WorkflowJob {
    /// A reusable workflow instead of steps.
    #[serde(default)]
    uses: Option<String>,
    #[serde(default)]
    steps: Vec<WorkflowStep>,
}

#[derive(Deserialize)]
struct WorkflowStep {
    #[serde(default)]
    uses: Option<String>,
    #[serde(default)]
    with: Option<BTreeMap<String, serde_json::Value>>,
}

/// The workflow files: of the project, and of the root of the work tree that it is a part of, because CI reads only
/// those.
pub(super) fn workflows(project: &Project) -> impl Iterator<Item = String> + '_ {
    let (up, _) = project.ways();
    let project_itself = (!up.is_empty()).then(String::new);
    project_itself
        .into_iter()
        .chain([up])
        .flat_map(|root| DIRS.map(|dir| format!("{root}{dir}")))
        .flat_map(|dir| {
            let files = project.files(&dir, &[".yml", ".yaml"]);
            files.into_iter().map(move |file| format!("{dir}/{file}"))
        })
}

/// Every cache step once, and what could not be read.
pub(super) fn steps(project: &Project) -> (Vec<CacheStep>, Vec<String>) {
    let (mut steps, mut unknown) = (Vec::new(), Vec::new());
    let (up, below) = project.ways();
    let files: Vec<String> = workflows(project).collect();
    for file in &files {
        // A workflow names local files from the root of its repository.
        let (root, below) =
            if file.starts_with("../") { (up.as_str(), below.as_str()) } else { ("", "") };
        let known = |called: &str| {
            let local = called.strip_prefix("./");
            local.is_some_and(|path| files.iter().any(|file| *file == format!("{root}{path}")))
        };
        let mut unread = |what: &str, called: &str| {
            let sentence = format!("what the {what} `{called}` of `{file}` caches: it is not read");
            if !unknown.contains(&sentence) {
                unknown.push(sentence);
            }
        };
        let read = project.text(file).map(|text| serde_saphyr::from_str::<Workflow>(&text));
        let Some(Ok(workflow)) = read else {
            unknown.push(format!("what `{file}` caches: it cannot be read as a workflow"));
            continue;
        };
        for job in workflow.jobs.into_values() {
            if let Some(called) = job.uses.filter(|called| !known(called)) {
                unread("reusable workflow", &called);
            }
            for step in job.steps {
                if let Some(called) = step.uses.as_deref().filter(|uses| uses.starts_with("./")) {
                    unread("local action", called);
                }
                if let Some(found) = cache_step(file, below, step)
                    && !steps.contains(&found)
                {
                    steps.push(found);
                }
            }
        }
    }
    (steps, unknown)
}

fn cache_step(file: &str, below: &str, step: WorkflowStep) -> Option<CacheStep> {
    let uses = step.uses?;
    let with = step.with.unwrap_or_default();
    let text = |key: &str| with.get(key)?.as_str().map(str::to_owned);
    // `owner/name/sub@ref`; Forgejo also has whole addresses.
    let action = uses.split('@').next().unwrap_or_default().trim_end_matches('/');
    let ends = |name: &str| action == name || action.ends_with(&format!("/{name}"));
    let caches = ["cache", "cache/restore", "cache/save"].into_iter().any(ends);
    let knows = ["rust-cache", "ccache-action", "sccache-action"].into_iter().any(ends);
    let setup = action.contains("/setup-") && text("cache").is_some_and(|value| value != "false");
    (caches || knows || setup).then(|| CacheStep {
        file: file.to_owned(),
        below: below.to_owned(),
        paths: text("path")
            .filter(|_| caches)
            .map(|paths| {
                let lines = paths.lines().map(str::trim);
                lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
            })
            .unwrap_or_default(),
        key: text("key").or_else(|| text("shared-key")).or_else(|| text("cache")),
        uses,
    })
}

/// Where a path of a workflow is on a runner; none for one that only CI can resolve, or that lies outside of a project
/// that is `below` where the workflow's paths start.
pub(super) fn on_runner(path: &str, below: &str) -> Option<String> {
    let path = path.strip_suffix("/**").unwrap_or(path).trim_end_matches('/');
    let path = path.strip_prefix("./").unwrap_or(path);
    let (root, rest) = match path.strip_prefix("~/").or_else(|| path.strip_prefix("$HOME/")) {
        Some(rest) => ("{home}", rest),
        None => ("{workspace}", path.strip_prefix(below)?),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let part = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(plain);
    rest.split('/').all(part).then(|| format!("{root}/{rest}"))
}
