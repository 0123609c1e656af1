//! The command line: one file per command. stdout carries data, stderr progress and messages.

mod ablate;
mod attachments;
mod check;
mod compare;
mod completions;
mod decide;
mod declared;
mod dispatch;
mod doctor;
mod documents;
mod economics;
mod explain;
mod export;
mod gate;
mod history;
mod import;
mod init;
mod list;
mod log;
mod machine;
mod man;
mod measure;
mod merge;
mod output;
mod places;
mod plan;
mod progress;
mod receive;
mod recipe;
mod report;
mod run;
mod schema;
mod selection;
mod session;
mod show;
mod stage;
mod trial_lines;
mod trials;
mod units;
mod verify;

pub use dispatch::main;

use output::print;
use session::{Failure, Outcome, default_state};
