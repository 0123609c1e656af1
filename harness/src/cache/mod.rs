//! Caches: saved to archives, restored from them, handed to other jobs, and asked for their hits.

pub mod archive;
pub mod handoff;
pub mod probe;
pub mod snapshot;
