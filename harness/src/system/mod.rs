//! What the operating system gives: processes, files inside a root, facts about the machine, time.

pub mod clock;
pub mod exec;
pub mod fs;
pub mod host;
