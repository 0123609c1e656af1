//! The order in which everything is tried.

use bench_reports::verify::Verification;

use super::fault::Fault;
use super::fault_runs::Expected;
use super::verifier::{Reference, Verifier, VerifyOptions, Warm};
use super::{files, full_disk, stale, stores, undamaged};
use crate::trial::{GoldenSnapshot, Testbed, TrialError, TrialEvent};

/// Runs before the faults: two cold ones and two warm ones.
const UNDAMAGED: usize = 4;

/// Tries everything, writing down in `found` as it goes: after an error, what was found until then is there.
///
/// # Errors
/// An interruption, or what kept a trial from being made.
pub fn verify(
    testbed: &mut Testbed<'_, '_>,
    options: &VerifyOptions,
    found: &mut Verification,
    listener: &mut dyn FnMut(TrialEvent<'_>),
) -> Result<(), TrialError> {
    let mut verifier = Verifier::new(testbed, options, found, listener);
    verifier.progress.expect(UNDAMAGED);
    let Some((snapshot, reference)) = undamaged::references(&mut verifier)? else { return Ok(()) };
    if snapshot.is_empty() {
        verifier.found.caches_are_empty();
    } else {
        undamaged::moved_runner(&mut verifier, &snapshot, &reference)?;
        let warm = undamaged::same_runner(&mut verifier, &snapshot, &reference)?;
        inject_all(&mut verifier, &snapshot, &reference, &warm)?;
    }
    verifier.found.complete = true;
    Ok(())
}

/// Injects every fault that was asked for.
fn inject_all(
    verifier: &mut Verifier<'_, '_, '_>,
    snapshot: &GoldenSnapshot,
    reference: &Reference,
    warm: &Warm,
) -> Result<(), TrialError> {
    if !verifier.found.faults_would_show() {
        return Ok(());
    }
    let expected =
        Expected { outputs: &reference.outputs, examples: &reference.examples, hits: warm.hits };
    let targets = files::targets(verifier, snapshot, warm)?;
    let faults = verifier.options.faults.iter().copied();
    let of_stores: Vec<Fault> = faults.filter(|fault| fault.damage().is_none()).collect();
    verifier.progress.expect(targets.len() + of_stores.len());
    for (number, target) in targets.iter().enumerate() {
        files::damage(verifier, snapshot, &expected, target, number + 1)?;
    }
    for fault in of_stores {
        verifier.progress.started(fault.as_str());
        match fault {
            Fault::StaleEntry | Fault::StaleMtime => {
                stale::stale(verifier, snapshot, reference, warm, fault)?;
            }
            Fault::Archive => stores::archives(verifier, snapshot, &expected)?,
            Fault::LiveDaemon => stores::live_daemon(verifier, &expected)?,
            Fault::ReadOnly => stores::read_only(verifier, snapshot, &expected)?,
            Fault::FullDisk => full_disk::full_disk(verifier, snapshot, &expected)?,
            // The others are faults of single files.
            Fault::Flip | Fault::Truncate | Fault::Empty | Fault::Delete => {}
        }
    }
    Ok(())
}
