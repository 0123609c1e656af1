//! What is measured: the scenario itself, its source and its params.

use super::{optional, required};
use crate::scenario::keys::{Count, Group, Shape, TableShape};

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
