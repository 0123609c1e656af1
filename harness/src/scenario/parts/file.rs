//! The whole file: its tables, in order, and the scenario that they make.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::archive::{self, ArchiveSpec, Bundle};
use super::cache::{self, CacheSpec};
use super::context::{Context, Runs};
use super::daemon::{self, DaemonSpec};
use super::env::{self, EnvSpec};
use super::examples::{self, ExamplesSpec};
use super::explain::{self, EditSpec};
use super::gate::{self, GateSpec};
use super::outputs::{self, Normaliser};
use super::params::{self, Param};
use super::phase::{self, PhaseSpec};
use super::probe::{self, ProbeSpec};
use super::refuse::{self, Refusal};
use super::service::{self, ServiceSpec};
use super::source::{self, Source, WORKSPACE};
use super::tool::{self, ToolSpec};
use super::{head, margins};
use crate::scenario::globs::Globs;
use crate::scenario::reader::{
    Diagnostics, Fields, Problems, Shape, TableShape, optional, required,
};
use crate::scenario::writer::Writer;

/// The whole file.
pub(in crate::scenario) static FILE: TableShape = TableShape {
    title: "the file",
    doc: "A scenario: what is run, under which caches, and what is demanded of it.",
    keys: &[
        required("scenario", Shape::Table(&head::SCENARIO), "What this is."),
        optional(
            "source",
            Shape::Table(&source::SOURCE),
            "the folder's own `workspace/`",
            "The tree that the phases work on.",
        ),
        optional(
            "params",
            Shape::Params(&params::PARAM),
            "none",
            "Named axes; `--set` chooses values.",
        ),
        optional(
            "refuse",
            Shape::Tables(&refuse::REFUSE),
            "none",
            "Combinations of values that make no sense.",
        ),
        optional("tools", Shape::Named(&tool::TOOL), "none", "What must be installed."),
        optional(
            "env",
            Shape::Table(&env::ENV),
            "nothing passed, nothing set",
            "The environment of every command.",
        ),
        optional("cache", Shape::Tables(&cache::CACHE), "none", "What CI would save and restore."),
        optional(
            "archive",
            Shape::Tables(&archive::ARCHIVE),
            "one archive per cache",
            "Which caches are saved together.",
        ),
        optional(
            "service",
            Shape::Tables(&service::SERVICE),
            "none",
            "Processes beside the measured phases.",
        ),
        required("phase", Shape::Tables(&phase::PHASE), "The steps, in order."),
        optional(
            "examples",
            Shape::Table(&examples::EXAMPLES),
            "none",
            "The named units that are timed inside one phase.",
        ),
        optional(
            "daemon",
            Shape::Tables(&daemon::DAEMON),
            "none",
            "How background processes are stopped.",
        ),
        optional("probe", Shape::Tables(&probe::PROBE), "none", "Where hits and misses are read."),
        optional(
            "outputs",
            Shape::Table(&outputs::OUTPUTS),
            "none",
            "What the measured phases make, to be compared.",
        ),
        optional(
            "explain",
            Shape::Table(&explain::EXPLAIN),
            "none",
            "What only `bench explain` and `bench verify` need to know.",
        ),
        optional("gate", Shape::Tables(&gate::GATE), "none", "Limits that decide the exit code."),
    ],
    groups: &[],
    needs: &[],
    example: "",
};

/// Every table, in the order of the file.
pub(in crate::scenario) static TABLES: &[&TableShape] = &[
    &FILE,
    &head::SCENARIO,
    &source::SOURCE,
    &params::PARAM,
    &refuse::REFUSE,
    &tool::TOOL,
    &env::ENV,
    &env::CASE,
    &cache::CACHE,
    &archive::ARCHIVE,
    &service::SERVICE,
    &service::READY,
    &phase::PHASE,
    &examples::EXAMPLES,
    &examples::EXTRACT,
    &daemon::DAEMON,
    &probe::PROBE,
    &outputs::OUTPUTS,
    &explain::EXPLAIN,
    &explain::EDIT,
    &gate::GATE,
    &margins::BASELINE,
    &margins::WARM_AGAINST_COLD,
];

