//! Which file a program name means, by the environment of the command rather than by ours.
//!
//! The standard library would look on the child's PATH as well, but then it forks instead of calling
//! `posix_spawn`; an absolute path keeps the fast way open.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// PATH of a command whose environment has none: what `confstr(_CS_PATH)` says on Linux and macOS.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// The file that `program` means for a command that runs in `cwd` with environment `env`.
///
/// As in `execvp`: a name with a slash is a path (inside `cwd` when relative), any other name is looked
/// up in the directories of PATH, where an empty entry is `cwd`.
///
/// # Errors
/// `NotFound` when there is no such file, `PermissionDenied` when there are some and none is executable.
pub(crate) fn resolve(
    program: &str,
    cwd: &Path,
    env: &BTreeMap<String, String>,
) -> io::Result<PathBuf> {
    if program.is_empty() {
        return Err(io::ErrorKind::NotFound.into());
    }
    if program.contains('/') || cfg!(not(unix)) {
        // Off Unix the system's own lookup knows about extensions.
        return Ok(if cfg!(unix) { cwd.join(program) } else { PathBuf::from(program) });
    }
    let path = env.get("PATH").map_or(DEFAULT_PATH, String::as_str);
    let mut denied = false;
    for directory in std::env::split_paths(path) {
        let candidate = cwd.join(directory).join(program);
        match std::fs::metadata(&candidate) {
            Ok(found) if found.is_file() => {
                if is_executable(&candidate) {
                    return Ok(candidate);
                }
                denied = true;
            }
            _ => {}
        }
    }
    Err(if denied { io::ErrorKind::PermissionDenied } else { io::ErrorKind::NotFound }.into())
}

#[cfg(unix)]
fn is_executable(file: &Path) -> bool {
    rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn is_executable(_file: &Path) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn file(path: &Path, mode: u32) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn env(path: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("PATH".to_owned(), path.to_owned())])
    }

    #[test]
    fn the_first_executable_file_on_path_wins_over_directories_and_plain_files() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path();
        std::fs::create_dir_all(root.join("a/tool")).unwrap();
        file(&root.join("b/tool"), 0o644);
        file(&root.join("c/tool"), 0o755);
        file(&root.join("d/tool"), 0o755);
        let path = ["a", "b", "c", "d"].map(|d| root.join(d).display().to_string()).join(":");
        assert_eq!(resolve("tool", root, &env(&path)).unwrap(), root.join("c/tool"));
    }

    #[test]
    fn relative_and_empty_entries_mean_the_working_directory_of_the_command() {
        let temp = tempfile::tempdir().unwrap();
        file(&temp.path().join("tool"), 0o755);
        file(&temp.path().join("bin/other"), 0o755);
        assert!(resolve("tool", temp.path(), &env("/nonexistent:")).unwrap().is_file());
        assert!(resolve("other", temp.path(), &env("bin")).unwrap().is_file());
        assert_eq!(resolve("./tool", temp.path(), &env("")).unwrap(), temp.path().join("./tool"));
    }

    #[test]
    fn a_missing_program_and_one_that_is_not_executable_are_told_apart() {
        let temp = tempfile::tempdir().unwrap();
        file(&temp.path().join("tool"), 0o644);
        let path = env(&temp.path().display().to_string());
        let error = |name| resolve(name, temp.path(), &path).unwrap_err().kind();
        assert_eq!(error("tool"), io::ErrorKind::PermissionDenied);
        assert_eq!(error("nothing"), io::ErrorKind::NotFound);
        assert_eq!(error(""), io::ErrorKind::NotFound);
    }

    #[test]
    fn without_path_the_system_directories_are_searched() {
        let found = resolve("sh", Path::new("/"), &BTreeMap::new()).unwrap();
        assert!(found.ends_with("bin/sh"), "{}", found.display());
    }
}
