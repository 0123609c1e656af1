//! The table of keys itself, by what a table of the file is about: see [`super::keys`].

mod gates;
mod phases;
mod runner;
mod work;

pub(crate) use gates::{BASELINE, GATE, POLICY, WARM_AGAINST_COLD};
pub(crate) use phases::{EDIT, EXAMPLES, EXPLAIN, EXTRACT, OUTPUTS, PHASE, PROBE};
pub(crate) use runner::{ARCHIVE, CACHE, CASE, DAEMON, ENV, READY, SERVICE, TOOL};
pub(crate) use work::{PARAM, REFUSE, SCENARIO, SOURCE};

use super::keys::{Count, Group, Key, Shape, TableShape};

const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, required: true, default: "", doc }
}

const fn optional(
    name: &'static str,
    shape: Shape,
    default: &'static str,
    doc: &'static str,
) -> Key {
    Key { name, shape, required: false, default, doc }
}

const fn one_of(keys: &'static [&'static str]) -> Group {
    Group { count: Count::One, keys }
}

const WHEN: Key = optional(
    "when",
    Shape::When,
    "always",
    "The part applies only when every named param has (one of) the given value(s); anything else is left out.",
);

/// The whole file.
pub(crate) static FILE: TableShape = TableShape {
    title: "the file",
    doc: "A scenario: what is run, under which caches, and what is demanded of it.",
    keys: &[
        required("scenario", Shape::Table(&SCENARIO), "What this is."),
        optional(
            "source",
            Shape::Table(&SOURCE),
            "the folder's own `workspace/`",
            "The tree that the phases work on.",
        ),
        optional("params", Shape::Params(&PARAM), "none", "Named axes; `--set` chooses values."),
        optional(
            "refuse",
            Shape::Tables(&REFUSE),
            "none",
            "Combinations of values that make no sense.",
        ),
        optional("tools", Shape::Named(&TOOL), "none", "What must be installed."),
        optional(
            "env",
            Shape::Table(&ENV),
            "nothing passed, nothing set",
            "The environment of every command.",
        ),
        optional("cache", Shape::Tables(&CACHE), "none", "What CI would save and restore."),
        optional(
            "archive",
            Shape::Tables(&ARCHIVE),
            "one archive a cache",
            "Which caches are saved together.",
        ),
        optional(
            "service",
            Shape::Tables(&SERVICE),
            "none",
            "Processes beside the measured phases.",
        ),
        required("phase", Shape::Tables(&PHASE), "The steps, in order."),
        optional(
            "examples",
            Shape::Table(&EXAMPLES),
            "none",
            "The named units that are timed inside one phase.",
        ),
        optional("daemon", Shape::Tables(&DAEMON), "none", "How background processes are stopped."),
        optional("probe", Shape::Tables(&PROBE), "none", "Where hits and misses are read."),
        optional(
            "outputs",
            Shape::Table(&OUTPUTS),
            "none",
            "What the measured phases make, to be compared.",
        ),
        optional(
            "explain",
            Shape::Table(&EXPLAIN),
            "none",
            "What `bench explain` and `bench verify` need to know besides.",
        ),
        optional("gate", Shape::Tables(&GATE), "none", "Limits that decide the exit code."),
    ],
    groups: &[],
    needs: &[],
    example: "",
};

/// Every table, in the order of the file.
pub(crate) static TABLES: &[&TableShape] = &[
    &FILE,
    &SCENARIO,
    &SOURCE,
    &PARAM,
    &REFUSE,
    &TOOL,
    &ENV,
    &CASE,
    &CACHE,
    &ARCHIVE,
    &SERVICE,
    &READY,
    &PHASE,
    &EXAMPLES,
    &EXTRACT,
    &DAEMON,
    &PROBE,
    &OUTPUTS,
    &EXPLAIN,
    &EDIT,
    &GATE,
    &BASELINE,
    &WARM_AGAINST_COLD,
];
