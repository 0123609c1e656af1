//! What a report leads to or holds besides the records: logs, and documents of other commands.

use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use bench_record::{Assumptions, LoadedRun};
use bench_reports::ablate::Ablation;
use bench_reports::answer::Answer;
use bench_reports::document::text::quoted;
use bench_reports::explain::Explanation;
use bench_reports::report::{Beside, Next, address_segment};
use bench_reports::verify::Verification;
use serde_json::Value;

use super::Failure;
use super::recipe::{self, check_subject};
use crate::run::LOGS;

/// The commands whose documents a report can hold; each is named after its command.
const KNOWN: [&str; 3] = [Explanation::COMMAND, Ablation::COMMAND, Verification::COMMAND];

/// Owns what [`Beside`] shows.
#[derive(Debug, Default)]
pub(super) struct Found {
    logs: Option<String>,
    explain: Option<Explanation>,
    ablate: Option<Ablation>,
    verify: Option<Verification>,
    next: Option<Next>,
}

impl Found {
    /// The logs of a run as seen from the directory of the report, the documents of these files, and what is to
    /// be done with the caches of the run.
    pub(super) fn new(
        directory: &Path,
        from: &Path,
        with: &[PathBuf],
        (run, assumed): (&LoadedRun, Assumptions),
    ) -> Result<Self, Failure> {
        let mut found = Self { logs: address(&directory.join(LOGS), from), ..Self::default() };
        for path in with {
            for file in files(path).map_err(Failure::usage)? {
                found.take(&file).map_err(Failure::usage)?;
            }
        }
        if let Some(explanation) = &found.explain {
            check_subject(explanation, run, "the explanation")?;
        }
        if let Some(ablation) = &found.ablate {
            check_subject(ablation, run, "the ablation")?;
        }
        if let Some(verification) = &found.verify {
            check_subject(verification, run, "the verification")?;
        }
        let (explanation, ablation) = (found.explain.as_ref(), found.ablate.as_ref());
        found.next = recipe::next(run, explanation, ablation, assumed);
        Ok(found)
    }

    /// Reads a document into its place.
    fn take(&mut self, path: &Path) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let document: Value = serde_json::from_str(&text)
            .with_context(|| format!("`{}` is not a JSON document", path.display()))?;
        match document.get("schema").and_then(Value::as_str).unwrap_or_default() {
            Explanation::SCHEMA => put(&mut self.explain, &text, path),
            Ablation::SCHEMA => put(&mut self.ablate, &text, path),
            Verification::SCHEMA => put(&mut self.verify, &text, path),
            other => anyhow::bail!(
                "`{}` has the schema {}, expected {}, {} or {} (hint: the JSON files of `bench explain`, `bench \
                 ablate` and `bench verify`)",
                path.display(),
                quoted(other),
                Explanation::SCHEMA,
                Ablation::SCHEMA,
                Verification::SCHEMA
            ),
        }
    }

    /// What the renderer gets.
    pub(super) fn beside(&self) -> Beside<'_> {
        Beside {
            logs: self.logs.as_deref(),
            explain: self.explain.as_ref(),
            ablate: self.ablate.as_ref(),
            verify: self.verify.as_ref(),
            next: self.next.as_ref(),
            quota: None,
            history: None,
        }
    }
}

/// Reads a document, of which there must be no other yet.
fn put<A: Answer>(place: &mut Option<A>, text: &str, path: &Path) -> anyhow::Result<()> {
    let answer = A::parse(text).with_context(|| format!("`{}`", path.display()))?;
    anyhow::ensure!(
        place.replace(answer).is_none(),
        "`{}` is a second {} (hint: a report holds one of each)",
        path.display(),
        A::NOUN
    );
    Ok(())
}

/// The file itself, or the documents in a run directory of the commands that write them.
fn files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let files = KNOWN.iter().map(|name| path.join(format!("{name}.json")));
    let files: Vec<PathBuf> = files.filter(|file| file.is_file()).collect();
    anyhow::ensure!(
        !files.is_empty(),
        "`{}` holds no explain.json, ablate.json or verify.json (hint: the run directory of `bench explain`, `bench \
         ablate` or `bench verify`)",
        path.display()
    );
    Ok(files)
}

/// The relative address of a directory; `None` where there is none, as with imported and merged runs, or no
/// way that leads there.
fn address(to: &Path, from: &Path) -> Option<String> {
    let (to, from) = (to.canonicalize().ok()?, from.canonicalize().ok()?);
    let to: Vec<Component<'_>> = to.components().collect();
    let from: Vec<Component<'_>> = from.components().collect();
    let shared = to.iter().zip(&from).take_while(|(one, other)| one == other).count();
    if shared == 0 {
        return None;
    }
    let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
    let down = to[shared..].iter().map(|part| part.as_os_str().to_str().and_then(address_segment));
    let parts: Option<Vec<String>> = up.map(Some).chain(down).collect();
    parts.map(|parts| parts.join("/"))
}
