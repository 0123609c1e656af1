//! Directories inside a source that `bench` itself wrote: runs, snapshots and `.bench`. They are not part of what is
//! measured: the parts of one plan would otherwise differ by what the parts before them left behind.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bench_record::files::{JOURNALS, SNAPSHOT_MANIFEST};
use bench_record::journal::begins_journal;
use globset::GlobSet;

use crate::system::fs::tree::{Kind, TreeError, walk};

/// The directory at the top of a source that belongs to `bench` whatever it holds: snapshots for another job, the
/// binary that a job fetched.
const DIRECTORY: &str = ".bench";

/// First lines hold hosts and options: some kilobytes. A longer first line was not written by `bench`.
const LONGEST: u64 = 4 * 1024 * 1024;

/// The directories in `source` that `bench` wrote, relative to it and sorted by path; `skip` is not searched. The
/// source itself is never one of them.
///
/// # Errors
/// When a directory cannot be read.
pub(super) fn directories(source: &Path, skip: &GlobSet) -> Result<Vec<PathBuf>, TreeError> {
    let mut found: Vec<PathBuf> = Vec::new();
    let Some(dir) = walk::root(source)? else { return Ok(found) };
    walk::walk(&dir, source, skip, |entry| {
        let output = match entry.stat.kind {
            Kind::Dir => (entry.rel == Path::new(DIRECTORY)).then_some(entry.rel),
            Kind::File if is_written_by_bench(source, entry.rel) => entry.rel.parent(),
            _ => None,
        };
        let output = output.filter(|output| !output.as_os_str().is_empty());
        if let Some(output) = output.filter(|output| !found.iter().any(|known| known == output)) {
            found.push(output.to_owned());
        }
        Ok::<(), TreeError>(())
    })?;
    found.sort();
    Ok(found)
}

/// Whether a file has one of the names and begins as `bench` begins it.
fn is_written_by_bench(source: &Path, rel: &Path) -> bool {
    let Some(name) = rel.file_name().and_then(|name| name.to_str()) else { return false };
    // These mark a directory as output of `bench` if their content is that of `bench`, too.
    if name != SNAPSHOT_MANIFEST && !JOURNALS.contains(&name) {
        return false;
    }
    let mut text = Vec::new();
    // A file that cannot be read is reported by the copy.
    let read =
        File::open(source.join(rel)).and_then(|file| file.take(LONGEST).read_to_end(&mut text));
    if read.is_err() {
        return false;
    }
    if name == SNAPSHOT_MANIFEST {
        return serde_json::from_slice::<serde_json::Value>(&text).is_ok_and(|manifest| {
            let schema = manifest["schema"].as_str();
            schema.is_some_and(|schema| schema.starts_with("bench.snapshot/"))
        });
    }
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    begins_journal(first)
}
