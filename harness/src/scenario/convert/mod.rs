//! Text to [`Scenario`]: every problem is reported, and a scenario comes out only where there is none.

mod archives;
mod caches;
mod gate;
mod outputs;
mod parts;
mod run;
mod tools;
mod value;

use std::path::Path;

use toml::de::DeTable;

use super::model::{GateSpec, Scenario};
use super::problem::Problems;
use super::report::Report;
use super::tables::{FILE, POLICY};
use super::wire::Fields;
use value::{Context, Runs};

/// Where a scenario's text comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    /// The file, as messages name it.
    pub(crate) file: &'a Path,
    /// The scenario's folder, in which its `workspace/` and `uses` are looked for.
    pub(crate) dir: &'a Path,
    /// The scenario's name.
    pub(crate) name: &'a str,
}

/// Reads a scenario.
pub(crate) fn scenario(origin: Origin<'_>, text: &str) -> Result<Scenario, Problems> {
    let report = Report::new(origin.file, text);
    let scenario = read(origin, text, &report);
    conclude(origin.file, text, report, scenario)
}

/// Reads a policy: the gates of a file that has nothing else, for a run with these phases.
pub(crate) fn policy(
    file: &Path,
    text: &str,
    phases: &[String],
    with_examples: bool,
) -> Result<Vec<GateSpec>, Problems> {
    let report = Report::new(file, text);
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        report.syntax(error);
    }
    let fields = Fields::new(&report, &POLICY, document.get_ref(), 0..0);
    let context = Context {
        report: &report,
        params: Vec::new(),
        services: Vec::new(),
        daemons: Vec::new(),
        phases: phases.to_vec(),
        examples: None,
    };
    let gates = gate::gates(&context, &fields, with_examples);
    conclude(file, text, report, gates)
}

/// What was read, or every problem.
fn conclude<T>(
    file: &Path,
    text: &str,
    report: Report<'_>,
    read: Option<T>,
) -> Result<T, Problems> {
    match (report.finish(), read) {
        (None, Some(read)) => Ok(read),
        (Some(problems), _) => Err(problems),
        (None, None) => {
            // No part is left out without a problem; should that ever be untrue, say so and go on.
            let report = Report::new(file, text);
            report.problem(0..0, "this file cannot be read, and bench does not know why", None);
            report.finish().map_or_else(|| Err(Problems(Vec::new())), Err)
        }
    }
}

fn read<'a>(origin: Origin<'_>, text: &'a str, report: &Report<'a>) -> Option<Scenario> {
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        report.syntax(error);
    }
    let file = Fields::new(report, &FILE, document.get_ref(), 0..0);
    let phases = file.tables("phase");
    let services = file.tables("service");
    let daemons = file.tables("daemon");
    let examples = file.table("examples");
    let context = Context {
        report,
        params: parts::params(&file),
        services: names(&services),
        daemons: names(&daemons),
        phases: names(&phases),
        examples: examples.as_ref().and_then(|examples| {
            let phase = examples.text("phase")?.value.to_owned();
            let once = examples.get("extract").is_some();
            Some((phase, if once { Runs::Once } else { Runs::EachExample }))
        }),
    };

    let about = parts::about(&file, origin.dir);
    let source = parts::source(&file, origin.dir);
    let tools = tools::tools(&context, &file, origin.dir);
    let refusals = parts::refusals(&context, &file);
    let env = parts::env(&context, &file);
    let caches = caches::caches(&context, &file);
    let archives = archives::archives(&context, &file, caches.as_deref());
    let services = run::services(&context, &services);
    let measured = run::some_phase_is_measured(&context, &phases);
    let phases = run::phases(&context, &phases);
    let wants_examples = examples.is_some();
    let examples = examples.map(|examples| run::examples(&context, &examples));
    let daemons = run::daemons(&context, &daemons);
    let probes = run::probes(&context, &file);
    let outputs = outputs::outputs(&context, &file);
    let edit = match file.table("explain") {
        Some(explain) => parts::edit(&explain).map(Some),
        None => Some(None),
    };
    let gates = gate::gates(&context, &file, wants_examples);
    let (title, analysis, uses) = about?;
    let (source, requires) = source?;
    measured?;
    let outputs = outputs?;
    Some(Scenario {
        name: origin.name.to_owned(),
        dir: origin.dir.to_owned(),
        title,
        analysis,
        uses,
        source,
        requires,
        params: context.params,
        refusals: refusals?,
        tools: tools?,
        env: env?,
        caches: caches?,
        archives: archives?,
        services: services?,
        phases: phases?,
        examples: match examples {
            Some(examples) => Some(examples?),
            None => None,
        },
        daemons: daemons?,
        probes: probes?,
        outputs: outputs.paths,
        normalise: outputs.normalise,
        edit: edit?,
        gates: gates?,
    })
}

fn names(tables: &[Fields<'_, '_>]) -> Vec<String> {
    tables.iter().filter_map(|table| table.quiet_text("name").map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::scenario::tables::TABLES;

    /// Every key that the conversion looks for while it reads the sample files.
    fn asked() -> BTreeSet<(&'static str, &'static str)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario");
        let mut asked = BTreeSet::new();
        for name in ["full", "minimal", "extract"] {
            let dir = folder.join(name);
            let file = dir.join("scenario.toml");
            let text = std::fs::read_to_string(&file).unwrap();
            let report = Report::new(&file, &text);
            assert!(read(Origin { file: &file, dir: &dir, name }, &text, &report).is_some());
            asked.extend(report.asked());
            assert_eq!(report.finish(), None);
        }
        asked
    }

    #[test]
    fn the_conversion_looks_for_every_key_of_the_table_and_for_no_other() {
        let known: BTreeSet<_> = TABLES
            .iter()
            .flat_map(|shape| shape.keys.iter().map(|key| (shape.title, key.name)))
            .collect();
        let asked = asked();
        let unread: Vec<_> = known.difference(&asked).collect();
        let unknown: Vec<_> = asked.difference(&known).collect();
        assert!(unread.is_empty(), "in the table, but never read: {unread:?}");
        assert!(unknown.is_empty(), "read, but not in the table: {unknown:?}");
    }

    #[test]
    fn the_schema_has_every_key_that_is_looked_for_and_no_other() {
        let schema = crate::scenario::schema();
        let mut tables: Vec<_> = schema["$defs"].as_object().unwrap().iter().collect();
        let file = "the file".to_owned();
        tables.push((&file, &schema));
        let mut found = BTreeSet::new();
        for (name, table) in tables {
            for key in table["properties"].as_object().unwrap().keys() {
                found.insert((name.clone(), key.clone()));
            }
        }
        let plain = |title: &str| title.replace(['[', ']'], "").replace(".NAME", "");
        let wanted: BTreeSet<_> =
            asked().iter().map(|(title, key)| (plain(title), (*key).to_owned())).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn every_format_is_in_the_table_of_keys() {
        let names: Vec<&str> = crate::formats::extract::Format::names().collect();
        assert_eq!(names, crate::scenario::keys::FORMATS);
    }

    #[test]
    fn every_regime_is_in_the_table_of_keys() {
        let shape = crate::scenario::tables::GATE.key("regime").map(|key| key.shape);
        let Some(crate::scenario::keys::Shape::Choice(words)) = shape else { panic!("{shape:?}") };
        assert_eq!(words, bench_record::Regime::ALL.map(bench_record::Regime::as_str));
    }
}
