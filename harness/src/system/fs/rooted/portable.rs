//! The same calls over paths, for platforms without directory handles in their system calls.
//!
//! Links are refused by looking before each step, which is right as long as nobody changes the tree between
//! the look and the step.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{Kind, Mounts, Stat};

/// A directory that existed, and was not a link, when it was opened.
#[derive(Debug)]
pub(crate) struct Dir(PathBuf);

impl Dir {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        if fs::symlink_metadata(path)?.is_dir() {
            Ok(Self(path.to_owned()))
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    pub(crate) fn descend(&self, rel: &Path, _mounts: Mounts) -> io::Result<Self> {
        let mut at = self.0.clone();
        for component in rel.components() {
            let std::path::Component::Normal(name) = component else {
                return Err(io::ErrorKind::InvalidInput.into());
            };
            at.push(name);
            // Junctions and links are not directories to symlink_metadata.
            Self::open(&at)?;
        }
        Ok(Self(at))
    }

    pub(crate) fn entries(&self) -> io::Result<Vec<(OsString, Kind)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            found.push((entry.file_name(), kind(entry.file_type()?)));
        }
        Ok(found)
    }

    pub(crate) fn stat(&self, name: &OsStr) -> io::Result<Stat> {
        stat(&fs::symlink_metadata(self.0.join(name))?)
    }

    pub(crate) fn stat_self(&self) -> io::Result<Stat> {
        stat(&fs::symlink_metadata(&self.0)?)
    }

    pub(crate) fn read(&self, name: &OsStr) -> io::Result<File> {
        if self.stat(name)?.kind != Kind::File {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        File::open(self.0.join(name))
    }

    pub(crate) fn create(&self, name: &OsStr, _mode: u32) -> io::Result<File> {
        File::create_new(self.0.join(name))
    }

    pub(crate) fn open_or_create(&self, name: &OsStr) -> io::Result<File> {
        if self.stat(name).is_ok_and(|found| found.kind != Kind::File) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).open(self.0.join(name))
    }

    pub(crate) fn make_dir(&self, name: &OsStr, _mode: u32) -> io::Result<()> {
        fs::create_dir(self.0.join(name))
    }

    pub(crate) fn read_link(&self, name: &OsStr) -> io::Result<PathBuf> {
        fs::read_link(self.0.join(name))
    }

    pub(crate) fn symlink(&self, name: &OsStr, target: &Path) -> io::Result<()> {
        #[cfg(windows)]
        return std::os::windows::fs::symlink_file(target, self.0.join(name));
        #[cfg(not(windows))]
        {
            let _ = (name, target);
            Err(io::ErrorKind::Unsupported.into())
        }
    }

    pub(crate) fn hard_link(&self, name: &OsStr, to: &Self, to_name: &OsStr) -> io::Result<()> {
        fs::hard_link(self.0.join(name), to.0.join(to_name))
    }

    pub(crate) fn rename(&self, name: &OsStr, to: &Self, to_name: &OsStr) -> io::Result<()> {
        fs::rename(self.0.join(name), to.0.join(to_name))
    }

    pub(crate) fn unlink(&self, name: &OsStr) -> io::Result<()> {
        let path = self.0.join(name);
        let removed = fs::remove_file(&path);
        if removed.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied) {
            // A read-only file, or a link to a directory, which Windows removes as one.
            let mut rights = fs::symlink_metadata(&path)?.permissions();
            if rights.readonly() {
                #[expect(clippy::permissions_set_readonly_false, reason = "it is deleted next")]
                rights.set_readonly(false);
                fs::set_permissions(&path, rights)?;
                return fs::remove_file(&path);
            }
            return fs::remove_dir(&path);
        }
        removed
    }

    pub(crate) fn remove_dir(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_dir(self.0.join(name))
    }

    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "there are no mode bits")]
    pub(crate) fn set_mode(&self, _mode: u32) -> io::Result<()> {
        Ok(())
    }

    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "there are no mode bits")]
    pub(crate) fn open_up(&self, _name: &OsStr) -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn set_mtime(&self, mtime_ns: i128) -> io::Result<()> {
        set_times(&self.0, mtime_ns)
    }

    pub(crate) fn set_mtime_of(&self, name: &OsStr, mtime_ns: i128) -> io::Result<()> {
        set_times(&self.0.join(name), mtime_ns)
    }

    #[expect(clippy::unused_self, reason = "there is no call for it in std")]
    pub(crate) fn free_bytes(&self) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

pub(crate) fn stat_file(file: &File) -> io::Result<Stat> {
    stat(&file.metadata()?)
}

#[expect(clippy::unnecessary_wraps, reason = "there are no mode bits")]
pub(crate) fn set_file_mode(_file: &File, _mode: u32) -> io::Result<()> {
    Ok(())
}

pub(crate) fn set_file_mtime(file: &File, mtime_ns: i128) -> io::Result<()> {
    file.set_modified(time(mtime_ns)?)
}

pub(crate) fn clone_content(_from: &File, _to: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn copy_content(_from: &File, _to: &File, _len: usize) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}

pub(crate) fn name_bytes(name: &OsStr) -> Cow<'_, [u8]> {
    Cow::Borrowed(name.as_encoded_bytes())
}

pub(crate) fn name_from_bytes(name: Vec<u8>) -> io::Result<OsString> {
    let name = String::from_utf8(name)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the name is not UTF-8"))?;
    if name.contains(['\\', ':']) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the name holds `\\` or `:`"));
    }
    Ok(name.into())
}

fn set_times(path: &Path, mtime_ns: i128) -> io::Result<()> {
    let mtime = filetime::FileTime::from_system_time(time(mtime_ns)?);
    filetime::set_symlink_file_times(path, mtime, mtime)
}

fn time(mtime_ns: i128) -> io::Result<SystemTime> {
    let span = u64::try_from(mtime_ns.unsigned_abs())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "time out of range"))?;
    let span = Duration::from_nanos(span);
    let epoch = SystemTime::UNIX_EPOCH;
    let time = if mtime_ns < 0 { epoch.checked_sub(span) } else { epoch.checked_add(span) };
    time.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "time out of range"))
}

fn kind(found: fs::FileType) -> Kind {
    if found.is_file() {
        Kind::File
    } else if found.is_dir() {
        Kind::Dir
    } else if found.is_symlink() {
        Kind::Symlink
    } else {
        Kind::Other
    }
}

/// Inodes and link counts are not to be had: 0 and 1, so that no two files are taken for one.
fn stat(found: &fs::Metadata) -> io::Result<Stat> {
    let mtime = found.modified()?;
    let mtime_ns = match mtime.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_nanos().cast_signed(),
        Err(before) => -before.duration().as_nanos().cast_signed(),
    };
    let kind = kind(found.file_type());
    let mode = if kind == Kind::Dir { 0o755 } else { 0o644 };
    Ok(Stat { kind, len: found.len(), mtime_ns, mode, dev: 0, inode: 0, links: 1 })
}
