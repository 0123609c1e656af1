//! Marks of regimes outside charts, in the shapes and colours that the charts have.

use bench_record::Regime;

use super::markup::Markup;

/// The mark alone; the regime's name always stands beside it.
pub(super) fn mark(regime: Regime) -> Markup {
    Markup::new(match regime {
        Regime::Cold => {
            "<svg class=\"m cold\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><circle cx=\"6\" cy=\"6\" r=\"5\"/></svg>"
        }
        Regime::SameRunner => {
            "<svg class=\"m same-runner\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><rect x=\"1\" y=\"1\" width=\"10\" height=\"10\"/></svg>"
        }
        Regime::CrossRunner => {
            "<svg class=\"m cross-runner\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><path d=\"M6 0L12 11H0Z\"/></svg>"
        }
        Regime::Hot => {
            "<svg class=\"m hot\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><path d=\"M6 1.2L10.8 6L6 10.8L1.2 6Z\"/></svg>"
        }
        Regime::Unknown => {
            "<svg class=\"m unknown\" viewBox=\"0 0 12 12\" aria-hidden=\"true\"><path d=\"M2 2L10 10M10 2L2 10\"/></svg>"
        }
    })
}

/// The mark and the name.
pub(super) fn named(regime: Regime) -> Markup {
    Markup::new("<span class=\"key\">").add(&mark(regime)).text(regime.as_str()).raw("</span>")
}

/// The regimes of a chart.
pub(super) fn of(regimes: impl IntoIterator<Item = Regime>) -> Markup {
    Markup::new("<span class=\"legend\">").all(regimes.into_iter().map(named)).raw("</span> ")
}
