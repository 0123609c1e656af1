//! The binary: parse, dispatch, map the outcome to an exit code; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(bench::cli::main())
}
