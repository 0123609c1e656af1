//! Records in; estimates, verdicts and documents out. No process is started here, no file is read.

pub mod render;
pub mod summary;
pub mod text;
pub mod units;
