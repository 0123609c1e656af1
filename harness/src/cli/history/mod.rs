//! `bench history`: past runs, and what changed from run to run.
//!
//! The store is read by polars, which takes longer to build than everything else: it is in the binary with the
//! cargo feature `history` only. Without it the command is there, and says so.

#[cfg(not(feature = "history"))]
mod absent;
#[cfg(feature = "history")]
mod present;

mod args;

#[cfg(not(feature = "history"))]
use absent as store;
pub(super) use args::Args;
#[cfg(feature = "history")]
use present as store;
pub(super) use store::recent;

use super::session::Outcome;
use args::{Command, refuse_address};

pub(super) fn run(args: &Args) -> Outcome {
    let place = match &args.command {
        Command::Add(args) => &args.place,
        Command::Trend(args) => &args.place,
        Command::Compact(place) => place,
    };
    refuse_address(&place.store)?;
    match &args.command {
        Command::Add(args) => store::add(args),
        Command::Trend(args) => store::trend(args),
        Command::Compact(place) => store::compact(place),
    }
}
