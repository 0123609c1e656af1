//! What is demanded.

use super::{one_of, optional, required};
use crate::scenario::keys::{Shape, TableShape};

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
