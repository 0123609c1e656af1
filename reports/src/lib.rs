//! Records in; estimates, verdicts and documents out. No process is started here.

pub mod ablate;
pub mod comparison;
mod gates;
pub mod render;
pub mod stats;
pub mod summary;
pub mod text;
pub mod units;
pub mod verify;
