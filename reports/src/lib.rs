//! Records in; estimates, verdicts and documents out. No process is started here.

pub mod comparison;
pub mod export;
mod gates;
pub mod render;
pub mod stats;
pub mod summary;
pub mod text;
pub mod units;
