//! The scenarios inside the binary, so that `bench` is useful wherever it is started.

use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, DirEntry, include_dir};

use super::load::FILE_NAME;

static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../scenarios");

/// The names of the shipped scenarios, sorted. Folders that only others use are not among them.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = SHIPPED
        .dirs()
        .filter(|dir| dir.get_file(dir.path().join(FILE_NAME)).is_some())
        .filter_map(|dir| dir.path().file_name()?.to_str())
        .collect();
    names.sort_unstable();
    names
}

/// Writes every shipped folder beneath `into/HASH` and returns that directory; HASH is the digest of all of
/// them, so that versions of `bench` do not disturb each other. What is there already is not written again.
/// It appears at once and complete: a parallel or interrupted call cannot leave half of it.
///
/// # Errors
/// When `into` cannot be written.
pub fn materialise(into: &Path) -> io::Result<PathBuf> {
    materialise_dir(&SHIPPED, into)
}

fn materialise_dir(shipped: &Dir<'_>, into: &Path) -> io::Result<PathBuf> {
    let target = into.join(digest(shipped));
    if target.is_dir() {
        return Ok(target);
    }
    std::fs::create_dir_all(into)?;
    let temp = tempfile::Builder::new().prefix(".scenarios-").tempdir_in(into)?;
    let complete = temp.path().join("complete");
    std::fs::create_dir(&complete)?;
    write(shipped, &complete)?;
    match std::fs::rename(&complete, &target) {
        // Another process was faster; by the name it wrote the same.
        Err(_) if target.is_dir() => Ok(target),
        Err(error) => Err(error),
        Ok(()) => Ok(target),
    }
}

fn write(dir: &Dir<'_>, into: &Path) -> io::Result<()> {
    for entry in dir.entries() {
        let path = into.join(entry.path());
        match entry {
            DirEntry::Dir(dir) => {
                std::fs::create_dir_all(&path)?;
                write(dir, into)?;
            }
            DirEntry::File(file) => {
                std::fs::write(&path, file.contents())?;
                if file.contents().starts_with(b"#!") {
                    make_executable(&path)?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// A short digest of all paths and contents.
fn digest(shipped: &Dir<'_>) -> String {
    fn files<'d>(dir: &'d Dir<'d>, found: &mut Vec<(String, &'d [u8])>) {
        for entry in dir.entries() {
            match entry {
                DirEntry::Dir(dir) => files(dir, found),
                DirEntry::File(file) => {
                    let path = file.path().to_string_lossy().replace('\\', "/");
                    found.push((path, file.contents()));
                }
            }
        }
    }
    let mut found = Vec::new();
    files(shipped, &mut found);
    found.sort_unstable();
    let mut hasher = blake3::Hasher::new();
    for (path, content) in found {
        for bytes in [path.as_bytes(), content] {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        }
    }
    hasher.finalize().to_hex().as_str()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use include_dir::File;

    use super::*;

    static SAMPLE: Dir<'static> = Dir::new(
        "",
        &[
            DirEntry::File(File::new("README.md", b"text")),
            DirEntry::Dir(Dir::new(
                "driver",
                &[DirEntry::File(File::new("driver/run", b"#!/bin/sh\n"))],
            )),
        ],
    );

    #[test]
    fn files_are_written_once_with_executable_scripts() -> io::Result<()> {
        let into = tempfile::tempdir()?;
        let first = materialise_dir(&SAMPLE, into.path())?;
        let script = first.join("driver/run");
        assert_eq!(std::fs::read(&script)?, b"#!/bin/sh\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&script)?.permissions().mode() & 0o777, 0o755);
            let text = std::fs::metadata(first.join("README.md"))?;
            assert_eq!(text.permissions().mode() & 0o111, 0);
        }
        std::fs::write(first.join("README.md"), "changed")?;
        assert_eq!(materialise_dir(&SAMPLE, into.path())?, first);
        assert_eq!(std::fs::read(first.join("README.md"))?, b"changed", "written twice");
        assert_eq!(std::fs::read_dir(into.path())?.count(), 1, "temporary files are left");
        Ok(())
    }

    #[test]
    fn an_interrupted_call_is_not_taken_for_a_complete_one() -> io::Result<()> {
        let into = tempfile::tempdir()?;
        std::fs::create_dir_all(into.path().join(".scenarios-dead/complete"))?;
        let written = materialise_dir(&SAMPLE, into.path())?;
        assert!(written.join("driver/run").is_file());
        Ok(())
    }
}
