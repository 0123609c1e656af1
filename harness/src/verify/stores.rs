//! Faults of a whole store: it is older than the source, cut short, saved too early, or cannot be written.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use bench_reports::verify::{FaultOutcome, FaultSeen, outcomes};
use filetime::FileTime;

use super::inject::{Expected, Placed};
use super::{Fault, Reference, Verifier, Warm};
use crate::cache::archive::{self, ArchiveError};
use crate::runner::Tweaks;
use crate::sample::{StepError, Tried};
use crate::scenario::EditSpec;
use crate::system::exec::Invocation;
use crate::system::fs::tree::TreeError;
use crate::trial::{Attempt, GoldenSeed, succeeded};

/// Takes the right to pass over permissions away from the superuser, who else could write everything.
const AS_IF_NOT_ROOT: [&str; 4] =
    ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override", "--"];

impl Verifier<'_, '_, '_> {
    /// A source was changed after the save.
    pub(super) fn stale(
        &mut self,
        seed: &GoldenSeed,
        reference: &Reference,
        warm: &Warm,
        fault: Fault,
    ) -> Result<(), StepError> {
        let Some(edit) = self.lab.session.scenario.edit.clone() else {
            self.not_tested(fault, "the scenario declares no edit (hint: `edit` in [explain])");
            return Ok(());
        };
        let file = self.lab.home().workspace.join(&edit.file);
        self.lab.clean(&[])?;
        let old = match edited(&file, &edit)? {
            Ok(old) => old,
            Err(why) => {
                self.not_tested(fault, &why);
                return Ok(());
            }
        };
        let cold = self.home(&format!("{fault}-cold"), &Tweaks::default(), &BTreeMap::new())?;
        let fails = !succeeded(&cold);
        let shows = fails
            || outcomes(&cold.examples) != reference.examples
            || !reference.outputs.differ(self.lab.home(), &self.rules)?.is_empty();
        if !shows {
            self.not_tested(
                fault,
                "the edit changes no output and no outcome of a cold build, so nothing would show whether it was noticed",
            );
            return Ok(());
        }
        let outputs = self.take_outputs(fault.as_str())?;
        let caches = self.lab.caches.clone();
        self.lab.put_back(seed, &caches)?;
        if let Err(why) = edited(&file, &edit)? {
            self.not_tested(fault, &why);
            return Ok(());
        }
        let time = if fault == Fault::StaleMtime { old } else { FileTime::now() };
        let date = |file: &Path| {
            filetime::set_file_mtime(file, time).map_err(TreeError::io("set the time of", file))
        };
        date(&file)?;
        let mut report = FaultSeen::new(fault.as_str());
        report.file = Some(edit.file.to_string_lossy().into_owned());
        if fails {
            self.right_is_to_fail(&mut report, &cold, seed)?;
            self.put_source_back(&edit, &file, old)?;
            self.tell(report);
            return Ok(());
        }
        let placed = Placed {
            name: fault.as_str().to_owned(),
            tweaks: Tweaks::default(),
            counters: seed.counters(),
            mark: None,
            // An output of the edited source can only come from a build that saw it.
            met: Some("the change was noticed"),
        };
        let examples = outcomes(&cold.examples);
        let expected = Expected { outputs: &outputs, examples: &examples, hits: warm.hits };
        self.two_runs(&mut report, &expected, &placed, |_| {
            // Cleaning may have put the source back: the next run is of the edited one again.
            drop(edited(&file, &edit)?);
            Ok(date(&file)?)
        })?;
        self.put_source_back(&edit, &file, old)?;
        self.tell(report);
        Ok(())
    }

    /// A file whose length and time are the old ones looks to cleaning as if it were the old one.
    fn put_source_back(
        &self,
        edit: &EditSpec,
        file: &Path,
        old: FileTime,
    ) -> Result<(), StepError> {
        fs::copy(self.lab.setup.golden.path().join(&edit.file), file)
            .and_then(|_| filetime::set_file_mtime(file, old))
            .map_err(TreeError::io("put back", file))?;
        Ok(())
    }

    /// The edited source fails cold, as an edit that breaks a test does: a run that passes has not seen it.
    fn right_is_to_fail(
        &mut self,
        report: &mut FaultSeen,
        cold: &Tried,
        seed: &GoldenSeed,
    ) -> Result<(), StepError> {
        let name = report.fault.clone();
        let tried = self.home(&name, &Tweaks::default(), seed.counters())?;
        report.wall_s = Some(tried.wall_ns as f64 / 1e9);
        report.hits = tried.hits;
        let why = |of: &Tried| of.reason.clone().unwrap_or_else(|| of.outcome.to_string());
        (report.outcome, report.reason) = if succeeded(&tried) {
            let reason =
                format!("it passes; a cold build of the edited source fails: {}", why(cold));
            (FaultOutcome::WrongOutput, reason)
        } else if outcomes(&tried.examples) == outcomes(&cold.examples) {
            (
                FaultOutcome::Heals,
                "the change was noticed: it fails as a cold build does".to_owned(),
            )
        } else {
            (FaultOutcome::FailsLoudly, why(&tried))
        };
        Ok(())
    }

    /// The archive ends in the middle, and the build goes on with what came out of it.
    pub(super) fn archives(
        &mut self,
        seed: &GoldenSeed,
        expected: &Expected<'_>,
    ) -> Result<(), StepError> {
        for cache in self.lab.caches.clone() {
            let Some(saved) = seed.archive(&cache.name).cloned() else { continue };
            let mut report = FaultSeen::new("archive");
            report.cache = Some(cache.name.clone());
            report.damage = Some(format!("cut from {} to {} bytes", saved.bytes, saved.bytes / 2));
            let half = self.lab.dir("half")?.join(format!("{}.tar.zst", cache.name));
            cut(&saved.path, &half, saved.bytes / 2).map_err(TreeError::io("cut", &saved.path))?;
            let others: Vec<_> =
                self.lab.caches.iter().filter(|other| other.name != cache.name).cloned().collect();
            self.lab.put_back(seed, &others)?;
            match archive::restore(&half, &self.lab.home().cache_path(&cache)) {
                Ok(_) => "the restore does not notice".clone_into(&mut report.reason),
                Err(error) => {
                    report.outcome = FaultOutcome::FailsLoudly;
                    report.reason = format!("the restore refuses it: {}", why(&error));
                }
            }
            self.tell(report);
            let mut report = FaultSeen::new("half-restored");
            report.cache = Some(cache.name.clone());
            report.damage = Some("what a refused archive left".to_owned());
            let placed = Placed {
                name: format!("half-restored-{}", cache.name),
                tweaks: Tweaks::default(),
                counters: seed.counters(),
                mark: None,
                met: None,
            };
            self.two_runs(&mut report, expected, &placed, |_| Ok(()))?;
            self.tell(report);
        }
        Ok(())
    }

    /// The store is copied while the daemon that fills it is alive.
    pub(super) fn live_daemon(&mut self, expected: &Expected<'_>) -> Result<(), StepError> {
        let fault = Fault::LiveDaemon;
        let params = &self.lab.setup.params;
        if !self.lab.session.scenario.daemons.iter().any(|daemon| daemon.when.holds(params)) {
            self.not_tested(fault, "the scenario declares no daemon");
            return Ok(());
        }
        self.lab.clean(&[])?;
        let (tweaks, counters) = (Tweaks::default(), BTreeMap::new());
        let tried = self.lab.try_home(Attempt {
            name: "live-daemon-cold",
            tweaks: &tweaks,
            counters: &counters,
            leave_daemons: true,
        })?;
        let taken = self.lab.take_seed("live", &tried);
        let alive = self.lab.session.executor.sweep()?.killed.len();
        let mut report = FaultSeen::new(fault.as_str());
        if alive == 0 {
            report.outcome = FaultOutcome::NotExercised;
            "no process was alive when the store was saved".clone_into(&mut report.reason);
            self.tell(report);
            return Ok(());
        }
        let seed = match taken {
            Ok(seed) => seed,
            Err(StepError::Archive(error)) => {
                report.outcome = FaultOutcome::FailsLoudly;
                report.reason = format!("the store cannot be saved: {}", why(&error));
                self.tell(report);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let caches = self.lab.caches.clone();
        self.lab.put_back(&seed, &caches)?;
        let placed = Placed {
            name: fault.as_str().to_owned(),
            tweaks,
            counters: seed.counters(),
            mark: None,
            met: Some("what the store lacked was made again"),
        };
        self.two_runs(&mut report, expected, &placed, |_| Ok(()))?;
        self.tell(report);
        Ok(())
    }

    /// Nothing in the store can be written.
    pub(super) fn read_only(
        &mut self,
        seed: &GoldenSeed,
        expected: &Expected<'_>,
    ) -> Result<(), StepError> {
        let fault = Fault::ReadOnly;
        let dir = self.lab.dir("probe")?;
        let Some(launcher) = self.obeys_permissions(&dir)? else {
            self.not_tested(
                fault,
                "permissions do not bind this user (hint: not as root, or with setpriv installed)",
            );
            return Ok(());
        };
        let caches = self.lab.caches.clone();
        self.lab.put_back(seed, &caches)?;
        for cache in &caches {
            writable(&self.lab.home().cache_path(cache), false)?;
        }
        let mut report = FaultSeen::new(fault.as_str());
        let placed = Placed {
            name: fault.as_str().to_owned(),
            tweaks: Tweaks { launcher, ..Tweaks::default() },
            counters: seed.counters(),
            mark: None,
            met: Some("the build went on without writing"),
        };
        self.two_runs(&mut report, expected, &placed, |verifier| {
            for cache in &caches {
                writable(&verifier.lab.home().cache_path(cache), true)?;
            }
            Ok(())
        })?;
        self.tell(report);
        Ok(())
    }

    /// Words before a command under which a file without write permission cannot be written; tried.
    fn obeys_permissions(&mut self, dir: &Path) -> Result<Option<Vec<String>>, StepError> {
        let probe = dir.join("read-only");
        fs::write(&probe, "probe").map_err(TreeError::io("write", &probe))?;
        writable(&probe, false)?;
        let script = ["sh", "-c", "if ( : >>\"$1\" ) 2>/dev/null; then exit 3; fi", "sh"];
        for launcher in [&[][..], &AS_IF_NOT_ROOT[..]] {
            let words = launcher.iter().chain(&script).map(ToString::to_string);
            let captured = self.lab.session.executor.capture(&Invocation {
                argv: words.chain([probe.to_string_lossy().into_owned()]).collect(),
                cwd: dir.to_owned(),
                env: crate::runner::user_environment(),
                stdout: dir.join("probe.out"),
                stderr: dir.join("probe.err"),
                timeout: Some(Duration::from_secs(10)),
            });
            // A launcher that is not there or not allowed is no launcher.
            if captured.is_ok_and(|captured| captured.ended.success()) {
                return Ok(Some(launcher.iter().map(ToString::to_string).collect()));
            }
        }
        Ok(None)
    }
}

/// Applies the edit; the mtime from before, or why it does not apply.
fn edited(file: &Path, edit: &EditSpec) -> Result<Result<FileTime, String>, StepError> {
    let name = edit.file.display();
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => return Ok(Err(format!("`edit`: cannot read `{name}`: {error}"))),
    };
    if !text.contains(&edit.find) {
        return Ok(Err(format!("`edit`: `{name}` does not hold `{}`", edit.find)));
    }
    let meta = fs::metadata(file).map_err(TreeError::io("look at", file))?;
    fs::write(file, text.replacen(&edit.find, &edit.replace, 1))
        .map_err(TreeError::io("edit", file))?;
    Ok(Ok(FileTime::from_last_modification_time(&meta)))
}

