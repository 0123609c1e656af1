//! Scenario files: one table of keys drives the reader, the schema and the reference.
//!
//! ```text
//! parts/*: keys + reading -> type -> writing      one file per TOML table
//!            |  reader/: text along keys, every problem with its place
//!            |  writer: TOML
//!            +-> schema, reference
//! ```

mod check;
mod combination;
mod condition;
mod find;
mod globs;
mod hash;
mod load;
mod parts;
mod reader;
mod reference;
mod schema;
pub mod shipped;
pub mod template;
pub(crate) mod units;
mod words;
mod writer;

pub use check::{Checked, check, files_in};
pub use combination::ParamError;
pub use condition::{When, param_product};
pub use find::{FindError, Listed, Places, find, list};
pub use globs::Globs;
pub use load::{FILE_NAME, LoadError, Measured, policy};
pub use parts::{
    ArchiveSpec, Bundle, CacheSpec, Counter, DaemonSpec, EditSpec, EnvCase, EnvSpec, ExamplesFrom,
    ExamplesSpec, ExtractSpec, GateRule, GateSpec, Normaliser, Param, PhaseCommand, PhaseSpec,
    ProbeFrom, ProbeSpec, Ready, ReadyCheck, Refusal, Root, Scenario, ServiceSpec, Source,
    ToolSpec, Transport, show,
};
pub use reader::{Problem, Problems};
pub use reference::reference;
pub use schema::schema;
pub(crate) use units::{duration as parse_duration, show_duration, size as parse_size};
pub(crate) use words::file_safe;
