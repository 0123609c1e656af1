//! `bench check`: every problem of every scenario file.

use std::path::{Path, PathBuf};

use super::{Failure, Outcome};
use crate::{exit, scenario};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Scenario files or directories [default: scenarios/*/scenario.toml]
    files: Vec<PathBuf>,
}

pub(super) fn run(args: &Args) -> Outcome {
    let files = if args.files.is_empty() {
        let here = scenario::files_in(Path::new("."))?;
        here.into_iter()
            .map(|file| file.strip_prefix(".").map_or(file.clone(), Path::to_owned))
            .collect()
    } else {
        args.files.clone()
    };
    if files.is_empty() {
        return Err(Failure::usage(anyhow::anyhow!(
            "no scenario file here (hint: `bench check FILE`, or a `scenarios/` directory)"
        )));
    }
    let colour = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    let mut out = anstream::stdout().lock();
    let checked = scenario::check(&files, colour, &mut out)?;
    Ok(if checked.invalid == 0 { exit::OK } else { exit::USAGE })
}
