//! Points in two directions, joined or not.

use plotters::element::PathElement;
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::Axis;
use super::canvas::{Drawn, Picture, Svg, draw, grid, plane, text};
use super::mark::Mark;
use super::palette::{GRID, QUIET};

/// Points of one kind.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Whose they are.
    pub mark: Mark,
    /// From left to right.
    pub points: Vec<(f64, f64)>,
}

/// A chart of curves.
#[derive(Clone, Debug)]
pub struct CurveChart {
    /// From left to right.
    pub across: Axis,
    /// From the bottom up.
    pub up: Axis,
    /// The curves.
    pub lines: Vec<Curve>,
    /// Whether points are steps of a line with a mark here and there, or marks.
    pub steps: bool,
}

/// Marks on a line.
const MARKS: usize = 9;
const WIDTH: i32 = 912;
const HEIGHT: i32 = 300;

impl CurveChart {
    /// The chart; `None` without a point.
    pub fn svg(&self) -> Option<Svg> {
        if self.lines.iter().all(|curve| curve.points.is_empty()) {
            return None;
        }
        draw((WIDTH, HEIGHT), |picture| self.draw(picture))
    }

    fn draw(&self, picture: &Picture<'_>) -> Drawn {
        let (left, right, top, bottom) = (64, WIDTH - 24, 8, HEIGHT - 28);
        let area = plane(picture, left, right, top, bottom);
        for value in self.up.ticks() {
            let y = bottom - (self.up.place(value) * f64::from(bottom - top)).round() as i32;
            picture.draw(&PathElement::new(vec![(left, y), (right, y)], GRID))?;
            let label = (self.up.show)(value);
            text(picture, &label, (left - 8, y), (HPos::Right, VPos::Center), QUIET)?;
        }
        grid(picture, &self.across, (left, right), (top, bottom), false)?;
        let place = |(x, y): (f64, f64)| (self.across.place(x), 1.0 - self.up.place(y));
        for Curve { mark, points } in &self.lines {
            if !self.steps {
                for point in points {
                    mark.draw(&area, place(*point))?;
                }
                continue;
            }
            let mut line: Vec<(f64, f64)> = Vec::with_capacity(2 * points.len());
            for point in points {
                let (x, y) = place(*point);
                line.push((x, line.last().map_or(1.0, |last| last.1)));
                line.push((x, y));
            }
            area.draw(&PathElement::new(line, mark.colour().stroke_width(2)))?;
            let every = points.len().div_ceil(MARKS).max(1);
            for point in points.iter().skip(every / 2).step_by(every) {
                mark.draw(&area, place(*point))?;
            }
        }
        Ok(())
    }
}
