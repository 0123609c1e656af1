//! One simulated CI machine: its directories, its source, its environment, and how it is cleaned between samples.

mod bench_output;
mod clean;
mod disk_space;
mod environment;
mod git;
mod golden;
mod layout;
mod source;

pub use clean::{CleanError, Cleaned};
pub use disk_space::{DiskError, DiskWatch};
pub use environment::{Context, ContextError, Tweaks, UserEnvironment, user_environment};
pub use golden::{GoldenSource, SourceError};
pub use layout::{HiddenRunner, Runner, RunnerError, RunnerIdentity, RunnerPaths, Site};
pub use source::{lay_out_baseline, lay_out_golden};
