//! Charts as data, drawn as SVG. Every chart shows numbers that a table of the same document has too.

pub mod axis;
mod canvas;
mod curve_chart;
mod mark;
mod palette;
mod row_chart;

pub use axis::{Axis, Scale};
pub use canvas::Svg;
pub use curve_chart::{Curve, CurveChart};
pub use mark::Mark;
#[cfg(test)]
pub(crate) use palette::ALL as PALETTE;
pub use row_chart::{Bar, ChartRow, RowChart};
