//! `bench show NAME`: a scenario in its resolved form, valid input again.

use super::places::{find, open_state, single_params};
use super::{Outcome, default_state, print};
use crate::{exit, scenario};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario: a name or a directory
    scenario: String,
    /// Show only what applies under these params
    #[arg(long, value_name = "K=V")]
    set: Vec<String>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let (scenario, _) = find(&args.scenario, &open_state(&default_state())?)?;
    let params = single_params(&args.set, &scenario)?;
    print(&scenario::show(&scenario, (!args.set.is_empty()).then_some(&params)))?;
    Ok(exit::OK)
}