/// What is run: source, tools, caches, phases, examples, gates. Always valid: every path is inside its root, every
/// placeholder known, every command non-empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The folder's name.
    pub name: String,
    /// The folder: what `{scenario}` stands for.
    pub dir: PathBuf,
    /// One line.
    pub title: String,
    /// What it shows, how to read it, what it cannot show.
    pub analysis: String,
    /// Other folders, relative to `dir`, whose files are part of the scenario's content hash.
    pub uses: Vec<PathBuf>,
    /// Where the source tree comes from.
    pub source: Source,
    /// Files and directories that the source must have, relative to it.
    pub requires: Vec<PathBuf>,
    /// Named axes in file order; the first value of each is its default.
    pub params: Vec<Param>,
    /// Combinations of values that make no sense.
    pub refusals: Vec<Refusal>,
    /// Required tools in file order.
    pub tools: Vec<ToolSpec>,
    /// The environment of every command.
    pub env: EnvSpec,
    /// Declared caches in file order.
    pub caches: Vec<CacheSpec>,
    /// Which of them share an archive.
    pub archives: Vec<ArchiveSpec>,
    /// Background processes around the measured phases.
    pub services: Vec<ServiceSpec>,
    /// Steps in order; at least one is measured.
    pub phases: Vec<PhaseSpec>,
    /// What is timed inside one of the phases.
    pub examples: Option<ExamplesSpec>,
    /// How to stop daemons before caches are saved.
    pub daemons: Vec<DaemonSpec>,
    /// Where hits and misses are read.
    pub probes: Vec<ProbeSpec>,
    /// Files that the measured phases make, relative to the workspace.
    pub outputs: Globs,
    /// What outputs may differ in without being wrong.
    pub normalise: Vec<Normaliser>,
    /// A change of a source that must show, for `bench explain` and `bench verify`.
    pub edit: Option<EditSpec>,
    /// Limits.
    pub gates: Vec<GateSpec>,
}

impl Scenario {
    /// The folder whose files are the source of a scenario that ships it.
    pub fn workspace(&self) -> PathBuf {
        self.dir.join(WORKSPACE)
    }

    /// The caches that are active under `params`, by archive, in the order of their first caches.
    pub fn bundles(&self, params: &BTreeMap<String, String>) -> Vec<Bundle> {
        archive::bundles(&self.caches, &self.archives, params)
    }
}

/// Where a scenario's text comes from.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct TextOrigin<'a> {
    /// The file, as messages name it.
    pub(in crate::scenario) file: &'a Path,
    /// The scenario's folder, in which its `workspace/` and `uses` are looked for.
    pub(in crate::scenario) dir: &'a Path,
    /// The scenario's name.
    pub(in crate::scenario) name: &'a str,
}

/// Reads a scenario, or finds every problem of its text.
pub(in crate::scenario) fn read(origin: TextOrigin<'_>, text: &str) -> Result<Scenario, Problems> {
    let diagnostics = Diagnostics::new(origin.file, text);
    let scenario = read_tables(origin, text, &diagnostics);
    diagnostics.conclude(scenario)
}

/// Reads a policy: the gates of a file that has nothing else, for a run with these phases.
pub(in crate::scenario) fn read_policy(
    file: &Path,
    text: &str,
    phases: &[String],
    with_examples: bool,
) -> Result<Vec<GateSpec>, Problems> {
    let diagnostics = Diagnostics::new(file, text);
    let document = diagnostics.parse(text);
    let fields = Fields::new(&diagnostics, &gate::POLICY, &document, 0..0);
    let context = Context {
        diagnostics: &diagnostics,
        params: Vec::new(),
        services: Vec::new(),
        daemons: Vec::new(),
        phases: phases.to_vec(),
        examples: None,
    };
    let gates = gate::read(&context, &fields, with_examples);
    diagnostics.conclude(gates)
}

