//! The verdict on a comparison.
//!
//! Two questions, kept apart: is it real (the test), does it matter (the margin)? With theta the true ratio
//! new / base, margin `M`, floor `F`, and level `a` of the look:
//!
//! * `regressed`: `p(theta <= 1 + F) <= a/2` and the estimate is at least `1 + M`;
//! * `improved`: the mirror image, `p(theta >= 1 / (1 + F)) <= a/2` and the estimate is at most `1 / (1 + M)`;
//! * `ok`: `p(theta >= 1 + M) <= a/2`: a slowdown that matters is ruled out;
//! * otherwise `continue`, and at the end `inconclusive` with the effect that could have been seen.
//!
//! `ok` has to be shown; silence is not `ok`.

use bench_record::ComparisonVerdict;
use serde::Serialize;

use super::brr::Brr;
use super::error::StatsError;
use super::location::ConfidenceInterval;
use super::looks::{self, LAST_LOOK, MIN_PAIRS};
use super::pairs::Pairs;
use super::t::mean_and_sd;

/// `z` factor of the smallest effect that could have been seen: about 1 % one-sided (2.33) and 83 % power (0.97).
pub const MDE_FACTOR: f64 = 3.3;

/// Whether more pairs can come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sampling {
    /// They can: only at a look is there an answer other than `continue`.
    Ongoing,
    /// They cannot: `continue` is not an answer.
    Ended,
}

/// What counts as a difference.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rule {
    margin: f64,
    floor: f64,
    questions: u32,
}

impl Default for Rule {
    fn default() -> Self {
        Self { margin: Self::MARGIN, floor: Self::FLOOR, questions: 1 }
    }
}

impl Rule {
    /// Slowdown that matters, as a fraction.
    pub const MARGIN: f64 = 0.05;
    /// Slowdown that is put down to the layout of code and memory, as a fraction.
    pub const FLOOR: f64 = 0.02;

    /// The floor that goes with a margin when none is stated: [`Rule::FLOOR`]; for a margin below
    /// [`Rule::MARGIN`] less, in proportion.
    #[must_use]
    pub fn floor_of(margin: f64) -> f64 {
        Self::FLOOR.min(margin * Self::FLOOR / Self::MARGIN).max(0.0)
    }

    /// A rule with fractions `0 <= floor < margin` (0.05 is 5 %).
    ///
    /// # Errors
    /// [`StatsError::Range`] for fractions out of order, negative, or not finite.
    pub fn new(margin: f64, floor: f64) -> Result<Self, StatsError> {
        if !(floor.is_finite() && floor >= 0.0) {
            return Err(StatsError::Range {
                what: "floor",
                value: floor,
                expected: "a fraction of 0 or more (0.02 is 2 %)",
            });
        }
        if !(margin.is_finite() && margin > floor) {
            return Err(StatsError::Range {
                what: "margin",
                value: margin,
                expected: "a fraction above the floor (0.05 is 5 %)",
            });
        }
        Ok(Self { margin, floor, questions: 1 })
    }

    /// The same rule for one of `questions` about the same run (Bonferroni): the level of an alarm, `regressed` or
    /// `improved`, is divided by their number, so that all of them together raise a false alarm as rarely as one
    /// alone. `ok` is not an alarm: its level stays.
    #[must_use]
    pub fn among(mut self, questions: usize) -> Self {
        self.questions = u32::try_from(questions.max(1)).unwrap_or(u32::MAX);
        self
    }

    /// Slowdown that matters, as a fraction.
    #[must_use]
    pub fn margin(&self) -> f64 {
        self.margin
    }

    /// Slowdown below which nothing is called real, as a fraction.
    #[must_use]
    pub fn floor(&self) -> f64 {
        self.floor
    }
}

/// A verdict with everything that it rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// The answer.
    pub verdict: ComparisonVerdict,
    /// Pairs that count.
    pub n: usize,
    /// Pairs dropped because both sides timed out.
    pub dropped: usize,
    /// Margin, a fraction.
    pub margin: f64,
    /// Floor, a fraction.
    pub floor: f64,
    /// The numbers at this look; `None` between looks, where looking would spend error that is not budgeted, and
    /// without a pair.
    pub look: Option<LookNumbers>,
    /// The look to come, in pairs, when the verdict is `continue`.
    pub next_look: Option<usize>,
}

/// The effect of a comparison: new time divided by base time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RatioEstimate {
    /// Natural logarithm of the ratio; infinite when time-outs outweigh finished pairs.
    pub log_ratio: f64,
    /// The ratio; above 1 is slower.
    pub ratio: f64,
}

