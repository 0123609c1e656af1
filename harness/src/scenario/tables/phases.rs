//! What is run and read: phases, their examples, counters and outputs.

use super::{WHEN, one_of, optional, required};
use crate::scenario::keys::{FORMATS, Shape, TableShape};

/// `[[phase]]`
pub(crate) static PHASE: TableShape = TableShape {
    title: "[[phase]]",
    doc: "A step of the scenario. Every phase is timed; those that are `measured` make the sample's time. At least one is measured, whatever the params.",
    keys: &[
        required("name", Shape::Name, "Its name in reports and logs."),
        optional(
            "measured",
            Shape::Bool,
            "`false`",
            "Whether its time counts. Setting up (fetching sources, writing a configuration) does not.",
        ),
        required(
            "run",
            Shape::Run,
            "Program and arguments; no shell, so nothing needs quoting. With `shell = true`, a script.",
        ),
        optional(
            "shell",
            Shape::Bool,
            "`false`",
            "Run the text of `run` by `sh -c`. The shell's own start is then part of the time.",
        ),
        optional("cwd", Shape::Template, "`{workspace}`", "The directory to run in."),
        optional("env", Shape::Variables, "none", "Variables for this phase only."),
        optional(
            "timeout",
            Shape::Duration,
            "`10m`",
            "Each of its commands, and what they started, is killed after this.",
        ),
        WHEN,
    ],
    groups: &[],
    needs: &[],
    example: "[[phase]]\nname = \"compile\"\nmeasured = true\nrun = [\"make\", \"-f\", \"{scenario}/sketch.mk\", \"SKETCH={example}\"]\ntimeout = \"5m\"",
};

/// `[examples]`
pub(crate) static EXAMPLES: TableShape = TableShape {
    title: "[examples]",
    doc: "The named units inside one phase whose times are recorded separately. With `glob`, `list` or `command` the phase runs once per example, in order, and `{example}` is its value; with `extract` it runs once and a report tells the times.",
    keys: &[
        required("phase", Shape::Name, "The phase; any phase may have them."),
        optional(
            "glob",
            Shape::OneOrMore(&Shape::Glob),
            "",
            "Files of the workspace, in sorted order. `*` stops at `/`, `**` does not.",
        ),
        optional("list", Shape::Filled(&Shape::Text), "", "The values themselves."),
        optional(
            "command",
            Shape::Filled(&Shape::Template),
            "",
            "A command that prints one value a line, run once per sample before the phases.",
        ),
        optional("extract", Shape::Table(&EXTRACT), "", "A report, or the phase's output."),
        optional(
            "name",
            Shape::Regex,
            "the value",
            "Its first group, applied to a value, is the example's name.",
        ),
        optional("exclude", Shape::List(&Shape::Glob), "none", "Values that are left out."),
    ],
    groups: &[one_of(&["glob", "list", "command", "extract"])],
    needs: &[],
    example: "[examples]\nphase = \"compile\"\nglob = \"examples/*/*.ino\"\nname = '([^/]+)\\.ino$'\nexclude = [\"examples/Broken/**\"]",
};

/// `extract`
pub(crate) static EXTRACT: TableShape = TableShape {
    title: "[examples.extract]",
    doc: "A report with the time of every example.",
    keys: &[
        required("format", Shape::Choice(FORMATS), "How to read it."),
        optional(
            "pattern",
            Shape::Regex,
            "",
            "With `lines` only: matches a line with a time; its groups are `name`, `seconds` or `ms`, and `failed`.",
        ),
        optional(
            "path",
            Shape::Template,
            "the phase's standard output",
            "The file, relative to the workspace.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "extract = { format = \"junit\", path = \"target/nextest/ci/junit.xml\" }",
};

/// `[[probe]]`
pub(crate) static PROBE: TableShape = TableShape {
    title: "[[probe]]",
    doc: "Where hits and misses are read after each sample: the evidence for its regime. What cannot be read is unknown, never 0.",
    keys: &[
        required("name", Shape::Name, "Its name in reports."),
        optional("run", Shape::Filled(&Shape::Template), "", "A command that prints counters."),
        optional("phase", Shape::Name, "", "What this phase printed."),
        optional("service", Shape::Name, "", "What this service printed."),
        required(
            "hits",
            Shape::Regex,
            "Captured integers of all matches are added up; without a group, matches are counted. `(?m)` makes `^` and `$` match at lines.",
        ),
        optional("misses", Shape::Regex, "unknown", "Likewise."),
        optional(
            "counter",
            Shape::Choice(&["cache", "daemon", "sample"]),
            "`cache` for `run`, `sample` for `phase` and `service`",
            "What the counters belong to: `cache` if they are stored in the cache and travel with it (a sample's own hits are then the difference to its seed's), `daemon` if a daemon keeps them in its memory (only for `hot`, where it is still alive, the difference counts), `sample` if they start at zero.",
        ),
        WHEN,
    ],
    groups: &[one_of(&["run", "phase", "service"])],
    needs: &[],
    example: "[[probe]]\nname = \"ccache\"\nrun = [\"ccache\", \"--print-stats\"]\nhits = '(?m)^(?:direct|preprocessed)_cache_hit\\s+(\\d+)'\nmisses = '(?m)^cache_miss\\s+(\\d+)'",
};

/// `[outputs]`
pub(crate) static OUTPUTS: TableShape = TableShape {
    title: "[outputs]",
    doc: "What the measured phases make. Their digest is recorded: a warm output that differs from the cold one is a finding.",
    keys: &[
        required("paths", Shape::Filled(&Shape::Glob), "Files, relative to the workspace."),
        optional(
            "normalise",
            Shape::List(&Shape::Choice(&["paths", "archive-times"])),
            "none",
            "What `bench verify` takes out before it compares: the runner's own `paths`; the times in ar, tar, zip and gzip archives and in Python's compiled modules (`archive-times`).",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[outputs]\npaths = [\"build/**/*.hex\"]\nnormalise = [\"paths\"]",
};

/// `[explain]`
pub(crate) static EXPLAIN: TableShape = TableShape {
    title: "[explain]",
    doc: "What `bench explain` and `bench verify` need to know besides.",
    keys: &[required(
        "edit",
        Shape::Table(&EDIT),
        "A change of a source that must change an output, or make an example fail: a result that stays the same was reused although it is out of date.",
    )],
    groups: &[],
    needs: &[],
    example: "[explain]\nedit = { file = \"src/main.c\", find = \"return 0;\", replace = \"return 1;\" }",
};

/// `edit`
pub(crate) static EDIT: TableShape = TableShape {
    title: "[explain.edit]",
    doc: "Text that is replaced in a source, once.",
    keys: &[
        required("file", Shape::Text, "The source, relative to the workspace."),
        required("find", Shape::Text, "The text to replace, where it first occurs."),
        required("replace", Shape::Text, "What comes in its place."),
    ],
    groups: &[],
    needs: &[],
    example: "edit = { file = \"src/main.c\", find = \"return 0;\", replace = \"return 1;\" }",
};
