//! `bench`: measures cold against warm CI cache regimes and proves which one a sample ran in.
//!
//! ```text
//! scenario.toml -> Scenario -> Plan (blocks of steps) -> Runner + Regime + Executor -> records.ndjson
//!               -> summary -> { terminal, Markdown, JSON, CSV, exit code }
//! ```
//!
//! The arrows point one way: `scenario`, `exec`, `tree`, `state` and `extract` know nothing of each other
//! beyond the types in this picture; `cache` and `runner` build on `tree` and `state`; `regime` composes
//! them into one sample; `seeds` hands
//! what a cold sample left to another job; `lab` makes trials from a golden copy of a seed, which `verify` and `ablate` are made of; `cli` is the only part that talks to a person.

pub mod ablate;
mod beneath;
pub mod cache;
pub mod cli;
pub mod clock;
pub mod exec;
pub mod exit;
pub mod explain;
pub mod extract;
pub mod host;
pub mod import;
pub mod init;
pub mod lab;
pub mod merge;
pub mod plan;
mod progress;
pub mod receive;
pub mod regime;
pub mod run;
pub mod runner;
pub mod scenario;
pub mod seeds;
pub mod state;
pub mod told;
pub mod tree;
pub mod verify;
