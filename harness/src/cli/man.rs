//! `bench man`: the manual, generated from the same text as `--help`.

use std::path::PathBuf;

use anyhow::Context as _;

use super::output::print;
use super::session::Outcome;
use crate::exit;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Directory for one page per command (bench.1, bench-run.1, ...) instead of one page on standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &Args, command: clap::Command) -> Outcome {
    match &args.out {
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            print(&String::from_utf8(page)?)?;
        }
        Some(out) => std::fs::create_dir_all(out)
            .and_then(|()| clap_mangen::generate_to(command, out))
            .with_context(|| format!("cannot write manual pages to `{}`", out.display()))?,
    }
    Ok(exit::OK)
}
