//! The disk that a store is on gets full while the store is filled.

use std::fs;

use bench_reports::verify::{FaultOutcome, FaultSeen};

use super::inject::{Expected, Placed};
use super::{Fault, Verifier};
use crate::runner::Tweaks;
use crate::sample::StepError;
use crate::scenario::CacheSpec;
use crate::system::fs::tree::{self, CopyOptions, Mtimes, TreeError};
use crate::trial::GoldenSeed;

/// Files take whole pages of a file system in memory.
const PAGE: u64 = 4096;
/// Most memory for a small disk, in bytes.
const MOST: u64 = 1 << 30;
/// A disk with more than this share of free room was not full.
const FULL: f64 = 0.1;

impl Verifier<'_, '_, '_> {
    /// Each store in turn begins empty on a disk with room for half of what it needs; the next run has what was written,
    /// on a disk with room.
    pub(super) fn full_disk(
        &mut self,
        seed: &GoldenSeed,
        expected: &Expected<'_>,
    ) -> Result<(), StepError> {
        let fault = Fault::FullDisk;
        let mounts = match &self.options.mounts {
            Ok(mounts) => *mounts,
            Err(why) => {
                let why = format!(
                    "a small file system cannot be mounted: {why} (hint: as root, on Linux)"
                );
                self.not_tested(fault, &why);
                return Ok(());
            }
        };
        for cache in self.lab.caches.clone() {
            let none = globset::GlobSet::empty();
            let (_, bytes) = tree::measure(&seed.tree(&cache), &none)?;
            let mut report = FaultSeen::new(fault.as_str());
            report.cache = Some(cache.name.clone());
            let room = (bytes / 2).div_ceil(PAGE) * PAGE;
            if bytes == 0 || room > MOST {
                report.reason = if bytes == 0 {
                    "the store is empty".to_owned()
                } else {
                    format!(
                        "half of the store is more than the {MOST} bytes of memory that a small disk may take"
                    )
                };
                self.tell(report);
                continue;
            }
            report.damage = Some(format!("a disk of {room} bytes"));
            let others: Vec<CacheSpec> =
                self.lab.caches.iter().filter(|one| one.name != cache.name).cloned().collect();
            self.lab.put_back(seed, &others)?;
            let at = self.lab.home().cache_path(&cache);
            fs::create_dir_all(&at).map_err(TreeError::io("create", &at))?;
            let disk = match mounts.small_disk(&at, room) {
                Ok(disk) => disk,
                Err(error) => {
                    report.reason = format!("a small file system cannot be mounted: {error}");
                    self.tell(report);
                    continue;
                }
            };
            let name = format!("{fault}-{}", cache.name);
            let placed = Placed {
                name,
                tweaks: Tweaks::default(),
                counters: seed.counters(),
                mark: None,
                met: Some("what the disk had no room for was made again"),
            };
            let first = self.first_run(expected, &placed)?;
            let free = disk.free().map_err(TreeError::io("look at the room of", &at))?;
            self.lab.session.executor.sweep()?;
            let written = self.lab.dir(&placed.name)?.join("written");
            let keep = CopyOptions { mtimes: Mtimes::Keep, exclude: &none };
            tree::copy(&at, &written, &keep)?;
            drop(disk);
            tree::copy(&written, &at, &keep)?;
            self.next_runs(&mut report, expected, &placed, first, |_| Ok(()))?;
            let passed = report.outcome != FaultOutcome::FailsLoudly
                && report.outcome != FaultOutcome::WrongOutput;
            if passed && free > FULL {
                report.outcome = FaultOutcome::NotExercised;
                report.reason = format!("{:.0} % of the disk stayed free", free * 100.0);
            }
            self.tell(report);
        }
        Ok(())
    }
}
