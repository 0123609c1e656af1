//! Which mark stands for which regime, in charts and beside their names.

use bench_record::Regime;

use crate::document::Words;
use crate::document::chart::Mark;

/// The mark of a regime.
pub(crate) const fn mark(regime: Regime) -> Mark {
    match regime {
        Regime::Cold => Mark::Disc,
        Regime::SameRunner => Mark::Square,
        Regime::CrossRunner => Mark::Triangle,
        Regime::MovedRunner => Mark::Down,
        Regime::Hot => Mark::Diamond,
        Regime::Unknown => Mark::Cross,
    }
}

/// The regime's name with its mark.
pub(crate) fn marked(regime: Regime) -> Words {
    Words::new().key(mark(regime), regime.as_str())
}

/// The legend of a chart about these regimes.
pub(crate) fn legend(
    regimes: impl IntoIterator<Item = Regime>,
) -> impl Iterator<Item = (Mark, String)> {
    regimes.into_iter().map(|regime| (mark(regime), regime.to_string()))
}
