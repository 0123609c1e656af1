//! What a report shows besides the records: a link to the logs, documents of other commands, and a short recipe.

use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use bench_record::files::LOGS;
use bench_record::{Assumptions, LoadedRun};
use bench_reports::ablate::Ablation;
use bench_reports::answer::Answer;
use bench_reports::document::address_segment;
use bench_reports::document::text::quoted;
use bench_reports::explain::Explanation;
use bench_reports::recipe::{self, HOSTED_RESTORE, Input};
use bench_reports::report::{Beside, Next};
use bench_reports::summary::summarise_with;
use bench_reports::verify::Verification;
use serde_json::Value;

use super::declared::at_hand;
use super::session::Failure;

/// The commands whose documents a report can hold; each is named after its command.
const KNOWN: [&str; 3] = [Explanation::COMMAND, Ablation::COMMAND, Verification::COMMAND];

/// Owns what [`Beside`] refers to.
#[derive(Debug, Default)]
pub(super) struct Attachments {
    logs: Option<String>,
    explain: Option<Explanation>,
    ablate: Option<Ablation>,
    verify: Option<Verification>,
    next: Option<Next>,
}

impl Attachments {
    /// The logs in the run's `directory` as seen `from` that of the report, the documents of the files in `with`,
    /// and what to do with the caches of the run.
    pub(super) fn new(
        directory: &Path,
        from: &Path,
        with: &[PathBuf],
        (run, assumed): (&LoadedRun, Assumptions),
    ) -> Result<Self, Failure> {
        let mut attached = Self { logs: address(&directory.join(LOGS), from), ..Self::default() };
        for path in with {
            for file in files(path).map_err(Failure::usage)? {
                attached.add(&file).map_err(Failure::usage)?;
            }
        }
        if let Some(explanation) = &attached.explain {
            check_subject(explanation, run, "the explanation")?;
        }
        if let Some(ablation) = &attached.ablate {
            check_subject(ablation, run, "the ablation")?;
        }
        if let Some(verification) = &attached.verify {
            check_subject(verification, run, "the verification")?;
        }
        let (explanation, ablation) = (attached.explain.as_ref(), attached.ablate.as_ref());
        attached.next = next(run, explanation, ablation, assumed);
        Ok(attached)
    }

    /// Reads a document.
    fn add(&mut self, path: &Path) -> anyhow::Result<()> {
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

    /// What the renderer needs.
    pub(super) fn show(&self) -> Beside<'_> {
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

/// Reads a document; a second one of its kind is refused.
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

/// The relative address of a directory; `None` where it does not exist, as with imported and merged runs, or
/// cannot be reached by a relative path.
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

/// The recipe of a run in short, for its report; without paths where the scenario is not at hand.
fn next(
    run: &LoadedRun,
    explanation: Option<&Explanation>,
    ablation: Option<&Ablation>,
    mut assumed: Assumptions,
) -> Option<Next> {
    assumed.transfer_bytes_per_s.get_or_insert(HOSTED_RESTORE);
    let summary = summarise_with(run, &assumed);
    let at_hand = at_hand(&run.run);
    let declared = at_hand.as_ref().map(|(declared, _)| declared);
    let input = Input { run, summary: &summary, declared, explanation, ablation, systems: &[] };
    let mut next = recipe::next(&input)?;
    if at_hand.as_ref().is_some_and(|(_, changed)| *changed) {
        next.remarks.push(
            "The scenario has changed since the run: paths and variables are those of today."
                .to_owned(),
        );
    }
    Some(next)
}

/// Refuses a document, called `name`, about another scenario or other params than the run's, and warns where the scenario's files changed
/// in between.
pub(super) fn check_subject<A: Answer>(
    answer: &A,
    run: &LoadedRun,
    name: &str,
) -> Result<(), Failure> {
    answer.check_subject(&run.run, name).map_err(Failure::usage)?;
    if let Some(changed) = answer.changed_since(&run.run) {
        anstream::eprintln!("warning: {name}: {changed}");
    }
    Ok(())
}
