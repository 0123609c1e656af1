//! The commands: parse the command line, run one, map how it ended to an exit code.

use clap::{ArgAction, CommandFactory as _, Parser, Subcommand, ValueEnum};

use super::session::Outcome;
use super::{
    ablate, check, compare, completions, decide, doctor, explain, export, gate, history, import,
    init, list, log, man, merge, plan, receive, recipe, report, run, schema, show, verify,
};
use crate::error_text::with_causes;
use crate::exit;

/// Measures cold against warm CI cache regimes and proves which one a sample ran in.
#[derive(Debug, Parser)]
#[command(name = "bench", version, propagate_version = true, after_help = exit::help())]
struct Cli {
    /// When to use colours.
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    color: Color,
    /// Log to standard error what happens, -vv in detail; `BENCH_LOG=bench::system=debug` picks modules
    #[arg(long, short, action = ArgAction::Count, global = true)]
    verbose: u8,
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
    /// Print the manual page, or write one page per command
    Man(man::Args),
}

fn dispatch(command: Command) -> Outcome {
    match command {
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
        Command::Completions(args) => completions::run(&args, Cli::command()),
        Command::Man(args) => man::run(&args, Cli::command()),
    }
}

/// Runs the command line; returns the exit code.
pub fn main() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are not errors. A closed pipe must not panic.
            drop(error.print());
            return if error.use_stderr() { exit::USAGE } else { exit::OK };
        }
    };
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let outcome = log::start(cli.verbose).and_then(|()| dispatch(cli.command));
    match outcome {
        Ok(code) => code,
        Err(failure) if failure.is_broken_pipe() => exit::OK,
        Err(failure) => {
            anstream::eprintln!("error: {}", with_causes(failure.error.as_ref()));
            failure.code
        }
    }
}
