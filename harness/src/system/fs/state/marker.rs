//! The marker of a state root, and which directories may become one.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use super::error::StateError;
use crate::system::fs::rooted::{Dir, Kind};

/// The file that marks a directory as a state root.
pub const MARKER: &str = ".bench-state";

/// Format of the layout inside the root.
const VERSION: u32 = 1;
const OPENING: &str = "bench-state ";

pub(super) fn open(given: &Path) -> Result<(PathBuf, Dir), StateError> {
    open_unless_home(given, std::env::home_dir().as_deref())
}

/// Opens a root that is neither `home` nor holds it.
fn open_unless_home(given: &Path, home: Option<&Path>) -> Result<(PathBuf, Dir), StateError> {
    let refused = |why: &str| StateError::Refused { path: given.to_owned(), why: why.to_owned() };
    let failed = |what| move |source| StateError::Io { what, path: given.to_owned(), source };
    if given.as_os_str().is_empty() {
        return Err(refused("the path is empty"));
    }
    if escapes(given) {
        return Err(refused(
            "it leaves the working directory by `..` (hint: give an absolute path)",
        ));
    }
    // Collecting drops trailing slashes and dots, with which a link would be followed.
    let path: PathBuf = given.components().collect();
    let at_home =
        || refused("it is the home directory or holds it (hint: give a directory of its own)");
    match fs::symlink_metadata(&path) {
        Ok(found) if found.is_symlink() => {
            return Err(refused("it is a symbolic link (hint: give the directory it points to)"));
        }
        Ok(found) if !found.is_dir() => return Err(refused("it is not a directory")),
        // A default root lies where everyone may write: what another user put there could hold anything.
        Ok(found) if !is_own(&found) => {
            return Err(refused("it belongs to another user (hint: give another directory)"));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // A home that is not there yet is not made to be refused afterwards.
            let absolute = std::path::absolute(&path).map_err(failed("resolve"))?;
            if home.is_some_and(|home| home.starts_with(&absolute)) {
                return Err(at_home());
            }
            create_private(&absolute).map_err(failed("create"))?;
        }
        Err(error) => return Err(failed("look at")(error)),
    }
    let path = path.canonicalize().map_err(failed("resolve"))?;
    if path.parent().is_none() {
        return Err(refused("it is the root of the file system"));
    }
    if let Some(home) = home {
        let home = home.canonicalize().unwrap_or_else(|_| home.to_owned());
        if home.starts_with(&path) {
            return Err(at_home());
        }
    }
    let dir = Dir::open(&path).map_err(failed("open"))?;
    claim(&dir, given)?;
    Ok((path, dir))
}

#[cfg(unix)]
fn is_own(found: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    found.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
fn is_own(_found: &fs::Metadata) -> bool {
    true
}

/// Makes a directory that only its owner may enter, and what is missing above it.
fn create_private(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    match builder.create(path) {
        // Another `bench` was faster; its marker is checked next.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// Whether a relative path leaves the directory it starts from, at any point.
fn escapes(path: &Path) -> bool {
    let mut depth = 0_u32;
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => return false,
            Component::CurDir => {}
            Component::Normal(_) => depth += 1,
            Component::ParentDir if depth == 0 => return true,
            Component::ParentDir => depth -= 1,
        }
    }
    false
}

/// Checks the marker, or writes it into an empty directory.
fn claim(dir: &Dir, given: &Path) -> Result<(), StateError> {
    let failed = |what| move |source| StateError::Io { what, path: given.join(MARKER), source };
    let refused = |why: String| StateError::Refused { path: given.to_owned(), why };
    match dir.stat(MARKER.as_ref()) {
        Ok(found) if found.kind == Kind::File => {
            let mut text = String::new();
            let file = dir.read(MARKER.as_ref()).map_err(failed("open"))?;
            file.take(4096).read_to_string(&mut text).map_err(failed("read"))?;
            let version = text
                .strip_prefix(OPENING)
                .and_then(|rest| rest.split([':', '\n']).next())
                .and_then(|number| number.trim().parse::<u32>().ok());
            return match version {
                Some(VERSION) => Ok(()),
                Some(other) => Err(refused(format!(
                    "its marker `{MARKER}` has format `{other}`, expected {VERSION} \
                     (hint: use the `bench` that made it, or another directory)"
                ))),
                None => {
                    Err(refused(format!("its `{MARKER}` is not the marker of a state directory")))
                }
            };
        }
        Ok(_) => return Err(refused(format!("its `{MARKER}` is not a regular file"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed("look at")(error)),
    }
    let entries = dir.entries().map_err(failed("list the directory of"))?;
    // A marker on its way, of another process or one that was killed, is not foreign content.
    let foreign = entries
        .iter()
        .map(|(name, _)| name)
        .find(|name| !name.to_str().is_some_and(|name| name.starts_with(&format!("{MARKER}."))));
    if let Some(name) = foreign {
        // Another process may have finished its claim since the look at the marker.
        if dir.stat(MARKER.as_ref()).is_ok_and(|found| found.kind == Kind::File) {
            return Ok(());
        }
        return Err(refused(format!(
            "it holds `{}` and no marker `{MARKER}`, so `bench` did not make it \
             (hint: give an empty or a new directory)",
            name.display()
        )));
    }
    // Renamed into place: nobody ever reads half a marker.
    let draft = format!("{MARKER}.{}.{}", std::process::id(), fastrand::u64(..));
    let mut file = dir.create(draft.as_ref(), 0o644).map_err(failed("create"))?;
    let text = format!(
        "{OPENING}{VERSION}: everything in this directory was made by `bench`, a cache benchmark, \
         which may delete it at any time. Keep nothing here.\n"
    );
    file.write_all(text.as_bytes()).map_err(failed("write"))?;
    dir.rename(draft.as_ref(), dir, MARKER.as_ref()).map_err(failed("create"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_directory_is_refused_and_not_made() {
        let temp = tempfile::tempdir().unwrap();
        let users = temp.path().join("users");
        let home = users.join("me");
        for there in [false, true] {
            if there {
                fs::create_dir_all(&home).unwrap();
            }
            for bad in [&home, &users] {
                let error = open_unless_home(bad, Some(&home)).unwrap_err().to_string();
                assert!(error.contains("home directory"), "{error}");
            }
            assert_eq!(users.exists(), there);
            assert!(!home.join(MARKER).exists() && !users.join(MARKER).exists());
        }
        assert!(open_unless_home(&home.join("state"), Some(&home)).is_ok());
    }

    #[test]
    #[cfg(unix)]
    fn the_home_directory_is_known_under_another_name() {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir_all(temp.path().join("real/me")).unwrap();
        std::os::unix::fs::symlink("real", temp.path().join("home")).unwrap();
        let home = temp.path().join("home/me");
        let error = open_unless_home(&temp.path().join("real/me"), Some(&home)).unwrap_err();
        assert!(error.to_string().contains("home directory"), "{error}");
    }
}
