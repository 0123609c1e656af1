//! One line of text per row, with marks, bars and intervals on a shared axis: names stay readable whatever
//! their number, which vertical bars cannot offer.

use plotters::element::{PathElement, Rectangle};
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::Axis;
use super::canvas::{CHARACTER, Drawn, Picture, Svg, draw, grid, plane, text as write};
use super::mark::Mark;
use super::palette::{BAND, INK, JOIN, QUIET};
use crate::document::text;

/// One row.
#[derive(Clone, Debug, Default)]
pub struct ChartRow {
    /// What it is about; foreign text may be in it.
    pub label: String,
    /// What stands at its right end.
    pub note: String,
    /// An interval, a line.
    pub span: Option<(f64, f64)>,
    /// What joins the marks, a pale line.
    pub join: Option<(f64, f64)>,
    /// Single values behind the marks, as small strokes.
    pub values: Vec<f64>,
    /// A bar.
    pub bar: Option<Bar>,
    /// Marks.
    pub marks: Vec<(f64, Mark)>,
}

/// A bar of a row.
#[derive(Clone, Copy, Debug)]
pub struct Bar {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Whose colour it has.
    pub mark: Mark,
}

/// A chart of rows.
#[derive(Clone, Debug)]
pub struct RowChart {
    /// The values.
    pub axis: Axis,
    /// From the top.
    pub lines: Vec<ChartRow>,
    /// A value that everything is compared with.
    pub guide: Option<f64>,
    /// Values that make no difference.
    pub band: Option<(f64, f64)>,
}

impl RowChart {
    /// Height of a row, pixels.
    pub const HEIGHT: i32 = 20;
    const TOP: i32 = 4;
    /// The same where the axis is written above, too.
    const LABELLED_TOP: i32 = 24;
    /// Rows of a chart whose lower end may be out of sight.
    const MANY: usize = 25;
    const BOTTOM: i32 = 28;
    const WIDTH: i32 = 912;
    /// Columns of the longest label.
    const LABEL: usize = 34;

    /// Free room above the first row, pixels.
    pub fn top(rows: usize) -> i32 {
        if rows > Self::MANY { Self::LABELLED_TOP } else { Self::TOP }
    }

    /// The chart; `None` without a row.
    pub fn svg(&self) -> Option<Svg> {
        let rows =
            i32::try_from(self.lines.len()).ok().filter(|rows| (1..=100_000).contains(rows))?;
        draw(
            (Self::WIDTH, Self::top(self.lines.len()) + rows * Self::HEIGHT + Self::BOTTOM),
            |picture| self.draw(picture, rows),
        )
    }

    fn draw(&self, picture: &Picture<'_>, rows: i32) -> Drawn {
        let labels: Vec<String> =
            self.lines.iter().map(|row| text::fit(&row.label, Self::LABEL)).collect();
        let width = |texts: &mut dyn Iterator<Item = usize>| {
            (texts.max().unwrap_or(0) as f64 * CHARACTER) as i32
        };
        let left = width(&mut labels.iter().map(|label| text::width(label))) + 12;
        let notes = width(&mut self.lines.iter().map(|row| row.note.chars().count()));
        let right = Self::WIDTH - notes.max(24) - 12;
        let top = Self::top(self.lines.len());
        let bottom = top + rows * Self::HEIGHT;
        let area = plane(picture, left, right, top, bottom);
        let across = |value: f64| self.axis.place(value);
        if let Some((low, high)) = self.band {
            let corners = [(across(low), 0.0), (across(high), 1.0)];
            area.draw(&Rectangle::new(corners, BAND.filled()))?;
        }
        grid(picture, &self.axis, (left, right), (top, bottom), top != Self::TOP)?;
        if let Some(guide) = self.guide {
            let x = across(guide);
            area.draw(&PathElement::new(vec![(x, 0.0), (x, 1.0)], QUIET))?;
        }
        let row_share = 1.0 / f64::from(rows);
        for (index, (row, label)) in self.lines.iter().zip(&labels).enumerate() {
            let middle = (index as f64 + 0.5) * row_share;
            let y = top + (middle * f64::from(bottom - top)) as i32;
            write(picture, label, (left - 8, y), (HPos::Right, VPos::Center), INK)?;
            if !row.note.is_empty() {
                let at = (Self::WIDTH - 2, y);
                write(picture, &row.note, at, (HPos::Right, VPos::Center), QUIET)?;
            }
            if let Some(Bar { from, to, mark }) = row.bar {
                let (up, down) = (middle - 0.32 * row_share, middle + 0.32 * row_share);
                let corners = [(across(from), up), (across(to), down)];
                area.draw(&Rectangle::new(corners, mark.colour().filled()))?;
            }
            for value in &row.values {
                let x = across(*value);
                let (up, down) = (middle - 0.25 * row_share, middle + 0.25 * row_share);
                area.draw(&PathElement::new(vec![(x, up), (x, down)], QUIET))?;
            }
            for (ends, colour) in [(row.join, JOIN), (row.span, QUIET)] {
                if let Some((low, high)) = ends {
                    let ends = vec![(across(low), middle), (across(high), middle)];
                    area.draw(&PathElement::new(ends, colour.stroke_width(2)))?;
                }
            }
            for (value, mark) in &row.marks {
                mark.draw(&area, (across(*value), middle))?;
            }
        }
        Ok(())
    }
}
