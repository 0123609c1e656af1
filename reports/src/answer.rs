//! What the documents of `explain`, `ablate` and `verify` have in common: how each is read, and which scenario it is
//! about.

use std::collections::BTreeMap;

use bench_record::Run;
use bench_record::journal::upgrade_regime;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::document::Words;
use crate::document::text::quoted;

/// The document of a command that follows up on a run.
pub trait Answer: DeserializeOwned {
    /// Name and version of the document: `bench.explain/1`.
    const SCHEMA: &'static str;
    /// The version before it, if it is read, too: its `cross-runner` is `moved-runner` now.
    const EARLIER: Option<&'static str> = None;
    /// The command that writes it, as `COMMAND.json`: `explain`.
    const COMMAND: &'static str;
    /// What it is, in a sentence: `explanation`.
    const NOUN: &'static str;

    /// The scenario that it is about.
    fn subject(&self) -> Subject<'_>;

    /// Reads the document. The version is checked before the rest is looked at.
    ///
    /// # Errors
    /// [`AnswerError`]: it is another document, of another version, or damaged.
    fn parse(text: &str) -> Result<Self, AnswerError> {
        let header: Header = serde_json::from_str(text).map_err(|source| AnswerError::Other {
            noun: Self::NOUN,
            command: Self::COMMAND,
            source,
        })?;
        let damaged = |source| AnswerError::Damaged { schema: Self::SCHEMA, source };
        if Self::EARLIER == Some(header.schema.as_str()) {
            let mut document: Value = serde_json::from_str(text).map_err(damaged)?;
            upgrade(&mut document);
            return serde_json::from_value(document).map_err(damaged);
        }
        if header.schema != Self::SCHEMA {
            return Err(AnswerError::Schema {
                found: quoted(&header.schema),
                expected: Self::SCHEMA,
            });
        }
        serde_json::from_str(text).map_err(damaged)
    }

    /// Compares what the document, called `name` here, is about with what was run.
    ///
    /// # Errors
    /// [`OtherSubject`] when the scenario or a param is another one.
    fn check_subject(&self, run: &Run, name: &str) -> Result<(), OtherSubject> {
        let Subject { scenario, params, .. } = self.subject();
        if (scenario, params) == (run.scenario.name.as_str(), &run.params) {
            return Ok(());
        }
        Err(OtherSubject {
            name: name.to_owned(),
            found: named(scenario, params),
            expected: named(&run.scenario.name, &run.params),
            command: Self::COMMAND,
        })
    }

    /// A sentence where the scenario's files changed between the run and this document; `None` where they did not, or
    /// where the document is of a version that does not say.
    fn changed_since(&self, run: &Run) -> Option<String> {
        let subject = self.subject();
        (subject.hash? != run.scenario.hash).then(|| {
            format!(
                "The files of scenario {} are not the same in the run and in the {}: it may be about something else \
                 than was measured.",
                quoted(subject.scenario),
                Self::NOUN
            )
        })
    }
}

/// Turns every regime of a document of an earlier version into what it is called now. Params are the user's own words.
fn upgrade(value: &mut Value) {
    match value {
        Value::Object(object) => {
            upgrade_regime(object);
            object.iter_mut().filter(|(name, _)| *name != "params").for_each(|(_, v)| upgrade(v));
        }
        Value::Array(values) => values.iter_mut().for_each(upgrade),
        _ => {}
    }
}

/// What a document is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The scenario's name.
    pub scenario: &'a str,
    /// Its params.
    pub params: &'a BTreeMap<String, String>,
    /// Its content hash; `None` in documents that do not hold it.
    pub hash: Option<&'a str>,
}

#[derive(Deserialize)]
struct Header {
    schema: String,
}

/// Why a text is not the document that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// It is not JSON, or has no schema.
    #[error(
        "not a valid {noun} (hint: the `{command}.json` of a `bench {command}` run is expected)"
    )]
    Other {
        /// What was expected.
        noun: &'static str,
        /// The command that writes it.
        command: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// It is another document, or of another version.
    #[error("it has the schema {found}, expected `{expected}`")]
    Schema {
        /// What it says, in backticks.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A field is missing or of another type.
    #[error("it is not a complete `{schema}` document")]
    Damaged {
        /// What it says it is.
        schema: &'static str,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

/// A document is about something else than was run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name} is about {found}, but the run measured {expected} (hint: `bench {command}` with the run's scenario and \
     `--set`)"
)]
pub struct OtherSubject {
    name: String,
    found: String,
    expected: String,
    command: &'static str,
}

/// The run and the params of a follow-up command, for the head of its document.
pub(crate) fn run_facts(command: &str, run: &str, params: &BTreeMap<String, String>) -> Vec<Words> {
    let run = Words::new().text(format!("{command} run ")).name(run);
    let params = params.iter().map(|(name, value)| Words::new().setting(name, value));
    std::iter::once(run).chain(params).collect()
}

/// The same in a sentence, under a section in the report of another run: its params may be others.
pub(crate) fn about(run: &str, params: &BTreeMap<String, String>) -> Words {
    let run = Words::new().text("From run ").code(run);
    let params = params.iter().map(|(name, value)| Words::new().setting(name, value));
    Words::joined(std::iter::once(run).chain(params), ", ")
}

/// A clause as a sentence.
pub(crate) fn capitalised(clause: &str) -> Words {
    let mut chars = clause.chars();
    let first: String =
        chars.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    Words::from(format!("{first}{}.", chars.as_str()))
}

/// `scenario jobs=2` in backticks.
fn named(scenario: &str, params: &BTreeMap<String, String>) -> String {
    let params = params.iter().map(|(name, value)| format!("{name}={value}"));
    quoted(&[scenario.to_owned()].into_iter().chain(params).collect::<Vec<_>>().join(" "))
}
