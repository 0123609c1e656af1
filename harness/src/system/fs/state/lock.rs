//! An advisory lock that the kernel releases when its holder ends, however it ends.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::error::StateError;

/// Holds a lock until it is dropped.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    // Closing it releases the lock.
    _file: File,
}

impl Lock {
    /// The lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Why a lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Locked {
    /// Somebody else has it.
    #[error("`{}` is locked by {holder} (hint: wait for it to end, or give another --state)", path.display())]
    Held {
        /// The lock file.
        path: PathBuf,
        /// Who, as far as the file says.
        holder: String,
    },
    /// The lock file cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
}

pub(super) fn take(mut file: File, path: PathBuf) -> Result<Lock, Locked> {
    let failed = |source| StateError::Io { what: "lock", path: path.clone(), source };
    match file.try_lock() {
        Ok(()) => {
            // For the message that another process prints; the lock itself does not depend on it.
            file.set_len(0).map_err(failed)?;
            writeln!(file, "{}", std::process::id()).map_err(failed)?;
            Ok(Lock { path, _file: file })
        }
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let read = file.rewind().and_then(|()| file.take(64).read_to_string(&mut text));
            let holder = match (read, text.trim().parse::<u32>()) {
                (Ok(_), Ok(pid)) => format!("process `{pid}`"),
                _ => "another process".to_owned(),
            };
            Err(Locked::Held { path, holder })
        }
        Err(TryLockError::Error(source)) => Err(failed(source).into()),
    }
}
