//! Running commands: one small trait and the real executor.
//!
//! Nothing else starts a process that is measured. Short commands that are not measured run through `short`.

mod command;
mod confine;
mod executor;
mod interrupt;
mod isolation;
mod lookup;
mod mounts;
mod namespace;
mod platform;
mod real;
mod reap;
mod short;
mod signals;
mod spawn;
mod sweep;
mod wait;

pub use command::{Captured, Ended, ExecError, Finished, Invocation, ServiceId, Stray, Swept};
pub use confine::{ConfineError, Confinement, ConfinementStatus};
pub use executor::Executor;
pub use isolation::Isolation;
pub use mounts::{OwnMounts, SmallDisk};
pub use namespace::{Entrance, NamespaceKind, NamespaceRequest, Namespaces};
pub use real::{RealExecutor, SetupError};
pub(crate) use short::run_visibly;
pub use sweep::kill_strays_of;
