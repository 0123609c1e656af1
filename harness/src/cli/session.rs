//! What every command starts from, and how it ends.

use std::path::PathBuf;

use crate::exit;

/// How a command ends: with an exit code, or with an error and the code for it.
pub(crate) type Outcome = Result<u8, Failure>;

/// A failure with its exit code.
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

    /// Whether whoever read our output has seen enough (`bench list | head -1`).
    pub(super) fn is_broken_pipe(&self) -> bool {
        self.error.chain().any(|cause| {
            cause
                .downcast_ref::<std::io::Error>()
                .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
        })
    }
}

/// Where state lives when `--state` does not say: outside every project and every home, so that no tool
/// finds a configuration in a parent directory of a runner.
pub(super) fn default_state() -> PathBuf {
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
