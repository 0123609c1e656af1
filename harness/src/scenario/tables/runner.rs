//! What the runner has: tools, environment, caches, and the processes beside the phases.

use super::{WHEN, one_of, optional, required};
use crate::scenario::keys::{Count, Group, Shape, TableShape};

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
