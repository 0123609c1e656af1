//! Caches: archives of them, and what is in them.

pub mod archive;
