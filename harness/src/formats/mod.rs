//! Formats of other tools and of other jobs: example times, results of other tools, and records that are not trusted.

pub mod extract;
pub mod import;
pub mod receive;
