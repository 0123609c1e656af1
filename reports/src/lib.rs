//! Records in; estimates, verdicts and documents out. No process is started here.

pub mod ablate;
pub mod document;
pub mod explained;
pub mod export;
mod grid;
mod location;
pub mod quota;
pub mod recipe;
pub mod report;
pub mod series;
pub mod side_by_side;
pub mod stats;
pub mod summary;
pub mod trend;
pub mod verdict;
pub mod verify;
