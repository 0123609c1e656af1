//! One file per TOML table: its keys with their documentation, the type that is always valid, reading and writing.
//!
//! [`file`] puts them together; [`context`] is what they may know of each other while they are read.

mod archive;
mod cache;
mod context;
mod daemon;
mod env;
mod examples;
mod explain;
mod file;
mod gate;
mod head;
mod margins;
mod outputs;
mod params;
mod phase;
mod probe;
mod refuse;
mod service;
mod source;
mod tool;

pub use archive::{ArchiveSpec, Bundle};
pub use cache::{CacheSpec, Root, Transport};
pub use daemon::DaemonSpec;
pub use env::{EnvCase, EnvSpec};
pub use examples::{ExamplesFrom, ExamplesSpec, ExtractSpec};
pub use explain::EditSpec;
pub(super) use file::{FILE, TABLES, TextOrigin, read, read_policy};
pub use file::{Scenario, show};
pub use gate::{GateRule, GateSpec};
pub use outputs::Normaliser;
pub use params::Param;
pub(super) use phase::PHASE;
pub use phase::{PhaseCommand, PhaseSpec};
pub use probe::{Counter, ProbeFrom, ProbeSpec};
pub use refuse::Refusal;
pub use service::{Ready, ReadyCheck, ServiceSpec};
pub use source::Source;
pub use tool::ToolSpec;
