//! Marks: each has a shape and a colour of its own, so that neither is needed to tell them apart.

use plotters::element::{Circle, Cross, EmptyElement, PathElement, Polygon, Rectangle};
use plotters::style::{Color as _, RGBColor};

use super::canvas::{Drawn, Plane};
use super::palette::{BLUE, GREEN, GREY, OCHRE, ORANGE, PINK};

/// What a point is about; a legend says which mark stands for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A blue disc.
    Disc,
    /// A green square.
    Square,
    /// An orange triangle.
    Triangle,
    /// An ochre triangle that points down.
    Down,
    /// An open pink diamond.
    Diamond,
    /// A grey cross.
    Cross,
}

/// Half the size of a mark, pixels.
const HALF: i32 = 4;

impl Mark {
    /// Its colour.
    pub(super) const fn colour(self) -> RGBColor {
        match self {
            Self::Disc => BLUE,
            Self::Square => GREEN,
            Self::Triangle => ORANGE,
            Self::Down => OCHRE,
            Self::Diamond => PINK,
            Self::Cross => GREY,
        }
    }

    /// Its class in the style sheet and in the script: every document uses the marks for the states of a cache.
    pub(in crate::document) const fn class(self) -> &'static str {
        match self {
            Self::Disc => "cold",
            Self::Square => "same-runner",
            Self::Triangle => "cross-runner",
            Self::Down => "moved-runner",
            Self::Diamond => "hot",
            Self::Cross => "unknown",
        }
    }

    /// Draws it.
    pub(super) fn draw(self, plane: &Plane<'_>, at: (f64, f64)) -> Drawn {
        let colour = self.colour();
        match self {
            Self::Disc => plane.draw(&Circle::new(at, HALF, colour.filled())),
            Self::Square => plane.draw(
                &(EmptyElement::at(at)
                    + Rectangle::new([(-HALF, -HALF), (HALF, HALF)], colour.filled())),
            ),
            Self::Triangle => plane.draw(
                &(EmptyElement::at(at)
                    + Polygon::new(
                        vec![(0, -HALF - 1), (HALF + 1, HALF), (-HALF - 1, HALF)],
                        colour.filled(),
                    )),
            ),
            Self::Down => plane.draw(
                &(EmptyElement::at(at)
                    + Polygon::new(
                        vec![(0, HALF + 1), (HALF + 1, -HALF), (-HALF - 1, -HALF)],
                        colour.filled(),
                    )),
            ),
            Self::Diamond => {
                let (far, near) = (HALF + 1, -HALF - 1);
                let corners = vec![(0, near), (far, 0), (0, far), (near, 0), (0, near)];
                plane.draw(
                    &(EmptyElement::at(at) + PathElement::new(corners, colour.stroke_width(2))),
                )
            }
            Self::Cross => plane.draw(&Cross::new(at, HALF, colour.stroke_width(2))),
        }
    }
}
