//! The table of keys itself: see [`super::keys`].

use super::keys::{Count, FORMATS, Group, Key, Shape, TableShape};

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
        optional("tools", Shape::Named(&TOOL), "none", "What must be installed."),
        optional(
            "env",
            Shape::Table(&ENV),
            "nothing passed, nothing set",
            "The environment of every command.",
        ),
        optional("cache", Shape::Tables(&CACHE), "none", "What CI would save and restore."),
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
        optional("gate", Shape::Tables(&GATE), "none", "Limits that decide the exit code."),
    ],
    groups: &[],
    needs: &[],
    example: "",
};

/// `[scenario]`
pub(crate) static SCENARIO: TableShape = TableShape {
    title: "[scenario]",
    doc: "What this is, for the people who read its results.",
    keys: &[
        required("title", Shape::Text, "One line, printed by `bench list` and above every report."),
        optional(
            "analysis",
            Shape::Text,
            "empty",
            "What it shows, how to read it, and what it cannot show: numbers without this mislead.",
        ),
        optional(
            "uses",
            Shape::List(&Shape::Text),
            "none",
            "Other folders, relative to this one, whose files the scenario runs (a driver shared by several): they enter its content hash, so that a change there is not mistaken for noise.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[scenario]\ntitle = \"FastLED examples on Arduino Uno\"\nanalysis = \"Shows what ccache saves; cannot show link time.\"\nuses = [\"../avr-driver\"]",
};

/// `[source]`
pub(crate) static SOURCE: TableShape = TableShape {
    title: "[source]",
    doc: "The tree that the phases work on. Absent or empty: the `workspace/` folder beside the file. `--source` replaces any of these.",
    keys: &[
        optional(
            "path",
            Shape::Text,
            "",
            "A directory on this machine, absolute or relative to the scenario's folder.",
        ),
        optional("git", Shape::Text, "", "URL or directory of a git repository."),
        optional(
            "rev",
            Shape::Text,
            "",
            "Tag or commit to check out. Pinned, because a moving branch cannot be compared with itself.",
        ),
    ],
    groups: &[Group { count: Count::AtMostOne, keys: &["path", "git"] }],
    needs: &[("git", "rev"), ("rev", "git")],
    example: "[source]\ngit = \"https://github.com/FastLED/FastLED\"\nrev = \"3.6.0\"",
};

/// `[params.NAME]`
pub(crate) static PARAM: TableShape = TableShape {
    title: "[params.NAME]",
    doc: "A named axis: either a list of values, or this table. The first value is the default. Numbers and booleans are accepted and taken as written.",
    keys: &[
        required("values", Shape::Filled(&Shape::Scalar), "The values; the first is the default."),
        optional(
            "open",
            Shape::Bool,
            "`false`",
            "Accept other values too, for axes without an end (`jobs`); the listed ones are then examples.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[params]\nlauncher = [\"none\", \"ccache\"]\njobs = { values = [1, 2], open = true }",
};

/// `[tools.NAME]`
pub(crate) static TOOL: TableShape = TableShape {
    title: "[tools.NAME]",
    doc: "A required tool. It is part of the runner's image, not a cache: installed once, never timed as cold. `bench doctor` names what is missing and how to install it. Commands here run as written, without placeholders.",
    keys: &[
        optional(
            "version",
            Shape::Filled(&Shape::Text),
            "",
            "Command that prints the version; the first dotted number in its output counts.",
        ),
        optional("min", Shape::Version, "any", "Smallest version that works."),
        optional("below", Shape::Version, "any", "First version that no longer works."),
        optional(
            "install",
            Shape::Install,
            "unknown",
            "Packages by platform or package manager, and a `note` for people.",
        ),
        optional(
            "prefix",
            Shape::Filled(&Shape::Text),
            "",
            "Command, run once in your own environment, that prints the installation prefix; its `bin` comes first on the runner's PATH. For launchers that look for their home (rustup, pyenv), which a runner has not.",
        ),
        optional(
            "exists",
            Shape::Text,
            "",
            "A file or directory that must exist: a library without a version command.",
        ),
        WHEN,
    ],
    groups: &[Group { count: Count::AtLeastOne, keys: &["version", "exists"] }],
    needs: &[("min", "version"), ("below", "version")],
    example: "[tools.avr-gcc]\nversion = [\"avr-g++\", \"--version\"]\nmin = \"5.4\"\ninstall = { debian = [\"gcc-avr\", \"avr-libc\"], note = \"or the Arduino toolchain\" }",
};

/// `[env]`
pub(crate) static ENV: TableShape = TableShape {
    title: "[env]",
    doc: "Commands get an environment built from nothing: the runner's own directories, what is passed, what is set. What is not named here does not reach them, so that results do not depend on your shell.",
    keys: &[
        optional(
            "pass",
            Shape::List(&Shape::EnvName),
            "none",
            "Variables taken from the environment of `bench`, where they are set.",
        ),
        optional("set", Shape::Variables, "none", "Variables set for every command."),
        optional("case", Shape::Tables(&CASE), "none", "Variables set under a condition."),
    ],
    groups: &[],
    needs: &[],
    example: "[env]\npass = [\"SSL_CERT_FILE\"]\nset = { LC_ALL = \"C.UTF-8\", CC = \"{scenario}/cc\" }",
};

/// `[[env.case]]`
pub(crate) static CASE: TableShape = TableShape {
    title: "[[env.case]]",
    doc: "Variables set under a condition, in file order: a later case wins over an earlier one, and any case over `[env] set`.",
    keys: &[
        required(
            "when",
            Shape::When,
            "The condition; without one, the variables belong into `[env] set`.",
        ),
        required("set", Shape::Variables, "The variables."),
    ],
    groups: &[],
    needs: &[],
    example: "[[env.case]]\nwhen = { tuning = \"portable\" }\nset = { CCACHE_BASEDIR = \"{workspace}\", CCACHE_NOHASHDIR = \"1\" }",
};

/// `[[cache]]`
pub(crate) static CACHE: TableShape = TableShape {
    title: "[[cache]]",
    doc: "A directory that CI would save and restore. Declared ones are emptied for a cold sample, kept or restored for a warm one; everything else that a sample leaves behind is removed. Two caches that can be active together may not overlap.",
    keys: &[
        required("name", Shape::Name, "Its name in reports."),
        required(
            "path",
            Shape::CachePath,
            "A path beneath `{workspace}`, `{home}` or `{cache}`; anything else is refused, because it is emptied.",
        ),
        optional("env", Shape::EnvName, "none", "The variable that points the tool to it."),
        WHEN,
        optional(
            "transport",
            Shape::Choice(&["directory", "archive"]),
            "`directory`",
            "How it reaches the same runner again: left in place, or saved to and restored from an archive. For another runner it is always an archive.",
        ),
        optional(
            "exclude",
            Shape::List(&Shape::Glob),
            "none",
            "Paths beneath it that are not saved.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[[cache]]\nname = \"ccache\"\npath = \"{cache}/ccache\"\nenv = \"CCACHE_DIR\"\nwhen = { launcher = \"ccache\" }\ntransport = \"archive\"\nexclude = [\"tmp/**\"]",
};

/// `[[service]]`
pub(crate) static SERVICE: TableShape = TableShape {
    title: "[[service]]",
    doc: "A process that is started before the measured phases and stopped after them. `{port.NAME}` is a free port chosen for it, usable in every command and variable.",
    keys: &[
        required("name", Shape::Name, "Its name; the NAME of `{port.NAME}`."),
        required("run", Shape::Filled(&Shape::Template), "Program and arguments."),
        optional("env", Shape::Variables, "none", "Variables for this command only."),
        optional("ready", Shape::Table(&READY), "at once", "How to know that it accepts work."),
        WHEN,
    ],
    groups: &[],
    needs: &[],
    example: "[[service]]\nname = \"proxy\"\nrun = [\"fopro\"]\nenv = { PORT = \"{port.proxy}\" }\nready = { tcp = \"{port.proxy}\", within = \"10s\" }",
};

/// `ready`
pub(crate) static READY: TableShape = TableShape {
    title: "[service.ready]",
    doc: "How to know that a service accepts work.",
    keys: &[
        optional(
            "tcp",
            Shape::Template,
            "",
            "A connection to this port on the loopback address succeeds.",
        ),
        optional("file", Shape::Template, "", "This file exists."),
        optional("output", Shape::Regex, "", "A line of its output matches."),
        optional("within", Shape::Duration, "`10s`", "Give up, and fail the sample, after this."),
    ],
    groups: &[one_of(&["tcp", "file", "output"])],
    needs: &[],
    example: "ready = { output = \"^listening\", within = \"5s\" }",
};

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

/// `[[daemon]]`
pub(crate) static DAEMON: TableShape = TableShape {
    title: "[[daemon]]",
    doc: "How a process that tools leave in the background is stopped before caches are saved: a live store is not a consistent one. What still lives afterwards is killed, so a failing command is no error.",
    keys: &[required("stop", Shape::Filled(&Shape::Template), "Program and arguments."), WHEN],
    groups: &[],
    needs: &[],
    example: "[[daemon]]\nstop = [\"zccache\", \"stop\"]\nwhen = { launcher = \"zccache\" }",
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
            Shape::Choice(&["cache", "sample"]),
            "`cache` for `run`, `sample` for `phase` and `service`",
            "What the counters belong to: `cache` if they are stored in the cache and travel with it (a sample's own hits are then the difference to its seed's), `sample` if they start at zero.",
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
        optional("edit", Shape::Table(&EDIT), "none", "A change to the source that changes them."),
    ],
    groups: &[],
    needs: &[],
    example: "[outputs]\npaths = [\"build/**/*.hex\"]\nnormalise = [\"paths\"]",
};

/// `edit`
pub(crate) static EDIT: TableShape = TableShape {
    title: "[outputs.edit]",
    doc: "A change to one file of the source that must change the outputs: `bench verify` makes it after the caches were saved, to see whether the build notices.",
    keys: &[
        required("file", Shape::Text, "The file, relative to the workspace."),
        required("find", Shape::Text, "The text that is replaced, wherever it stands in the file."),
        required("replace", Shape::Text, "What stands there instead."),
    ],
    groups: &[],
    needs: &[],
    example: "edit = { file = \"src/main.c\", find = \"return 0\", replace = \"return 1\" }",
};

/// `[[gate]]`
pub(crate) static GATE: TableShape = TableShape {
    title: "[[gate]]",
    doc: "A limit. `regime`, `phase` and `examples` choose what it looks at, exactly one other key says what is demanded.",
    keys: &[
        optional(
            "regime",
            Shape::Choice(&["cold", "same-runner", "cross-runner", "hot"]),
            "every regime",
            "Which samples.",
        ),
        optional(
            "phase",
            Shape::Name,
            "the whole sample",
            "The phase whose time is limited; for times only.",
        ),
        optional(
            "examples",
            Shape::Text,
            "none",
            "The examples whose time is limited, each of them: positions (`1`, `2..`, `2..5`) or a glob on names; for times only.",
        ),
        optional("max", Shape::Duration, "", "Time at most this."),
        optional(
            "min_speedup",
            Shape::Factor,
            "",
            "Cold time divided by this regime's at least this.",
        ),
        optional("min_hit_rate", Shape::Ratio, "", "Hits / (hits + misses) at least this."),
        optional("max_restore", Shape::Duration, "", "Time to restore the caches at most this."),
        optional("max_bytes", Shape::Size, "", "Size of the archives at most this."),
        optional(
            "baseline",
            Shape::Table(&BASELINE),
            "",
            "Not slower than the baseline arm by more than a margin.",
        ),
    ],
    groups: &[one_of(&[
        "max",
        "min_speedup",
        "min_hit_rate",
        "max_restore",
        "max_bytes",
        "baseline",
    ])],
    needs: &[],
    example: "[[gate]]\nregime = \"same-runner\"\nexamples = \"2..\"\nmax = \"1s\"",
};

/// `baseline`
pub(crate) static BASELINE: TableShape = TableShape {
    title: "[gate.baseline]",
    doc: "The rule for a comparison with the baseline arm.",
    keys: &[
        optional("margin", Shape::Ratio, "`5%`", "A slow-down from here on matters."),
        optional("floor", Shape::Ratio, "`2%`", "A slow-down up to here never does."),
    ],
    groups: &[],
    needs: &[],
    example: "[[gate]]\nbaseline = { margin = \"5%\", floor = \"2%\" }",
};

/// Every table, in the order of the file.
pub(crate) static TABLES: &[&TableShape] = &[
    &FILE, &SCENARIO, &SOURCE, &PARAM, &TOOL, &ENV, &CASE, &CACHE, &SERVICE, &READY, &PHASE,
    &EXAMPLES, &EXTRACT, &DAEMON, &PROBE, &OUTPUTS, &EDIT, &GATE, &BASELINE,
];
