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
        optional(
            "requires",
            Shape::List(&Shape::Text),
            "none",
            "Paths that every source must have, also one given with `--source`: another tree is refused before anything is measured.",
        ),
    ],
    groups: &[Group { count: Count::AtMostOne, keys: &["path", "git"] }],
    needs: &[("git", "rev"), ("rev", "git")],
    example: "[source]\ngit = \"https://github.com/FastLED/FastLED\"\nrev = \"3.6.0\"\nrequires = [\"src/FastLED.h\"]",
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

/// `[[refuse]]`
pub(crate) static REFUSE: TableShape = TableShape {
    title: "[[refuse]]",
    doc: "A combination of values that makes no sense. Asking for it is an error before anything is run; a value that is silently without effect would be measured under a name that it does not deserve.",
    keys: &[
        required("when", Shape::When, "The combination."),
        required(
            "reason",
            Shape::Text,
            "Why, and what to choose instead; the end of the error message.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[[refuse]]\nwhen = { launcher = \"zccache\", tuning = \"portable\" }\nreason = \"zccache has no portable setting (hint: leave tuning=default)\"",
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
            "Packages by platform or package manager, and a `note` for people. `venv` installs Python packages into a virtual environment of the scenario, beneath the state root: nothing of the user's changes, and its `bin` is on every runner's PATH.",
        ),
        optional(
            "prefix",
            Shape::Filled(&Shape::Text),
            "",
            "Command, run once in your own environment, that prints the installation prefix; its `bin` comes first on the runner's PATH. For launchers that look for their home (rustup, pyenv), which a runner has not.",
        ),
        optional(
            "provision",
            Shape::Filled(&Shape::Template),
            "none",
            "Command that makes a part of the runner's image in `{tools}`, run there once, in your own environment and outside any sample, and again only when the scenario's files or the tool's version change. It may use `{tools}`, `{scenario}` and `{param.NAME}`.",
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
        optional(
            "phases",
            Shape::Filled(&Shape::Name),
            "every command",
            "The variables are for the commands of these phases only: what a test is told about a proxy must not reach the phase that installs it, or the proxy itself.",
        ),
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

/// `[[archive]]`
pub(crate) static ARCHIVE: TableShape = TableShape {
    title: "[[archive]]",
    doc: "Caches that CI saves and restores by one step, as one archive. Hard links between them are kept, and a file that several of them hold is moved once; in archives of their own it is moved with each.",
    keys: &[
        required("name", Shape::Name, "Its name in file names and messages."),
        required(
            "caches",
            Shape::Filled(&Shape::Name),
            "Two or more caches by name, with the same `transport`. Those that are not active are left out.",
        ),
        WHEN,
    ],
    groups: &[],
    needs: &[],
    example: "[[archive]]\nname = \"python\"\ncaches = [\"uv\", \"nox\"]\nwhen = { archive = \"one\" }",
};

/// `[[service]]`
pub(crate) static SERVICE: TableShape = TableShape {
    title: "[[service]]",
    doc: "A process that is started before the measured phases and stopped after them. `{port.NAME}` is its port, usable in every command and variable.",
    keys: &[
        required("name", Shape::Name, "Its name; the NAME of `{port.NAME}`."),
        required("run", Shape::Filled(&Shape::Template), "Program and arguments."),
        optional("env", Shape::Variables, "none", "Variables for this command only."),
        optional(
            "port",
            Shape::Port,
            "a free one, another for each sample",
            "The same port in every sample, for a service whose address enters the keys of a cache: with another port each time, nothing would ever be found again. It must be free.",
        ),
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
    keys: &[
        optional(
            "name",
            Shape::Name,
            "none",
            "The NAME of `{port.NAME}`, a free port chosen for every runner: daemons that listen at a fixed port would be shared.",
        ),
        required("stop", Shape::Filled(&Shape::Template), "Program and arguments."),
        WHEN,
    ],
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

/// `[[gate]]`
pub(crate) static GATE: TableShape = TableShape {
    title: "[[gate]]",
    doc: "A limit. `regime`, `phase` and `examples` choose what it looks at, exactly one other key says what is demanded.",
    keys: &[
        optional(
            "regime",
            Shape::Choice(&["cold", "same-runner", "cross-runner", "hot"]),
            "every regime",
            "Which samples. Without it each measured regime that the demand makes sense for is judged by itself; a regime that is not measured has no say.",
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
            "max_net_loss",
            Shape::Duration,
            "",
            "Restoring plus this regime's time minus cold at most this; `0s`: the cache pays off.",
        ),
        optional(
            "baseline",
            Shape::Table(&BASELINE),
            "",
            "Not slower than the baseline arm by more than a margin; only where a baseline is measured. With `examples`: none of them slower apart from the others.",
        ),
        optional(
            "warm_against_cold",
            Shape::Table(&WARM_AGAINST_COLD),
            "",
            "Warm time in relation to cold not grown against the baseline arm's by more than a margin; only where a baseline is measured.",
        ),
    ],
    groups: &[one_of(&[
        "max",
        "min_speedup",
        "min_hit_rate",
        "max_restore",
        "max_bytes",
        "max_net_loss",
        "baseline",
        "warm_against_cold",
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
        optional(
            "floor",
            Shape::Ratio,
            "`2%`",
            "A slow-down up to here never does. It is below the margin; with a margin below 5 % the default is 2/5 of it.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[[gate]]\nbaseline = { margin = \"5%\", floor = \"2%\" }",
};

/// `warm_against_cold`
pub(crate) static WARM_AGAINST_COLD: TableShape = TableShape {
    title: "[gate.warm_against_cold]",
    doc: "The rule for warm time over cold time, candidate against baseline: what got worse is the reuse, not the work.",
    keys: &[
        optional("margin", Shape::Ratio, "`5%`", "A growth from here on matters."),
        optional(
            "floor",
            Shape::Ratio,
            "`2%`",
            "A growth up to here never does. It is below the margin.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[[gate]]\nregime = \"cross-runner\"\nwarm_against_cold = { margin = \"10%\", floor = \"2%\" }",
};

/// `bench gate --policy FILE`: no part of a scenario file.
pub(crate) static POLICY: TableShape = TableShape {
    title: "the policy",
    doc: "Limits for a run that was measured already.",
    keys: &[required("gate", Shape::Tables(&GATE), "Limits that decide the exit code.")],
    groups: &[],
    needs: &[],
    example: "[[gate]]\nregime = \"same-runner\"\nmax = \"1s\"",
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
