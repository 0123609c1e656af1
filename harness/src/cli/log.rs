//! The log: off unless `-v` or `BENCH_LOG` ask for it, and always on standard error.
//!
//! Events hold names, paths, sizes and times. They never hold the arguments or the environment of a command, where
//! tokens are.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::time::uptime;
use tracing_subscriber::layer::SubscriberExt as _;

use super::session::Failure;

/// The environment variable that says what is logged, by module.
const VARIABLE: &str = "BENCH_LOG";
/// The packages that log; a module belongs to the one that its path starts with.
const PACKAGES: [&str; 4] = ["bench", "bench_record", "bench_reports", "bench_history"];

/// Starts the log as `-v` (given `verbose` times) asks, else as `BENCH_LOG` does.
///
/// # Errors
/// When `BENCH_LOG` is not a list of levels and modules of `bench`.
pub(super) fn start(verbose: u8) -> Result<(), Failure> {
    let targets = match (verbose, std::env::var_os(VARIABLE)) {
        (0, None) => return Ok(()),
        (0, Some(text)) if text.is_empty() => return Ok(()),
        (0, Some(text)) => parse(&text.to_string_lossy()).map_err(Failure::usage)?,
        (1, _) => everything(LevelFilter::INFO),
        (_, _) => everything(LevelFilter::DEBUG),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_timer(uptime())
        .with_ansi(false);
    let subscriber = tracing_subscriber::registry().with(lines).with(targets);
    Ok(tracing::subscriber::set_global_default(subscriber)?)
}

/// Whether anything is logged: a progress bar and lines on one terminal would overwrite each other.
pub(super) fn is_on() -> bool {
    tracing::level_filters::LevelFilter::current() != LevelFilter::OFF
}

fn everything(level: LevelFilter) -> Targets {
    Targets::new().with_targets(PACKAGES.map(|package| (package, level)))
}

/// Reads `LEVEL`, `MODULE=LEVEL` or several of them with commas between.
fn parse(text: &str) -> anyhow::Result<Targets> {
    const HINT: &str = "(hint: such as `debug`, or `info,bench::system=debug`; levels are error, warn, info, debug, \
                        trace and off)";
    let targets: Targets = text.parse().map_err(|error| {
        anyhow::anyhow!("`{VARIABLE}` is `{text}`, which is not a filter: {error} {HINT}")
    })?;
    let is_ours =
        |module: &str| module.split("::").next().is_some_and(|package| PACKAGES.contains(&package));
    if let Some((module, _)) = targets.iter().find(|(module, _)| !is_ours(module)) {
        anyhow::bail!(
            "`{VARIABLE}` is `{text}`: `{module}` is neither a level nor a module of `bench` {HINT}"
        );
    }
    Ok(targets)
}
