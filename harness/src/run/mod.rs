//! A whole run: from a scenario and options to records on disk.

mod arms;
mod name;
mod prepare;
mod provision;
mod request;
mod steps;
mod tools;

pub use name::{file_name, run_id};
pub use prepare::{PrepareError, Prepared, check_resumable, prepare};
pub(crate) use provision::tools_rel;
pub(crate) use request::example_filter;
pub use request::{Request, plan_spec, request_of};
pub use steps::{Event, ExecuteError, Finish, Limits, execute};
pub use tools::{Found, Missing, find_tools, install_commands, missing, typed};
