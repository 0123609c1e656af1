//! Steps of a series, each at the run where it shows first.

use super::series::{Point, Series};
use crate::stats::{self, ChangePoint, median};

/// A change of level that stayed.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelStep<'a> {
    /// The first run on the new level.
    pub at: &'a Point,
    /// The last run before it that has a value: the change came between their sources.
    pub last: &'a Point,
    /// The old level.
    pub before: Level,
    /// The new level.
    pub after: Level,
    /// New level / old level; above 1 is slower.
    pub ratio: f64,
    /// How clearly: the E-divisive statistic divided by the mean absolute difference.
    pub q_scaled: f64,
}

/// The runs between two steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Runs with a value.
    pub runs: usize,
    /// Their median, seconds.
    pub median_s: f64,
}

impl LevelStep<'_> {
    /// Whether the machine, the tools or the scenario changed with the step: then nothing says it was the source.
    pub fn is_of_another_kind(&self) -> bool {
        self.at.key != self.last.key
    }
}

impl Series {
    /// Steps by E-divisive on the logarithms of the values ([`stats::change_points`]), oldest first. Always the
    /// same for the same values; runs without a value are left out.
    pub fn steps(&self) -> Vec<LevelStep<'_>> {
        let Divided { valued, found, levels } = self.divided();
        let step = |(found, levels): (&ChangePoint, &[Level])| LevelStep {
            at: valued[found.index].0,
            last: valued[found.index - 1].0,
            before: levels[0],
            after: levels[1],
            ratio: found.ratio,
            q_scaled: found.q_scaled,
        };
        found.iter().zip(levels.windows(2)).map(step).collect()
    }

    /// The level since the last step; `None` without a value.
    pub fn level(&self) -> Option<Level> {
        self.divided().levels.last().copied()
    }

    fn divided(&self) -> Divided<'_> {
        let valued: Vec<(&Point, f64)> = self
            .points
            .iter()
            .filter_map(|point| Some((point, point.median_s?)))
            .filter(|(_, seconds)| seconds.is_finite() && *seconds > 0.0)
            .collect();
        let logs: Vec<f64> = valued.iter().map(|(_, seconds)| seconds.ln()).collect();
        // Only a value that is not finite is refused, and there is none left.
        let found = stats::change_points(&logs).unwrap_or_default();
        let ends: Vec<usize> = std::iter::once(0)
            .chain(found.iter().map(|step| step.index))
            .chain(std::iter::once(valued.len()))
            .collect();
        let level = |ends: &[usize]| {
            let logs = &logs[ends[0]..ends[1]];
            Some(Level { runs: logs.len(), median_s: median(logs)?.exp() })
        };
        let levels = ends.windows(2).filter_map(level).collect();
        Divided { valued, found, levels }
    }
}

/// A series cut at its steps.
struct Divided<'a> {
    /// The runs that have a value.
    valued: Vec<(&'a Point, f64)>,
    /// Steps, by position among them.
    found: Vec<ChangePoint>,
    /// One more than steps; none without a value.
    levels: Vec<Level>,
}
