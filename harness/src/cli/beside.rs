//! What a report leads to or holds besides the records: logs, and documents of other commands.

use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use bench_reports::render;
use bench_reports::text::quoted;
use serde_json::Value;

use super::Failure;
use crate::run::LOGS;

/// The documents that a report can hold, by the name in their schema.
const KNOWN: [&str; 3] = ["explain", "ablate", "verify"];

/// Owns what [`render::Beside`] shows.
#[derive(Debug, Default)]
pub(super) struct Found {
    logs: Option<String>,
    documents: [Option<Value>; 3],
}

impl Found {
    /// The logs of a run as seen from the directory of the report, and the documents of these files.
    pub(super) fn new(run: &Path, from: &Path, with: &[PathBuf]) -> Result<Self, Failure> {
        let mut found = Self { logs: address(&run.join(LOGS), from), ..Self::default() };
        for path in with {
            let (place, document) = read(path).map_err(Failure::usage)?;
            if found.documents[place].replace(document).is_some() {
                return Err(Failure::usage(anyhow::anyhow!(
                    "`{}` is a second {} document (hint: a report holds one of each)",
                    path.display(),
                    KNOWN[place]
                )));
            }
        }
        Ok(found)
    }

    /// What the renderer gets.
    pub(super) fn beside(&self) -> render::Beside<'_> {
        let [explain, ablate, verify] = &self.documents;
        render::Beside {
            logs: self.logs.as_deref(),
            explain: explain.as_ref(),
            ablate: ablate.as_ref(),
            verify: verify.as_ref(),
            history: None,
        }
    }
}

/// A document and its place in [`KNOWN`].
fn read(path: &Path) -> anyhow::Result<(usize, Value)> {
    let text = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let document: Value = serde_json::from_slice(&text)
        .with_context(|| format!("`{}` is no JSON document", path.display()))?;
    let schema = document.get("schema").and_then(Value::as_str).unwrap_or_default();
    match KNOWN.iter().position(|name| schema == format!("bench.{name}/1")) {
        Some(place) => Ok((place, document)),
        None => anyhow::bail!(
            "`{}` has the schema {}, expected bench.explain/1, bench.ablate/1 or bench.verify/1 (hint: the JSON \
             files of `bench explain`, `bench ablate` and `bench verify`)",
            path.display(),
            quoted(schema)
        ),
    }
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
    let down =
        to[shared..].iter().map(|part| part.as_os_str().to_str().and_then(render::address_segment));
    let parts: Option<Vec<String>> = up.map(Some).chain(down).collect();
    parts.map(|parts| parts.join("/"))
}
