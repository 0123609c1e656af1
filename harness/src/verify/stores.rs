//! Faults of a whole store: it is cut short, saved too early, or cannot be written.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use bench_reports::verify::{FaultSeen, judge_live_save, judge_restore};

use super::fault::Fault;
use super::fault_runs::{Expected, Injected, two_runs};
use super::verifier::Verifier;
use crate::cache::archive::{self, ArchiveError};
use crate::runner::Tweaks;
use crate::sample::StepError;
use crate::system::exec::Invocation;
use crate::system::fs::tree::TreeError;
use crate::trial::{Attempt, GoldenSnapshot, TrialError};

/// Takes away from the superuser the right to ignore permissions.
const AS_IF_NOT_ROOT: [&str; 4] =
    ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override", "--"];

/// The archive ends in the middle, and the build goes on with what came out of it.
pub(super) fn archives(
    verifier: &mut Verifier<'_, '_, '_>,
    snapshot: &GoldenSnapshot,
    expected: &Expected<'_>,
) -> Result<(), TrialError> {
    for cache in verifier.testbed.caches.clone() {
        let Some(saved) = snapshot.archive(&cache.name) else { continue };
        let mut report = FaultSeen::new(Fault::Archive.as_str());
        report.cache = Some(cache.name.clone());
        report.damage = Some(format!("cut from {} to {} bytes", saved.bytes, saved.bytes / 2));
        let half = verifier.testbed.dir("half")?.join(format!("{}.tar.zst", cache.name));
        cut(&saved.path, &half, saved.bytes / 2).map_err(TreeError::io("cut", &saved.path))?;
        let caches = verifier.testbed.caches.iter();
        let others: Vec<_> = caches.filter(|other| other.name != cache.name).cloned().collect();
        verifier.testbed.start_from(snapshot, &others)?;
        let restored = archive::restore(&half, &verifier.testbed.first().cache_path(&cache));
        let refused = restored.err().map(|error| why(&error));
        (report.outcome, report.reason) = judge_restore(refused.as_deref());
        verifier.report_fault(report);
        let mut report = FaultSeen::new("half-restored");
        report.cache = Some(cache.name.clone());
        report.damage = Some("what a refused archive left".to_owned());
        let injected = Injected {
            attempt: Attempt::warm(format!("half-restored-{}", cache.name), snapshot),
            mark: None,
            met: None,
        };
        two_runs(verifier, &mut report, expected, &injected, |_| Ok(()))?;
        verifier.report_fault(report);
    }
    Ok(())
}

/// The store is copied while the daemon that fills it is alive.
pub(super) fn live_daemon(
    verifier: &mut Verifier<'_, '_, '_>,
    expected: &Expected<'_>,
) -> Result<(), TrialError> {
    let fault = Fault::LiveDaemon;
    let params = &verifier.testbed.setup.params;
    if !verifier.testbed.session.scenario.daemons.iter().any(|daemon| daemon.when.holds(params)) {
        verifier.not_tested(fault, "the scenario declares no daemon");
        return Ok(());
    }
    verifier.testbed.clean(&[])?;
    let copy = verifier.testbed.try_and_copy_live(Attempt::cold("live-daemon-cold"))?;
    let mut report = FaultSeen::new(fault.as_str());
    let refused = match &copy.snapshot {
        Err(TrialError::Step(StepError::Archive(error))) => Some(why(error)),
        _ => None,
    };
    if let Some(judgement) = judge_live_save(copy.alive, refused.as_deref()) {
        (report.outcome, report.reason) = judgement;
        verifier.report_fault(report);
        return Ok(());
    }
    let snapshot = copy.snapshot?;
    let caches = verifier.testbed.caches.clone();
    verifier.testbed.start_from(&snapshot, &caches)?;
    let injected = Injected {
        attempt: Attempt::warm(fault.as_str(), &snapshot),
        mark: None,
        met: Some("what the store lacked was made again"),
    };
    two_runs(verifier, &mut report, expected, &injected, |_| Ok(()))?;
    verifier.report_fault(report);
    Ok(())
}

/// Nothing in the store can be written.
pub(super) fn read_only(
    verifier: &mut Verifier<'_, '_, '_>,
    snapshot: &GoldenSnapshot,
    expected: &Expected<'_>,
) -> Result<(), TrialError> {
    let fault = Fault::ReadOnly;
    let dir = verifier.testbed.dir("probe")?;
    let Some(launcher) = obeys_permissions(verifier, &dir)? else {
        verifier.not_tested(
            fault,
            "permissions do not restrict this user (hint: run as another user than root, or install setpriv)",
        );
        return Ok(());
    };
    let caches = verifier.testbed.caches.clone();
    verifier.testbed.start_from(snapshot, &caches)?;
    for cache in &caches {
        set_tree_writable(&verifier.testbed.first().cache_path(cache), false)?;
    }
    let mut report = FaultSeen::new(fault.as_str());
    let tweaks = Tweaks { launcher, ..Tweaks::default() };
    let injected = Injected {
        attempt: Attempt { tweaks, ..Attempt::warm(fault.as_str(), snapshot) },
        mark: None,
        met: Some("the build went on without writing"),
    };
    two_runs(verifier, &mut report, expected, &injected, |verifier| {
        for cache in &caches {
            set_tree_writable(&verifier.testbed.first().cache_path(cache), true)?;
        }
        Ok(())
    })?;
    verifier.report_fault(report);
    Ok(())
}

/// Words before a command under which a file without write permission cannot be written. They are tried.
fn obeys_permissions(
    verifier: &mut Verifier<'_, '_, '_>,
    dir: &Path,
) -> Result<Option<Vec<String>>, TreeError> {
    let probe = dir.join("read-only");
    fs::write(&probe, "probe").map_err(TreeError::io("write", &probe))?;
    set_tree_writable(&probe, false)?;
    let script = ["sh", "-c", "if ( : >>\"$1\" ) 2>/dev/null; then exit 3; fi", "sh"];
    for launcher in [&[][..], &AS_IF_NOT_ROOT[..]] {
        let words = launcher.iter().chain(&script).map(ToString::to_string);
        let captured = verifier.testbed.session.executor.capture(&Invocation {
            argv: words.chain([probe.to_string_lossy().into_owned()]).collect(),
            cwd: dir.to_owned(),
            env: crate::runner::user_environment(),
            stdout: dir.join("probe.out"),
            stderr: dir.join("probe.err"),
            timeout: Some(Duration::from_secs(10)),
        });
        // A launcher that is missing or not permitted does not help.
        if captured.is_ok_and(|captured| captured.ended.success()) {
            return Ok(Some(launcher.iter().map(ToString::to_string).collect()));
        }
    }
    Ok(None)
}

fn cut(from: &Path, to: &Path, bytes: u64) -> io::Result<()> {
    fs::copy(from, to)?;
    fs::OpenOptions::new().write(true).open(to)?.set_len(bytes)
}

/// What is wrong with an archive, without a path that only this run has.
fn why(error: &ArchiveError) -> String {
    match error {
        ArchiveError::Damaged { why, .. } | ArchiveError::Refused { why, .. } => why.clone(),
        other => other.to_string(),
    }
}

/// Gives or takes the right to write to everything at `root`.
fn set_tree_writable(root: &Path, may: bool) -> Result<(), TreeError> {
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
