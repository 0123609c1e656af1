//! The one file of an artifact, in memory.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use bench_record::files::RECORDS;
use bench_reports::document::text::quoted;
use bench_reports::document::units::counted;

use super::refusal::{Limits, Refused};

/// What a Unix mode says about the type of a file, and the type that is taken.
const TYPE: u32 = 0o170_000;
const REGULAR: u32 = 0o100_000;

/// The content of the artifact's `records.ndjson`.
///
/// # Errors
/// When the artifact is larger than allowed, or contains anything but this file.
pub fn records(artifact: &Path, limits: &Limits) -> Result<Vec<u8>, Refused> {
    let io = |source| Refused::Io { path: artifact.to_owned(), source };
    let meta = std::fs::symlink_metadata(artifact).map_err(io)?;
    if meta.is_dir() {
        from_directory(artifact, limits)
    } else if meta.is_file() {
        if meta.len() > limits.bytes {
            return Err(Refused::TooLarge { what: "the archive", limit: limits.bytes });
        }
        from_archive(artifact, limits)
    } else {
        Err(Refused::Shape { found: "neither a file nor a directory".to_owned() })
    }
}

fn from_archive(artifact: &Path, limits: &Limits) -> Result<Vec<u8>, Refused> {
    let io = |source| Refused::Io { path: artifact.to_owned(), source };
    let broken = |source| Refused::Archive { path: artifact.to_owned(), source };
    let file = File::open(artifact).map_err(io)?;
    let mut archive = zip::ZipArchive::new(std::io::BufReader::new(file)).map_err(broken)?;
    // Readers differ in which of them they take: what one of them checks is not what another one reads.
    if archive.has_duplicate_names() {
        return Err(Refused::Shape { found: "several files of one name".to_owned() });
    }
    if archive.len() != 1 {
        // The first foreign name says more than a number.
        let names: Vec<_> = archive.file_names().collect::<Result<_, _>>().map_err(broken)?;
        let foreign = names.iter().find(|name| *name != RECORDS).map(|name| quoted(name));
        let count = counted(names.len(), "file");
        let found =
            foreign.map_or_else(|| count.clone(), |name| format!("{count}, {name} among them"));
        return Err(Refused::Shape { found });
    }
    let entry = archive.by_index(0).map_err(broken)?;
    let name = entry.name().map_err(broken)?;
    // An archive that does not say a type means a file.
    let typed = |mode| matches!(mode & TYPE, 0 | REGULAR);
    let regular = entry.is_file() && entry.unix_mode().is_none_or(typed);
    if name != RECORDS || !regular {
        let what = if regular { "" } else { "what is not a regular file, " };
        return Err(Refused::Shape { found: format!("{what}{}", quoted(&name)) });
    }
    // What the archive says about its size is a claim like any other: it is read no further than allowed.
    // What cannot be unpacked is the archive's fault, not the disk's.
    let damaged = |source| broken(zip::result::ZipError::Io(source));
    bounded(entry, limits).map_err(|error| error.unwrap_or_else(damaged))
}

fn from_directory(artifact: &Path, limits: &Limits) -> Result<Vec<u8>, Refused> {
    let io = |source| Refused::Io { path: artifact.to_owned(), source };
    let mut found = false;
    for entry in std::fs::read_dir(artifact).map_err(io)? {
        let entry = entry.map_err(io)?;
        let name = entry.file_name();
        // The type of the entry itself: a link is never followed.
        if name != RECORDS || !entry.file_type().map_err(io)?.is_file() {
            let what = if name == RECORDS { "what is not a regular file, " } else { "" };
            let found = format!("{what}{}", quoted(&name.to_string_lossy()));
            return Err(Refused::Shape { found });
        }
        found = true;
    }
    if !found {
        return Err(Refused::Shape { found: "nothing".to_owned() });
    }
    let file = File::open(artifact.join(RECORDS)).map_err(io)?;
    bounded(file, limits).map_err(|error| error.unwrap_or_else(io))
}

/// Why a file was not read: too large, or the system's reason.
enum Unread {
    TooLarge(u64),
    Io(std::io::Error),
}

impl Unread {
    fn unwrap_or_else(self, io: impl FnOnce(std::io::Error) -> Refused) -> Refused {
        match self {
            Self::TooLarge(limit) => Refused::TooLarge { what: "the records", limit },
            Self::Io(error) => io(error),
        }
    }
}

fn bounded(file: impl Read, limits: &Limits) -> Result<Vec<u8>, Unread> {
    let mut content = Vec::new();
    file.take(limits.bytes.saturating_add(1)).read_to_end(&mut content).map_err(Unread::Io)?;
    if content.len() as u64 > limits.bytes {
        return Err(Unread::TooLarge(limits.bytes));
    }
    Ok(content)
}
