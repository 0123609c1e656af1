//! The command line: a file a command. stdout carries data, stderr progress and messages.

mod ablate;
mod assume;
mod beside;
mod check;
mod compare;
mod completions;
mod decide;
mod doctor;
mod explain;
mod export;
mod gate;
mod history;
mod import;
mod init;
mod list;
mod man;
mod measure;
mod merge;
mod places;
mod plan;
mod progress;
mod receive;
mod recipe;
mod report;
mod run;
mod schema;
mod selection;
mod show;
mod stage;
mod trials;
mod units;
mod verify;
mod written;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::error_text::with_causes;
use crate::exit;

/// Measures cold against warm CI cache regimes and proves which one a sample ran in.
#[derive(Debug, Parser)]
#[command(name = "bench", version, propagate_version = true, after_help = exit::help())]
struct Cli {
    /// When to use colours.
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    color: Color,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure a scenario in its cache regimes
    Run(Box<run::Args>),
    /// List the scenarios that can be found here
    List,
    /// Print a scenario in its resolved form
    Show(show::Args),
    /// Check scenario files and report every problem
    Check(check::Args),
    /// Say what this machine and each scenario lack, and how to get it
    Doctor(doctor::Args),
    /// Write a first scenario for a repository
    Init(init::Args),
    /// Print the JSON Schema of scenario files
    Schema,
    /// Say which runner property breaks reuse, and the remedy
    Explain(Box<explain::Args>),
    /// Judge a candidate against the baseline of the same run, or show two runs side by side
    Compare(compare::Args),
    /// Judge the limits of a run; the exit code says how it ended
    Gate(gate::Args),
    /// Give the verdict on pairs of times of any tool, read from standard input
    Decide(decide::Args),
    /// Read results of other tools into a run that can be shown, never judged
    Import(import::Args),
    /// Divide a run into parts for several jobs
    Plan(plan::Args),
    /// Put parts together that several jobs measured
    Merge(merge::Args),
    /// Check records of a job that is not trusted, such as a fork's, and write them anew
    Receive(receive::Args),
    /// Say what each cache of a scenario is worth: seconds saved, megabytes, and what to keep
    Ablate(Box<ablate::Args>),
    /// Say whether the warm build tells the truth, with caches as they were saved and with damaged ones
    Verify(Box<verify::Args>),
    /// Keep past runs, and show what changed from run to run
    History(history::Args),
    /// Render the report of a run
    Report(report::Args),
    /// Write what a run says into CI: what to cache, keys, steps, settings, expected numbers
    Recipe(recipe::Args),
    /// Write a run in the format of another tool
    Export(export::Args),
    /// Print the completions of a shell
    Completions(completions::Args),
    /// Print the manual page, or write one a command
    Man(man::Args),
}

/// A failure with the exit code that it stands for.
#[derive(Debug)]
pub(crate) struct Failure {
    pub code: u8,
    pub error: anyhow::Error,
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { code: exit::INTERNAL, error: error.into() }
    }
}

impl Failure {
    /// Wrong usage or an invalid scenario.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { code: exit::USAGE, error: error.into() }
    }
}

type Outcome = Result<u8, Failure>;

/// Runs the command line; returns the exit code.
pub fn main() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no error. A closed pipe is no reason to panic.
            drop(error.print());
            return if error.use_stderr() { exit::USAGE } else { exit::OK };
        }
    };
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let outcome = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::List => list::run(),
        Command::Show(args) => show::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Init(args) => init::run(&args),
        Command::Schema => schema::run(),
        Command::Explain(args) => explain::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Gate(args) => gate::run(&args),
        Command::Decide(args) => decide::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Plan(args) => plan::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Receive(args) => receive::run(&args),
        Command::Ablate(args) => ablate::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::History(args) => history::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Recipe(args) => recipe::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    };
    match outcome {
        Ok(code) => code,
        Err(failure) if is_broken_pipe(&failure.error) => exit::OK,
        Err(failure) => {
            anstream::eprintln!("error: {}", with_causes(failure.error.as_ref()));
            failure.code
        }
    }
}

/// Whoever read our output has seen enough (`bench list | head -1`).
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}

/// Writes data to standard output.
fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Where state lives when `--state` does not say: outside every project and every home, so that no tool
/// finds a configuration in a parent directory of a runner.
fn default_state() -> PathBuf {
    #[cfg(unix)]
    {
        let user = rustix::process::geteuid().as_raw();
        PathBuf::from(format!("/var/tmp/bench-{user}"))
    }
    #[cfg(not(unix))]
    {
        std::env::temp_dir().join("bench-state")
    }
}
