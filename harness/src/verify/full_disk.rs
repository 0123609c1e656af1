//! The disk that a store is on gets full while the store is filled.

use std::fs;

use bench_reports::verify::FaultSeen;

use super::fault::Fault;
use super::fault_runs::{Expected, Injected, first_run, next_runs};
use super::verifier::Verifier;
use crate::scenario::CacheSpec;
use crate::system::exec::OwnMounts;
use crate::system::fs::tree::{self, CopyOptions, Mtimes, TreeError};
use crate::trial::{Attempt, GoldenSnapshot, TrialError};

/// Files take whole pages of a file system in memory.
const PAGE: u64 = 4096;
/// Most memory for a small disk, in bytes.
const MOST: u64 = 1 << 30;

/// Each store in turn starts empty on a disk with room for half of what it needs; the next run has what was
/// written, on a disk with room.
pub(super) fn full_disk(
    verifier: &mut Verifier<'_, '_, '_>,
    snapshot: &GoldenSnapshot,
    expected: &Expected<'_>,
) -> Result<(), TrialError> {
    let mounts = match &verifier.options.mounts {
        Ok(mounts) => *mounts,
        Err(why) => {
            let why =
                format!("a small file system cannot be mounted: {why} (hint: as root, on Linux)");
            verifier.not_tested(Fault::FullDisk, &why);
            return Ok(());
        }
    };
    for cache in verifier.testbed.caches.clone() {
        let mut report = FaultSeen::new(Fault::FullDisk.as_str());
        report.cache = Some(cache.name.clone());
        let (_, bytes) = tree::measure(&snapshot.tree(&cache), &globset::GlobSet::empty())?;
        let room = (bytes / 2).div_ceil(PAGE) * PAGE;
        if bytes == 0 {
            "the store holds no bytes that a full disk could refuse".clone_into(&mut report.reason);
        } else if room > MOST {
            report.reason = format!(
                "half of the store is more than the {MOST} bytes of memory that a small disk may take"
            );
        } else {
            fill(verifier, snapshot, expected, (mounts, &cache, room), &mut report)?;
        }
        verifier.report_fault(report);
    }
    Ok(())
}

fn fill(
    verifier: &mut Verifier<'_, '_, '_>,
    snapshot: &GoldenSnapshot,
    expected: &Expected<'_>,
    (mounts, cache, room): (OwnMounts, &CacheSpec, u64),
    report: &mut FaultSeen,
) -> Result<(), TrialError> {
    report.damage = Some(format!("a disk of {room} bytes"));
    let caches = verifier.testbed.caches.iter();
    let others: Vec<CacheSpec> = caches.filter(|one| one.name != cache.name).cloned().collect();
    verifier.testbed.start_from(snapshot, &others)?;
    let store = verifier.testbed.first().cache_path(cache);
    fs::create_dir_all(&store).map_err(TreeError::io("create", &store))?;
    let disk = match mounts.small_disk(&store, room) {
        Ok(disk) => disk,
        Err(error) => {
            report.reason = format!("a small file system cannot be mounted: {error}");
            return Ok(());
        }
    };
    let name = format!("{}-{}", Fault::FullDisk, cache.name);
    let injected = Injected {
        attempt: Attempt::warm(name.as_str(), snapshot),
        mark: None,
        met: Some("what the disk had no room for was made again"),
    };
    let mut first = first_run(verifier, expected, &injected)?;
    first.free = Some(disk.free().map_err(TreeError::io("measure the free room of", &store))?);
    verifier.testbed.session.executor.sweep()?;
    let copy = verifier.testbed.dir(&name)?.join("store");
    let keep = CopyOptions { mtimes: Mtimes::Keep, exclude: &globset::GlobSet::empty() };
    tree::copy(&store, &copy, &keep)?;
    drop(disk);
    tree::copy(&copy, &store, &keep)?;
    next_runs(verifier, report, expected, &injected, first, |_| Ok(()))
}
