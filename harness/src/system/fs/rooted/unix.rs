//! Directory handles on Unix; what only Linux has is marked by `cfg` and has a fallback next to it.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, Timespec, Timestamps};
use rustix::io::Errno;

use super::{Kind, Mounts, Stat};

const DIR: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
/// Longest path that one system call takes, with room for the terminator.
#[cfg(any(target_os = "linux", test))]
const PATH_MAX: usize = 4095;
const NANOS: i128 = 1_000_000_000;

/// A directory handle.
#[derive(Debug)]
pub(crate) struct Dir(OwnedFd);

impl Dir {
    /// Opens a directory by path; the last component must not be a symbolic link.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(rustix::fs::open(path, DIR, Mode::empty())?))
    }

    /// Opens a directory inside this one, through no symbolic link. `rel` holds normal components only;
    /// empty stands for this directory itself.
    pub(crate) fn descend(&self, rel: &Path, mounts: Mounts) -> io::Result<Self> {
        if rel.as_os_str().is_empty() {
            return Ok(Self(self.0.try_clone()?));
        }
        #[cfg(target_os = "linux")]
        if rel.as_os_str().len() <= PATH_MAX {
            use rustix::fs::ResolveFlags;
            let mut resolve =
                ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
            if mounts == Mounts::Stay {
                resolve |= ResolveFlags::NO_XDEV;
            }
            match rustix::fs::openat2(&self.0, rel, DIR, Mode::empty(), resolve) {
                Ok(fd) => return Ok(Self(fd)),
                // An old kernel, or a container's filter that does not know the call.
                Err(Errno::NOSYS | Errno::PERM) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.step_by_step(rel, mounts)
    }

    /// [`Self::descend`] with one `openat(O_NOFOLLOW)` per component.
    fn step_by_step(&self, rel: &Path, mounts: Mounts) -> io::Result<Self> {
        let mut at = self.0.try_clone()?;
        let mount = mount_of(at.as_fd())?;
        for name in rel {
            if name == ".." || name.as_bytes().contains(&b'/') {
                return Err(Errno::XDEV.into());
            }
            at = rustix::fs::openat(&at, name, DIR, Mode::empty())?;
            if mounts == Mounts::Stay && mount_of(at.as_fd())? != mount {
                return Err(Errno::XDEV.into());
            }
        }
        Ok(Self(at))
    }

    /// Names and kinds, unsorted, without `.` and `..`.
    pub(crate) fn entries(&self) -> io::Result<Vec<(OsString, Kind)>> {
        let mut found = Vec::new();
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            let name = OsString::from_vec(name.to_vec());
            let kind = match entry.file_type() {
                FileType::Unknown => match self.stat(&name) {
                    Ok(stat) => stat.kind,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                },
                known => kind(known),
            };
            found.push((name, kind));
        }
        Ok(found)
    }

    pub(crate) fn stat(&self, name: &OsStr) -> io::Result<Stat> {
        Ok(stat(&rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?))
    }

    /// What is known about the directory itself.
    pub(crate) fn stat_self(&self) -> io::Result<Stat> {
        Ok(stat(&rustix::fs::fstat(&self.0)?))
    }

    /// Opens a file for reading. Never waits for a writer, should the name have become a fifo.
    pub(crate) fn read(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        Ok(rustix::fs::openat(&self.0, name, flags, Mode::empty())?.into())
    }

    /// Creates a file that does not exist.
    pub(crate) fn create(&self, name: &OsStr, mode: u32) -> io::Result<File> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.0, name, flags, bits(mode))?.into())
    }

    /// Opens a file for reading and writing, creating it when it does not exist.
    pub(crate) fn open_or_create(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(rustix::fs::openat(&self.0, name, flags, bits(0o666))?.into())
    }

    pub(crate) fn make_dir(&self, name: &OsStr, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::mkdirat(&self.0, name, bits(mode))?)
    }

    pub(crate) fn read_link(&self, name: &OsStr) -> io::Result<PathBuf> {
        let target = rustix::fs::readlinkat(&self.0, name, Vec::new())?;
        Ok(OsString::from_vec(target.into_bytes()).into())
    }

    pub(crate) fn symlink(&self, name: &OsStr, target: &Path) -> io::Result<()> {
        Ok(rustix::fs::symlinkat(target, &self.0, name)?)
    }

    /// Makes `to_name` in `to` another name of `name`; a symbolic link is linked itself.
    pub(crate) fn hard_link(&self, name: &OsStr, to: &Self, to_name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::linkat(&self.0, name, &to.0, to_name, AtFlags::empty())?)
    }

    pub(crate) fn rename(&self, name: &OsStr, to: &Self, to_name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::renameat(&self.0, name, &to.0, to_name)?)
    }

    /// Removes a name that is not a directory.
    pub(crate) fn unlink(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Removes an empty directory.
    pub(crate) fn remove_dir(&self, name: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    pub(crate) fn set_mode(&self, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::fchmod(&self.0, bits(mode))?)
    }

    /// Gives the owner all rights on a directory inside this one that may be too closed to be opened.
    pub(crate) fn open_up(&self, name: &OsStr) -> io::Result<()> {
        let mode = bits(self.stat(name)?.mode | 0o700);
        #[cfg(target_os = "linux")]
        {
            // chmod by name would follow a link put there meanwhile; O_PATH needs no right on the
            // directory, and the magic link leads to exactly what was opened.
            use std::os::fd::AsRawFd;
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let held = rustix::fs::openat(&self.0, name, flags, Mode::empty())?;
            Ok(rustix::fs::chmod(format!("/proc/self/fd/{}", held.as_raw_fd()), mode)?)
        }
        #[cfg(not(target_os = "linux"))]
        Ok(rustix::fs::chmodat(&self.0, name, mode, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    pub(crate) fn set_mtime(&self, mtime_ns: i128) -> io::Result<()> {
        Ok(rustix::fs::futimens(&self.0, &times(mtime_ns)?)?)
    }

    /// Sets the time of a name without following it.
    pub(crate) fn set_mtime_of(&self, name: &OsStr, mtime_ns: i128) -> io::Result<()> {
        let times = times(mtime_ns)?;
        Ok(rustix::fs::utimensat(&self.0, name, &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    /// Bytes that an unprivileged user can still write to this file system.
    pub(crate) fn free_bytes(&self) -> io::Result<u64> {
        let stat = rustix::fs::fstatvfs(&self.0)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

pub(crate) fn stat_file(file: &File) -> io::Result<Stat> {
    Ok(stat(&rustix::fs::fstat(file)?))
}

pub(crate) fn set_file_mode(file: &File, mode: u32) -> io::Result<()> {
    Ok(rustix::fs::fchmod(file, bits(mode))?)
}

pub(crate) fn set_file_mtime(file: &File, mtime_ns: i128) -> io::Result<()> {
    Ok(rustix::fs::futimens(file, &times(mtime_ns)?)?)
}

/// Makes `to` share the content of `from` (btrfs, XFS, ...).
pub(crate) fn clone_content(from: &File, to: &File) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    return Ok(rustix::fs::ioctl_ficlone(to, from)?);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (from, to);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Copies up to `len` bytes inside the kernel, from and to the files' positions; 0 at the end.
pub(crate) fn copy_content(from: &File, to: &File, len: usize) -> io::Result<usize> {
    #[cfg(target_os = "linux")]
    return Ok(rustix::fs::copy_file_range(from, None, to, None, len)?);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (from, to, len);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The bytes of a name, as archives and digests hold them.
pub(crate) fn name_bytes(name: &OsStr) -> Cow<'_, [u8]> {
    Cow::Borrowed(name.as_bytes())
}

/// The name that an archive's bytes stand for.
#[expect(clippy::unnecessary_wraps, reason = "on other platforms some names are not valid")]
pub(crate) fn name_from_bytes(name: Vec<u8>) -> io::Result<OsString> {
    Ok(OsString::from_vec(name))
}

/// What two directories of one mount have in common.
#[cfg(target_os = "linux")]
fn mount_of(fd: BorrowedFd<'_>) -> io::Result<(u64, u64)> {
    use rustix::fs::StatxFlags;
    match rustix::fs::statx(fd, "", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID) {
        Ok(found) if StatxFlags::from_bits_retain(found.stx_mask).contains(StatxFlags::MNT_ID) => {
            Ok((1, found.stx_mnt_id))
        }
        _ => Ok((0, rustix::fs::fstat(fd)?.st_dev)),
    }
}

#[cfg(not(target_os = "linux"))]
fn mount_of(fd: BorrowedFd<'_>) -> io::Result<i128> {
    Ok(i128::from(rustix::fs::fstat(fd)?.st_dev))
}

fn bits(mode: u32) -> Mode {
    Mode::from_raw_mode((mode & 0o7777) as _)
}

fn kind(found: FileType) -> Kind {
    match found {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Dir,
        FileType::Symlink => Kind::Symlink,
        _ => Kind::Other,
    }
}

#[expect(clippy::useless_conversion, clippy::unnecessary_cast, reason = "types vary by platform")]
fn stat(found: &rustix::fs::Stat) -> Stat {
    Stat {
        kind: kind(FileType::from_raw_mode(found.st_mode)),
        len: found.st_size as u64,
        mtime_ns: i128::from(found.st_mtime) * NANOS + i128::from(found.st_mtime_nsec),
        mode: u32::from(found.st_mode) & 0o7777,
        dev: found.st_dev as u64,
        inode: found.st_ino as u64,
        links: u64::from(found.st_nlink),
    }
}

/// Leaves the access time alone.
fn times(mtime_ns: i128) -> io::Result<Timestamps> {
    let seconds = i64::try_from(mtime_ns.div_euclid(NANOS))
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "time out of range"))?;
    let mut mtime = Timespec { tv_sec: seconds, tv_nsec: 0 };
    mtime.tv_nsec = mtime_ns.rem_euclid(NANOS) as _;
    let atime = Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_OMIT };
    Ok(Timestamps { last_access: atime, last_modification: mtime })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Way = fn(&Dir, &Path, Mounts) -> io::Result<Dir>;

    /// The kernel's way and the fallback must refuse the same things.
    const WAYS: [Way; 2] = [Dir::descend, Dir::step_by_step];

    #[test]
    fn the_way_down_refuses_links_parents_and_absolute_paths() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(temp.path().join("inside/deep")).unwrap();
        std::fs::create_dir(temp.path().join("outside")).unwrap();
        std::os::unix::fs::symlink("../outside", temp.path().join("inside/link")).unwrap();
        // A link that stays inside is refused too.
        std::os::unix::fs::symlink(".", temp.path().join("inside/here")).unwrap();
        let root = Dir::open(&temp.path().join("inside")).unwrap();
        for way in WAYS {
            assert!(way(&root, Path::new("deep"), Mounts::Stay).is_ok());
            let links = ["link", "link/x", "here", "here/deep"];
            let parents = ["..", "../outside", "deep/../../outside", "/tmp"];
            for bad in links.into_iter().chain(parents) {
                assert!(way(&root, Path::new(bad), Mounts::Cross).is_err(), "{bad} was opened");
            }
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_way_down_can_be_held_inside_one_mount() {
        let slash = Dir::open(Path::new("/")).unwrap();
        for way in WAYS {
            let error = way(&slash, Path::new("proc/self/task"), Mounts::Stay).unwrap_err();
            assert!(
                error.kind() == io::ErrorKind::CrossesDevices || error.raw_os_error() == Some(40)
            );
            let error = way(&slash, Path::new("proc"), Mounts::Stay).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::CrossesDevices);
            assert!(way(&slash, Path::new("proc"), Mounts::Cross).is_ok());
        }
    }

    #[test]
    fn a_path_longer_than_a_system_call_takes_is_opened() {
        let temp = tempfile::tempdir().unwrap();
        let mut rel = PathBuf::new();
        let mut at = Dir::open(temp.path()).unwrap();
        let name = "d".repeat(200);
        while rel.as_os_str().len() <= PATH_MAX + 400 {
            at.make_dir(name.as_ref(), 0o700).unwrap();
            at = at.descend(name.as_ref(), Mounts::Stay).unwrap();
            rel.push(&name);
        }
        let found = Dir::open(temp.path()).unwrap().descend(&rel, Mounts::Stay).unwrap();
        assert_eq!(found.stat_self().unwrap().inode, at.stat_self().unwrap().inode);
    }
}
