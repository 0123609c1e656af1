//! Records in; estimates, verdicts and documents out. No process is started here.

pub mod ablate;
pub mod comparison;
pub mod explained;
mod gates;
mod grid;
mod location;
pub mod quota;
pub mod recipe;
pub mod render;
pub mod series;
pub mod side_by_side;
pub mod stats;
pub mod summary;
pub mod text;
pub mod trend;
pub mod units;
pub mod verify;

pub use render::export;
