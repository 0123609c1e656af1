//! Colours and shapes: every regime has one of each, so that neither is needed to tell them apart.

use bench_record::Regime;
use plotters::element::{Circle, Cross, EmptyElement, PathElement, Polygon, Rectangle};
use plotters::style::{Color, RGBColor};

use super::{Drawn, Plane};

/// Text that names.
pub(crate) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Text that explains.
pub(crate) const QUIET: RGBColor = RGBColor(0x55, 0x55, 0x55);
/// Grid lines.
pub(crate) const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);
/// Lines between marks that belong together.
pub(crate) const JOIN: RGBColor = RGBColor(0xBB, 0xBB, 0xBB);
/// Bands behind marks.
pub(crate) const BAND: RGBColor = RGBColor(0xEE, 0xEE, 0xEE);

/// Every colour of a chart with the variable of the style sheet that stands for it.
#[cfg(test)]
pub(crate) const PALETTE: [(RGBColor, &str); 10] = [
    (INK, "ink"),
    (QUIET, "quiet"),
    (GRID, "grid"),
    (JOIN, "join"),
    (BAND, "band"),
    (Mark(Regime::Cold).colour(), "cold"),
    (Mark(Regime::SameRunner).colour(), "same-runner"),
    (Mark(Regime::CrossRunner).colour(), "cross-runner"),
    (Mark(Regime::Hot).colour(), "hot"),
    (Mark(Regime::Unknown).colour(), "unknown"),
];

/// The regime that a point is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(pub(crate) Regime);

/// Half the size of a mark, pixels.
const HALF: i32 = 4;

impl Mark {
    /// The palette of Okabe and Ito, which people with any colour vision tell apart.
    pub(crate) const fn colour(self) -> RGBColor {
        match self {
            Self(Regime::Cold) => RGBColor(0x00, 0x72, 0xB2),
            Self(Regime::SameRunner) => RGBColor(0x00, 0x9E, 0x73),
            Self(Regime::CrossRunner) => RGBColor(0xD5, 0x5E, 0x00),
            Self(Regime::Hot) => RGBColor(0xCC, 0x79, 0xA7),
            Self(Regime::Unknown) => RGBColor(0x77, 0x77, 0x77),
        }
    }

    /// Draws it: a disc, a square, a triangle, an open diamond, a cross.
    pub(super) fn draw(self, plane: &Plane<'_>, at: (f64, f64)) -> Drawn {
        let colour = self.colour();
        match self {
            Self(Regime::Cold) => plane.draw(&Circle::new(at, HALF, colour.filled())),
            Self(Regime::SameRunner) => plane.draw(
                &(EmptyElement::at(at)
                    + Rectangle::new([(-HALF, -HALF), (HALF, HALF)], colour.filled())),
            ),
            Self(Regime::CrossRunner) => plane.draw(
                &(EmptyElement::at(at)
                    + Polygon::new(
                        vec![(0, -HALF - 1), (HALF + 1, HALF), (-HALF - 1, HALF)],
                        colour.filled(),
                    )),
            ),
            Self(Regime::Hot) => {
                let (far, near) = (HALF + 1, -HALF - 1);
                let corners = vec![(0, near), (far, 0), (0, far), (near, 0), (0, near)];
                plane.draw(
                    &(EmptyElement::at(at) + PathElement::new(corners, colour.stroke_width(2))),
                )
            }
            Self(Regime::Unknown) => plane.draw(&Cross::new(at, HALF, colour.stroke_width(2))),
        }
    }
}
