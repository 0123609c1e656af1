//! The files of a store: found, checked against the digests in their names, and written whole or not at all.

use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Damaged, HistoryError};
use crate::names::{self, FileContent};

/// A file whose bytes match the digest in its name.
#[derive(Debug)]
pub(crate) struct StoreFile {
    /// Its path, relative to the store.
    pub(crate) rel: PathBuf,
    pub(crate) content: FileContent,
    pub(crate) bytes: Vec<u8>,
}

/// The files of a store.
#[derive(Debug, Default)]
pub(crate) struct StoreListing {
    pub(crate) files: Vec<StoreFile>,
    pub(crate) damaged: Vec<Damaged>,
}

/// How often a store is listed again because a file was removed meanwhile.
const ROUNDS: u32 = 8;

/// Reads every file of a store, or those of one scenario's directory. A file that a compaction removes between
/// the listing and the reading is not damage: then the store is listed again.
pub(crate) fn read(store: &Path, directory: Option<&str>) -> Result<StoreListing, HistoryError> {
    for _ in 1..ROUNDS {
        if let Some(listing) = read_once(store, directory, Vanished::ListAgain)? {
            return Ok(listing);
        }
    }
    Ok(read_once(store, directory, Vanished::Damage)?.unwrap_or_default())
}

/// What it means that a listed file is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Vanished {
    ListAgain,
    Damage,
}

fn read_once(
    store: &Path,
    directory: Option<&str>,
    vanished: Vanished,
) -> Result<Option<StoreListing>, HistoryError> {
    let mut listing = StoreListing::default();
    for scenario in scenarios(store, directory)? {
        let at = store.join(&scenario);
        for name in entries(&at)? {
            if !names::is_ours(&name) {
                continue;
            }
            let rel = Path::new(&scenario).join(&name);
            match checked(store, &rel, &name) {
                Ok(file) => listing.files.push(file),
                Err(Unreadable::Gone) if vanished == Vanished::ListAgain => return Ok(None),
                Err(Unreadable::Gone) => listing.damaged.push(Damaged {
                    path: at.join(&name),
                    why: "it was removed while it was read".to_owned(),
                }),
                Err(Unreadable::Damaged(why)) => {
                    listing.damaged.push(Damaged { path: at.join(&name), why });
                }
            }
        }
    }
    listing.files.sort_by(|one, other| one.rel.cmp(&other.rel));
    listing.damaged.sort();
    Ok(Some(listing))
}

fn scenarios(store: &Path, only: Option<&str>) -> Result<Vec<String>, HistoryError> {
    if !store.is_dir() {
        return Err(HistoryError::None { path: store.to_owned() });
    }
    let all = entries(store)?.into_iter();
    // A link could lead anywhere; a store has none.
    let is_dir =
        |name: &String| fs::symlink_metadata(store.join(name)).is_ok_and(|found| found.is_dir());
    Ok(all
        .filter(|name| names::is_directory(name) && only.is_none_or(|only| only == name))
        .filter(is_dir)
        .collect())
}

/// Names in a directory, in order, without those that are not UTF-8, which no file of a store has.
fn entries(path: &Path) -> Result<Vec<String>, HistoryError> {
    let failed = |source| HistoryError::Io { what: "list", path: path.to_owned(), source };
    let mut names = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        names.extend(entry.map_err(failed)?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// Why a file could not be read.
enum Unreadable {
    Gone,
    Damaged(String),
}

fn checked(store: &Path, rel: &Path, name: &str) -> Result<StoreFile, Unreadable> {
    let damaged = |why: &str| Unreadable::Damaged(why.to_owned());
    let path = store.join(rel);
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => Unreadable::Gone,
        _ => Unreadable::Damaged(format!("it cannot be read: {error}")),
    };
    if !fs::symlink_metadata(&path).map_err(failed)?.is_file() {
        return Err(damaged("it is not a regular file"));
    }
    let Some((content, digest)) = names::parse(name) else {
        return Err(damaged("its name has no digest, so `bench history` did not write it"));
    };
    let bytes = fs::read(&path).map_err(failed)?;
    if names::digest(&bytes) != digest {
        return Err(damaged(
            "its content does not match the digest in its name: it is torn or was changed (hint: take it from a copy of \
             the store, or remove it and add its run again)",
        ));
    }
    Ok(StoreFile { rel: rel.to_owned(), content, bytes })
}

/// Writes a file whole or not at all. If there is one of this name with this content, it stays. The returned path is
/// relative to the store.
pub(crate) fn write(
    store: &Path,
    scenario: &str,
    name: impl Fn(&[u8]) -> String,
    bytes: &[u8],
) -> Result<PathBuf, HistoryError> {
    let rel = Path::new(&names::directory(scenario)).join(name(bytes));
    let path = store.join(&rel);
    let directory = store.join(names::directory(scenario));
    let failed = |what, at: &Path| {
        let path = at.to_owned();
        move |source| HistoryError::Io { what, path, source }
    };
    fs::create_dir_all(store).map_err(failed("create", store))?;
    match fs::create_dir(&directory) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(failed("create", &directory)(error));
        }
        _ => {}
    }
    if !fs::symlink_metadata(&directory).is_ok_and(|found| found.is_dir()) {
        let source = io::Error::other("it is not a directory (hint: a store holds no links)");
        return Err(failed("write to", &directory)(source));
    }
    let written = || -> io::Result<()> {
        let mut draft = tempfile::Builder::new().prefix(".adding-").tempfile_in(&directory)?;
        draft.write_all(bytes)?;
        #[cfg(unix)]
        {
            // tempfile makes private files; a history is as readable as other data.
            use std::os::unix::fs::PermissionsExt as _;
            draft.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        }
        draft.as_file().sync_all()?;
        match draft.persist_noclobber(&path) {
            Ok(_) => {}
            Err(error) if error.error.kind() != ErrorKind::AlreadyExists => return Err(error.error),
            Err(_) if fs::read(&path)? == bytes => {}
            Err(_) => {
                return Err(io::Error::other("a damaged file is in its place (hint: remove it)"));
            }
        }
        // The name has to survive a crash, too.
        #[cfg(unix)]
        for directory in [directory.as_path(), store] {
            fs::File::open(directory)?.sync_all()?;
        }
        Ok(())
    };
    written().map_err(failed("write", &path))?;
    Ok(rel)
}
