//! What a report leads to or holds besides the records: logs, and documents of other commands.

use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use bench_record::{Assumptions, LoadedRun};
use bench_reports::ablate::Ablation;
use bench_reports::document::text::quoted;
use bench_reports::explained::Explained;
use bench_reports::report::{Beside, Next, address_segment};
use bench_reports::verify::Verification;
use serde_json::Value;

use super::{Failure, recipe};
use crate::run::LOGS;

/// The documents that a report can hold, by the name in their schema and of their file.
const KNOWN: [&str; 3] = ["explain", "ablate", "verify"];

/// Owns what [`Beside`] shows.
#[derive(Debug, Default)]
pub(super) struct Found {
    logs: Option<String>,
    explain: Option<Explained>,
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
        if let Some(explained) = &found.explain {
            recipe::same_explained(explained, run, "the explanation").map_err(Failure::usage)?;
        }
        if let Some(ablated) = &found.ablate {
            recipe::same_ablated(ablated, run, "the ablation").map_err(Failure::usage)?;
        }
        if let Some(verified) = &found.verify {
            recipe::same_verified(verified, run, "the verification").map_err(Failure::usage)?;
        }
        let (explained, ablated) = (found.explain.as_ref(), found.ablate.as_ref());
        found.next = recipe::next(run, explained, ablated, assumed);
        Ok(found)
    }

    /// Reads a document into its place.
    fn take(&mut self, path: &Path) -> anyhow::Result<()> {
        let text =
            std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let document: Value = serde_json::from_slice(&text)
            .with_context(|| format!("`{}` is no JSON document", path.display()))?;
        let schema = document.get("schema").and_then(Value::as_str).unwrap_or_default().to_owned();
        let known = KNOWN.into_iter().find(|name| schema == format!("bench.{name}/1"));
        let damaged = || format!("`{}` is no whole {} document", path.display(), quoted(&schema));
        let second = match known {
            Some("explain") => self
                .explain
                .replace(serde_json::from_value(document).with_context(damaged)?)
                .is_some(),
            Some("ablate") => self
                .ablate
                .replace(serde_json::from_value(document).with_context(damaged)?)
                .is_some(),
            Some("verify") => self
                .verify
                .replace(serde_json::from_value(document).with_context(damaged)?)
                .is_some(),
            _ => anyhow::bail!(
                "`{}` has the schema {}, expected bench.explain/1, bench.ablate/1 or bench.verify/1 (hint: the JSON \
                 files of `bench explain`, `bench ablate` and `bench verify`)",
                path.display(),
                quoted(&schema)
            ),
        };
        anyhow::ensure!(
            !second,
            "`{}` is a second {} document (hint: a report holds one of each)",
            path.display(),
            known.unwrap_or_default()
        );
        Ok(())
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
