//! The state root: the one directory that `bench` made, marked, and may write to and delete from.
//!
//! **This module is the only code of the project that deletes anything.** Deletion starts at a directory
//! handle that was opened once, by single names, never through a symbolic link and never into another mount
//! (see [`crate::system::fs::rooted`]); a link inside is removed, what it points to is not touched.

mod draft;
mod error;
mod lock;
mod marker;
mod remove;
mod root;

pub use draft::{Draft, FreshDirs};
pub use error::StateError;
pub use lock::{Lock, Locked};
pub use marker::MARKER;
pub use remove::{Removed, remove_replaced};
pub use root::StateRoot;