/// The numbers of one look.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LookNumbers {
    /// New / base by Hodges and Lehmann.
    pub estimate: RatioEstimate,
    /// Interval of the *ratio* at `interval_level`; `None` when n is too small for it.
    pub interval: Option<ConfidenceInterval>,
    /// Two-sided level of the interval: that of the look, between looks the family level.
    pub interval_level: f64,
    /// Against "slower by at most the floor".
    pub p_regressed: f64,
    /// Against "slower by at least the margin".
    pub p_ok: f64,
    /// Against "faster by at most the floor".
    pub p_improved: f64,
    /// One-sided level that the p-value of `ok` is compared with.
    pub level_one_sided: f64,
    /// One-sided level that those of `regressed` and `improved` are compared with: the same, divided by the
    /// number of questions about the run.
    pub alarm_level_one_sided: f64,
    /// Smallest slowdown, as a fraction, that this many pairs with this spread would probably have shown;
    /// `None` below two pairs, or when a pair has a time-out (then the spread has no size).
    pub mde: Option<f64>,
}

impl Decision {
    /// The same decision with the interval at the level that decides. Between looks [`decide`] gives it at the
    /// family level, while the verdict has that of the look that would have come next, so the interval could
    /// exclude what the verdict does not. Below [`MIN_PAIRS`] there is no verdict that it could contradict.
    #[must_use]
    pub fn at_deciding_level(mut self, pairs: &Pairs) -> Self {
        let level = looks::deciding_level(self.n);
        if let Some(look) = self.look.as_mut().filter(|look| {
            // The levels are constants: equal or not, never nearly so.
            self.n >= MIN_PAIRS && look.interval_level.total_cmp(&level).is_ne()
        }) {
            look.interval =
                Brr::new(pairs).interval(level).ok().flatten().map(ConfidenceInterval::exp);
            look.interval_level = level;
        }
        self
    }
}

/// Judges `pairs` by `rule`.
///
/// Below [`MIN_PAIRS`] there is never a verdict. At or after the last look the comparison is over whatever
/// `sampling` says.
#[must_use]
pub fn decide(pairs: &Pairs, rule: &Rule, sampling: Sampling) -> Decision {
    let n = pairs.len();
    let over = sampling == Sampling::Ended || n >= LAST_LOOK;
    let looking = over || looks::level_at(n).is_some();
    let look = if looking { look(pairs, rule) } else { None };
    let shown = look.filter(|_| n >= MIN_PAIRS).and_then(|look| judge(&look, rule));
    let verdict = shown.unwrap_or(if over {
        ComparisonVerdict::Inconclusive
    } else {
        ComparisonVerdict::Continue
    });
    Decision {
        verdict,
        n,
        dropped: pairs.dropped(),
        margin: rule.margin,
        floor: rule.floor,
        look,
        next_look: looks::next_after(n).filter(|_| verdict == ComparisonVerdict::Continue),
    }
}

/// The verdict that this look shows, if any.
fn judge(look: &LookNumbers, rule: &Rule) -> Option<ComparisonVerdict> {
    let margin = rule.margin.ln_1p();
    let alarm = look.alarm_level_one_sided;
    if look.p_regressed <= alarm && look.estimate.log_ratio >= margin {
        Some(ComparisonVerdict::Regressed)
    } else if look.p_improved <= alarm && look.estimate.log_ratio <= -margin {
        Some(ComparisonVerdict::Improved)
    } else if look.p_ok <= look.level_one_sided {
        Some(ComparisonVerdict::Ok)
    } else {
        None
    }
}

fn look(pairs: &Pairs, rule: &Rule) -> Option<LookNumbers> {
    let n = pairs.len();
    let log_ratio = pairs.hodges_lehmann()?;
    let brr = Brr::new(pairs);
    let (margin, floor) = (rule.margin.ln_1p(), rule.floor.ln_1p());
    let interval_level = looks::interval_level(n);
    let level_one_sided = looks::deciding_level(n) / 2.0;
    Some(LookNumbers {
        estimate: RatioEstimate { log_ratio, ratio: log_ratio.exp() },
        interval: brr.interval(interval_level).ok().flatten().map(ConfidenceInterval::exp),
        interval_level,
        p_regressed: brr.p(floor).greater,
        p_ok: brr.p(margin).less,
        p_improved: brr.p(-floor).less,
        level_one_sided,
        alarm_level_one_sided: level_one_sided / f64::from(rule.questions),
        mde: mde(&pairs.log_ratios(), floor),
    })
}

/// `F + 3.3 sd(d) / sqrt(n)` on the log scale, as a fraction.
fn mde(log_ratios: &[f64], floor: f64) -> Option<f64> {
    if log_ratios.iter().any(|d| d.is_infinite()) {
        return None;
    }
    let (_, sd) = mean_and_sd(log_ratios)?;
    Some((floor + MDE_FACTOR * sd / (log_ratios.len() as f64).sqrt()).exp_m1())
}
