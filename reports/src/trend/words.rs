//! Series, steps and runs in words. Foreign text stands in backticks, or is a name that documents escape.

use super::series::{Measure, Point, RunKind, Series};
use super::steps::LevelStep;
use crate::document::text::quoted;
use crate::document::units;

/// Characters of a commit id.
const COMMIT: usize = 12;
/// Characters of a comparability key.
const KEY: usize = 8;

impl Series {
    /// What is timed: `cold`, `cold compile`, `cold Blink`.
    pub fn name(&self) -> String {
        match &self.measure {
            Measure::Total => self.regime.to_string(),
            Measure::Phase(name) | Measure::Example(name) => {
                format!("{} {}", self.regime, plain(name))
            }
        }
    }

    /// A step of this series in one sentence.
    pub fn step_sentence(&self, step: &LevelStep) -> String {
        let of = match &self.measure {
            Measure::Total => self.regime.to_string(),
            Measure::Phase(name) => format!("{}, phase {}", self.regime, quoted(name)),
            Measure::Example(name) => format!("{}, example {}", self.regime, quoted(name)),
        };
        let way = if step.ratio > 1.0 { "slower" } else { "faster" };
        let kind = if step.is_of_another_kind() {
            "; machine, tools or scenario files changed with it"
        } else {
            ""
        };
        format!(
            "{of}: {way} since run {}, {} -> {} ({}); source {}, in the run before {}; {} before, {} since{kind}.",
            quoted(&step.at.run),
            units::seconds(step.before.median_s),
            units::seconds(step.after.median_s),
            units::ratio(step.ratio),
            step.at.commit(),
            step.last.commit(),
            units::counted(step.before.runs, "run"),
            step.after.runs,
        )
    }
}

impl Point {
    /// The commit of the run's source, as short as git shows it.
    pub fn commit(&self) -> String {
        let Some(id) = &self.source else { return "unknown".to_owned() };
        let short: String = id.chars().take(COMMIT).collect();
        format!("{}{}", quoted(&short), if self.dirty { " with changes" } else { "" })
    }
}

impl std::fmt::Display for RunKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One { key, machine } => {
                let short: String = key.chars().take(KEY).collect();
                write!(f, "{} [{}]", plain(machine), plain(&short))
            }
            Self::Several(count) => {
                write!(f, "{count} kinds of machine, tools or scenario files together")
            }
        }
    }
}

/// Foreign text that stands by itself, without what would be obeyed rather than shown.
fn plain(text: &str) -> String {
    quoted(text).trim_matches('`').to_owned()
}
