//! The same measurements in one run after another, and the runs at which they changed (`bench trend`).

mod document;
mod series;
mod sparkline;
mod steps;
mod text;
mod words;

pub use document::{SCHEMA, Trend, json};
pub use series::{Measure, Point, Recent, RunKind, Series};
pub use sparkline::{GAP, LEAST_SPREAD, sparkline};
pub use steps::{Level, LevelStep};
pub use text::{markdown, terminal};
