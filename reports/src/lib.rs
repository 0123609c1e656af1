//! Records in; estimates, verdicts and documents out. No process is started here.

pub mod ablate;
pub mod answer;
pub mod document;
pub mod explain;
pub mod export;
mod marks;
pub mod quota;
pub mod recipe;
pub mod report;
pub mod side_by_side;
pub mod stats;
pub mod summary;
pub mod trend;
pub mod verdict;
pub mod verify;
