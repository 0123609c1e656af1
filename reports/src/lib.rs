//! Records in; estimates, verdicts and documents out. No process is started here.

pub mod comparison;
mod gates;
pub mod recipe;
pub mod render;
pub mod stats;
pub mod summary;
pub mod text;
pub mod units;
