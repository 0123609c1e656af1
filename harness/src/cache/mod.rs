//! Caches: saved to archives, restored from them, and asked for their hits.

pub mod archive;
pub mod probe;
pub mod seed;
