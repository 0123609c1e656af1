//! Files: relative to a directory that no link leads out of, whole trees, and the state root.

pub(crate) mod rooted;
pub mod state;
pub mod tree;