fn read_tables<'a>(
    origin: TextOrigin<'_>,
    text: &'a str,
    diagnostics: &Diagnostics<'a>,
) -> Option<Scenario> {
    let document = diagnostics.parse(text);
    let file = Fields::new(diagnostics, &FILE, &document, 0..0);
    let phases = file.tables("phase");
    let services = file.tables("service");
    let daemons = file.tables("daemon");
    let examples = file.table("examples");
    let context = Context {
        diagnostics,
        params: params::read(&file),
        services: names(&services),
        daemons: names(&daemons),
        phases: names(&phases),
        examples: examples.as_ref().and_then(|examples| {
            let phase = examples.text("phase")?.value.to_owned();
            let once = examples.get("extract").is_some();
            Some((phase, if once { Runs::Once } else { Runs::EachExample }))
        }),
    };

    // Everything is read before anything is given up: every problem is found at once.
    let head = head::read(&file, origin.dir);
    let source = source::read(&file, origin.dir);
    let refusals = refuse::read(&context, &file);
    let tools = tool::read(&context, &file, origin.dir);
    let env = env::read(&context, &file);
    let caches = cache::read(&context, &file);
    let archives = archive::read(&context, &file, caches.as_deref());
    let services = service::read(&context, &services);
    let phases = phase::read(&context, &phases);
    let with_examples = examples.is_some();
    let examples = file.optional("examples", || examples::read(&context, &examples?));
    let daemons = daemon::read(&context, &daemons);
    let probes = probe::read(&context, &file);
    let outputs = outputs::read(&context, &file);
    let edit = explain::read(&file);
    let gates = gate::read(&context, &file, with_examples);

    let head = head?;
    let (source, requires) = source?;
    let outputs = outputs?;
    Some(Scenario {
        name: origin.name.to_owned(),
        dir: origin.dir.to_owned(),
        title: head.title,
        analysis: head.analysis,
        uses: head.uses,
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
        examples: examples?,
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

/// The scenario as TOML that reads back as the same scenario, every default written out, in the order of the file.
///
/// With `params` (one value for every param), the form under these: parts whose condition does not hold are
/// left out together with what refers to them, the conditions that do hold are dropped, and each param has
/// the one chosen value. `{param.X}` stays as it is.
pub fn show(scenario: &Scenario, params: Option<&BTreeMap<String, String>>) -> String {
    let dir = &scenario.dir;
    let mut writer = Writer::new(params);
    writer.declare("cache", scenario.caches.iter().map(|cache| (&cache.name, &cache.when)));
    writer
        .declare("service", scenario.services.iter().map(|service| (&service.name, &service.when)));
    writer.declare("phase", scenario.phases.iter().map(|phase| (&phase.name, &phase.when)));
    head::write(&mut writer, &scenario.title, &scenario.analysis, &scenario.uses);
    source::write(&mut writer, &scenario.source, &scenario.requires, dir);
    params::write(&mut writer, &scenario.params);
    refuse::write(&mut writer, &scenario.refusals);
    tool::write(&mut writer, &scenario.tools, dir);
    env::write(&mut writer, &scenario.env);
    cache::write(&mut writer, &scenario.caches);
    archive::write(&mut writer, &scenario.archives);
    service::write(&mut writer, &scenario.services);
    phase::write(&mut writer, &scenario.phases);
    if let Some(examples) = &scenario.examples {
        examples::write(&mut writer, examples);
    }
    daemon::write(&mut writer, &scenario.daemons);
    probe::write(&mut writer, &scenario.probes);
    outputs::write(&mut writer, &scenario.outputs, &scenario.normalise);
    if let Some(edit) = &scenario.edit {
        explain::write(&mut writer, edit);
    }
    let examples_phase = scenario.examples.as_ref().map(|examples| examples.phase.as_str());
    gate::write(&mut writer, &scenario.gates, examples_phase);
    writer.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every key that is looked for while it reads the sample files.
    fn looked_for() -> BTreeSet<(&'static str, &'static str)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario");
        let mut looked_for = BTreeSet::new();
        for name in ["full", "minimal", "extract"] {
            let dir = folder.join(name);
            let file = dir.join("scenario.toml");
            let text = std::fs::read_to_string(&file).unwrap();
            let diagnostics = Diagnostics::new(&file, &text);
            assert!(
                read_tables(TextOrigin { file: &file, dir: &dir, name }, &text, &diagnostics)
                    .is_some()
            );
            looked_for.extend(diagnostics.looked_for.borrow().iter().copied());
            assert_eq!(diagnostics.finish(), None);
        }
        looked_for
    }

    #[test]
    fn the_reader_looks_for_every_key_of_the_table_and_for_no_other() {
        let known: BTreeSet<_> = TABLES
            .iter()
            .flat_map(|shape| shape.keys.iter().map(|key| (shape.title, key.name)))
            .collect();
        let read = looked_for();
        let unread: Vec<_> = known.difference(&read).collect();
        let unknown: Vec<_> = read.difference(&known).collect();
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
            looked_for().iter().map(|(title, key)| (plain(title), (*key).to_owned())).collect();
        assert_eq!(found, wanted);
    }
}
