//! What bench itself wrote beneath a source: runs, seeds and `.bench`. None of it is part of what is measured, or the
//! parts of one plan would differ by what the parts before them left.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use globset::GlobSet;

use crate::system::fs::tree::{Kind, TreeError, walk};

/// A directory of bench's at the top of a source, whatever is in it: seeds on their way, the binary that a job fetched.
const DIRECTORY: &str = ".bench";

/// Files that make a directory one of bench's, when their content is bench's too: of a run, an explanation, an
/// ablation and a seed.
const MARKS: [&str; 4] = ["records.ndjson", "explain.ndjson", "trials.ndjson", SEED];
const SEED: &str = "seed.json";

/// First lines hold hosts and options: some kilobytes. What is longer than this is not bench's.
const LONGEST: u64 = 4 * 1024 * 1024;

/// The directories beneath `source` that bench wrote, relative to it and in the order of their paths; `skip` is not
/// looked into. The source itself is never one of them.
///
/// # Errors
/// When a directory cannot be read.
pub(super) fn directories(source: &Path, skip: &GlobSet) -> Result<Vec<PathBuf>, TreeError> {
    let mut found: Vec<PathBuf> = Vec::new();
    let Some(dir) = walk::root(source)? else { return Ok(found) };
    walk::walk(&dir, source, skip, |entry| {
        let own = match entry.stat.kind {
            Kind::Dir => (entry.rel == Path::new(DIRECTORY)).then_some(entry.rel),
            Kind::File if is_mark(source, entry.rel) => entry.rel.parent(),
            _ => None,
        };
        let own = own.filter(|own| !own.as_os_str().is_empty());
        if let Some(own) = own.filter(|own| !found.iter().any(|above| above == own)) {
            found.push(own.to_owned());
        }
        Ok::<(), TreeError>(())
    })?;
    found.sort();
    Ok(found)
}

/// Whether a file has one of the names and begins as bench begins it.
fn is_mark(source: &Path, rel: &Path) -> bool {
    let Some(name) = rel.file_name().and_then(|name| name.to_str()) else { return false };
    if !MARKS.contains(&name) {
        return false;
    }
    let mut text = Vec::new();
    // What cannot be read is for the copy to complain about.
    let read =
        File::open(source.join(rel)).and_then(|file| file.take(LONGEST).read_to_end(&mut text));
    if read.is_err() {
        return false;
    }
    if name == SEED {
        return serde_json::from_slice::<serde_json::Value>(&text).is_ok_and(|seed| {
            seed["schema"].as_str().is_some_and(|schema| schema.starts_with("bench.seed/"))
        });
    }
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice::<serde_json::Value>(first).is_ok_and(|line| {
        line["v"].is_u64() && matches!(line["kind"].as_str(), Some("run" | "ablation"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_that_are_written() {
        let written = [
            crate::run::RECORDS,
            crate::explain::TRIALS,
            crate::ablate::TRIALS,
            crate::cache::handoff::MANIFEST,
        ];
        assert_eq!(MARKS, written);
        assert_eq!(
            Path::new(crate::cache::handoff::DEFAULT_DIR).parent(),
            Some(Path::new(DIRECTORY))
        );
    }
}
