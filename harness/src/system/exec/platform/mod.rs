//! What the operating system offers beyond the standard library: a full level on Linux, a portable base
//! level everywhere.
//!
//! Both levels have the same functions. The base level knows process groups (on Unix) and nothing of what
//! left them: it has no process table, so nothing that needs one finds anything.

mod groups;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod portable;
mod table;

pub(crate) use groups::*;
#[cfg(target_os = "linux")]
pub(crate) use linux::*;
#[cfg(not(target_os = "linux"))]
pub(crate) use portable::*;
pub(crate) use table::{ProcessEntry, ProcessTable};
