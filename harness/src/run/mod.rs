//! A whole run: from a scenario and options to records on disk.

mod arms;
mod error;
mod execute;
mod name;
mod prepare;
mod provision;
mod request;
mod tools;

pub use error::{ExecuteError, PrepareError};
pub use execute::{Event, Finish, Handoff, Limits, execute};
pub use name::{StagedPlan, run_directory, run_id};
pub use prepare::{Prepared, Wanted, check_resumable, prepare};
pub(crate) use provision::tools_rel;
pub(crate) use request::example_filter;
pub use request::{Request, plan_spec, request_of};
pub use tools::{
    FoundTools, MissingTool, find_tools, install_commands, missing_message, shell_line,
};
