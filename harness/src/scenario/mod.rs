//! Scenario files: the wire shape, the always-valid model, and the conversion that reports every problem.
//!
//! ```text
//! text -> wire (spanned tables, read along keys) -> convert -> model
//!                                   keys -> schema, reference
//! ```

mod bundles;
mod check;
mod convert;
mod find;
mod hash;
mod keys;
mod load;
mod model;
mod params;
mod policy;
mod problem;
mod reference;
mod report;
mod schema;
pub mod shipped;
mod show;
mod tables;
pub mod template;
pub(crate) mod units;
mod wire;
mod words;

pub use bundles::Bundle;
pub use check::{Checked, check, files_in};
pub use find::{FindError, Listed, Places, find, list};
pub use load::{FILE_NAME, LoadError};
pub use model::{
    ArchiveSpec, CacheSpec, Counter, DaemonSpec, EditSpec, EnvCase, EnvSpec, ExamplesFrom,
    ExamplesSpec, ExtractSpec, GateRule, GateSpec, Globs, Normaliser, Param, PhaseCommand,
    PhaseSpec, ProbeFrom, ProbeSpec, Ready, ReadyCheck, Refusal, Root, Scenario, ServiceSpec,
    Source, ToolSpec, Transport, When,
};
pub use params::{ParamError, param_product};
pub use policy::{Measured, policy};
pub use problem::{Problem, Problems};
pub use reference::reference;
pub use schema::schema;
pub use show::show;
pub(crate) use units::{duration as parse_duration, show_duration, size as parse_size};
