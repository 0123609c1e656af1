//! `bench completions`: what a shell needs to complete our commands.

use clap_complete::Shell;

use super::output::print;
use super::session::Outcome;
use crate::exit;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &Args, mut command: clap::Command) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "bench", &mut script);
    print(&String::from_utf8(script)?)?;
    Ok(exit::OK)
}
