//! `bench`: measures cold against warm CI cache regimes and proves which one a sample ran in.
//!
//! ```text
//! scenario.toml -> Scenario -> Plan (blocks of steps) -> Runner + Regime + Executor -> records.ndjson
//!               -> summary -> { terminal, Markdown, JSON, CSV, exit code }
//! ```
//!
//! `ARCHITECTURE.md` at the top of the repository says what each room is for and which rooms it may use.

pub mod ablate;
pub mod cache;
pub mod cli;
pub mod error_text;
pub mod exit;
pub mod explain;
pub mod formats;
pub mod init;
pub mod plan;
pub mod run;
pub mod runner;
pub mod sample;
pub mod scenario;
pub mod system;
pub mod trial;
pub mod verify;
