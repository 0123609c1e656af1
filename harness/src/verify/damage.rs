//! Damage to one file of a store. Its mtime stays: a fault of a disk or a transfer does not change it either.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use filetime::FileTime;

use crate::system::fs::state::StateRoot;
use crate::system::fs::tree::TreeError;
use crate::trial::TrialError;

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Damage {
    /// All bits of the byte in the middle are flipped.
    Flip,
    /// The second half is cut off.
    Truncate,
    /// Nothing is left of its content.
    Empty,
    /// It is gone.
    Delete,
}

impl Damage {
    /// Damages the file at `path`, which is in the state root, and says how.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is not in the state root.
    pub(super) fn inflict(self, state: &StateRoot, path: &Path) -> Result<String, TrialError> {
        if self != Self::Delete {
            return Ok(self.apply(path).map_err(TreeError::io("damage", path))?);
        }
        let bytes = fs::metadata(path).map_err(TreeError::io("damage", path))?.len();
        state.remove(path.strip_prefix(state.path()).unwrap_or(path))?;
        Ok(format!("{bytes} bytes deleted"))
    }

    fn apply(self, path: &Path) -> io::Result<String> {
        let meta = fs::metadata(path)?;
        let mode = meta.permissions();
        make_writable(path, &mode)?;
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let middle = meta.len() / 2;
        let what = match self {
            Self::Flip => {
                let mut byte = [0];
                file.seek(SeekFrom::Start(middle))?;
                file.read_exact(&mut byte)?;
                file.seek(SeekFrom::Start(middle))?;
                file.write_all(&[!byte[0]])?;
                format!("byte {middle} of {} inverted", meta.len())
            }
            Self::Truncate => {
                file.set_len(middle)?;
                format!("cut from {} to {middle} bytes", meta.len())
            }
            Self::Empty | Self::Delete => {
                file.set_len(0)?;
                format!("cut from {} to 0 bytes", meta.len())
            }
        };
        drop(file);
        fs::set_permissions(path, mode)?;
        filetime::set_file_mtime(path, FileTime::from_last_modification_time(&meta))?;
        Ok(what)
    }
}

#[cfg(unix)]
fn make_writable(path: &Path, mode: &fs::Permissions) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode.mode() | 0o600))
}

#[cfg(not(unix))]
#[expect(clippy::permissions_set_readonly_false, reason = "elsewhere there is only this one bit")]
fn make_writable(path: &Path, mode: &fs::Permissions) -> io::Result<()> {
    let mut mode = mode.clone();
    mode.set_readonly(false);
    fs::set_permissions(path, mode)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_damage_does_what_it_says_and_keeps_the_time_and_the_mode() {
        let temp = tempfile::tempdir().unwrap();
        let state = StateRoot::open(&temp.path().join("state")).unwrap();
        let path = state.path().join("file");
        let time = FileTime::from_unix_time(1_000_000_000, 5);
        let damaged = |damage: Damage| {
            fs::write(&path, b"abcdef").unwrap();
            filetime::set_file_mtime(&path, time).unwrap();
            let mut mode = fs::metadata(&path).unwrap().permissions();
            mode.set_readonly(true);
            fs::set_permissions(&path, mode).unwrap();
            damage.inflict(&state, &path).unwrap();
            let meta = fs::metadata(&path).ok()?;
            assert_eq!(FileTime::from_last_modification_time(&meta), time);
            assert!(meta.permissions().readonly());
            let content = fs::read(&path).unwrap();
            fs::remove_file(&path).unwrap();
            Some(content)
        };
        assert_eq!(damaged(Damage::Flip).unwrap(), [b'a', b'b', b'c', !b'd', b'e', b'f']);
        assert_eq!(damaged(Damage::Truncate).unwrap(), b"abc");
        assert_eq!(damaged(Damage::Empty).unwrap(), b"");
        assert_eq!(damaged(Damage::Delete), None);
    }
}
