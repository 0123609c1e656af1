//! The machine that a run is measured on: its state root, which no other run may use meanwhile, and its executor.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_record::RunId;

use super::Failure;
use super::places::open_state;
use crate::exit;
use crate::plan::PlanSpec;
use crate::run::{self, PrepareError, Prepared, Request, Wanted};
use crate::system::exec::{Confinement, RealExecutor};
use crate::system::fs::state::{Lock, StateRoot};

/// The exit code of a run that cannot start.
pub(super) fn prepare_failure(error: PrepareError) -> Failure {
    let code = match &error {
        PrepareError::Tools(_) | PrepareError::Usage(_) | PrepareError::Source(_) => exit::USAGE,
        PrepareError::State(error) if error.is_refusal() => exit::USAGE,
        PrepareError::State(_) | PrepareError::Tree(_) | PrepareError::Exec(_) => exit::INTERNAL,
    };
    Failure { code, error: error.into() }
}

/// A machine while it measures.
pub(super) struct Machine {
    pub(super) state: StateRoot,
    pub(super) executor: RealExecutor,
    _lock: Lock,
}

impl Machine {
    /// Opens and locks the state root at `path`. `logs` stays writable: some commands reopen their standard error.
    ///
    /// # Errors
    /// When the state root is refused or in use, or commands cannot be confined.
    pub(super) fn open(path: &Path, logs: &Path) -> Result<Self, Failure> {
        let state = open_state(path)?;
        let lock = state.lock(Path::new("measuring.lock")).map_err(|error| {
            Failure::usage(anyhow::Error::new(error).context(format!(
                "state root `{}` is in use: two runs at once would disturb each other's times",
                state.path().display()
            )))
        })?;
        let roots = vec![state.path().to_owned(), logs.to_owned()];
        let executor = RealExecutor::new(Confinement::WriteWithin(roots))?;
        Ok(Self { state, executor, _lock: lock })
    }

    /// Plans and prepares a run.
    pub(super) fn prepare(&mut self, request: &Request, id: RunId) -> Result<Prepared, Failure> {
        let spec = run::plan_spec(request).map_err(prepare_failure)?;
        self.prepare_planned(request, spec, id)
    }

    /// Prepares a run that plans `spec`.
    pub(super) fn prepare_planned(
        &mut self,
        request: &Request,
        spec: PlanSpec,
        id: RunId,
    ) -> Result<Prepared, Failure> {
        let isolation = &self.executor.isolation().in_use;
        let wanted = Wanted { request, spec, id, isolation };
        run::prepare(&mut self.executor, &self.state, wanted).map_err(prepare_failure)
    }

    /// Kills processes and removes runners that an earlier process of this run left behind in its directory `rel` when it was killed.
    pub(super) fn clear_left_over(&mut self, rel: &Path) -> Result<(), Failure> {
        let dir = self.state.path().join(rel);
        for stray in crate::system::exec::kill_strays_of(&dir)? {
            anstream::eprintln!(
                "killed `{}` ({}), left over from the interrupted run",
                stray.name,
                stray.pid
            );
        }
        if dir.exists() {
            self.state.remove(rel)?;
        }
        self.state.empty_trash()?;
        Ok(())
    }
}

/// The run directory's `logs`, absolute.
pub(super) fn make_logs(out: &Path) -> Result<PathBuf, Failure> {
    let logs = std::path::absolute(out.join("logs"))?;
    std::fs::create_dir_all(&logs)
        .with_context(|| format!("cannot make run directory `{}`", out.display()))?;
    Ok(logs)
}

/// Refuses a directory that holds something other than a run: its files would be taken for the run's.
pub(super) fn refuse_foreign(out: &Path) -> Result<(), Failure> {
    let holds = std::fs::read_dir(out).ok().and_then(|mut entries| entries.next()?.ok());
    let Some(entry) = holds else { return Ok(()) };
    Err(Failure::usage(anyhow::anyhow!(
        "`{}` holds `{}` and not a run (hint: give `--out` an empty or a new directory)",
        out.display(),
        entry.file_name().display()
    )))
}
