//! Records in; estimates, verdicts and documents out. No process is started here.

pub mod stats;