fn cut(from: &Path, to: &Path, bytes: u64) -> io::Result<()> {
    fs::copy(from, to)?;
    fs::OpenOptions::new().write(true).open(to)?.set_len(bytes)
}

/// What is wrong with an archive, without the path of ours that nobody can use.
fn why(error: &ArchiveError) -> String {
    match error {
        ArchiveError::Damaged { why, .. } | ArchiveError::Refused { why, .. } => why.clone(),
        other => other.to_string(),
    }
}

/// Gives or takes the right to write to everything at `root`.
fn writable(root: &Path, may: bool) -> Result<(), StepError> {
    if !root.exists() {
        return Ok(());
    }
    for entry in walkdir::WalkDir::new(root) {
        let entry = entry.map_err(|error| {
            TreeError::io("list", root)(
                error.into_io_error().unwrap_or(io::ErrorKind::Other.into()),
            )
        })?;
        if entry.file_type().is_symlink() {
            continue;
        }
        let path = entry.path();
        let change = || -> io::Result<()> {
            let mut mode = fs::metadata(path)?.permissions();
            set_writable(&mut mode, may);
            fs::set_permissions(path, mode)
        };
        change().map_err(TreeError::io("set the mode of", path))?;
    }
    Ok(())
}

#[cfg(unix)]
fn set_writable(mode: &mut fs::Permissions, may: bool) {
    use std::os::unix::fs::PermissionsExt as _;
    mode.set_mode(if may { mode.mode() | 0o200 } else { mode.mode() & !0o222 });
}

#[cfg(not(unix))]
fn set_writable(mode: &mut fs::Permissions, may: bool) {
    mode.set_readonly(!may);
}
