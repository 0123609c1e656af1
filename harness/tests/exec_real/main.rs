//! The real executor against real processes.
//!
//! A sweep kills every descendant of the process that asks for it, so each test runs in a process of its
//! own, under nextest and under `cargo test` alike: see [`support::isolated`].
#![cfg(target_os = "linux")]

#[macro_use]
mod support;

mod confine;
mod interrupt;
mod kill;
mod refused_namespace;
mod run;
mod service;
