//! Small file systems that nobody else sees: for a disk that is full.
//!
//! A mount would be seen by the whole machine and outlive a `bench` that is killed. In a mount namespace of this process
//! it is neither. The thread that starts confined commands cannot mount anything, nor change its namespace: so the
//! namespace is taken before that thread is started.

use std::io;
use std::path::{Path, PathBuf};

/// That this process has a mount namespace of its own.
#[derive(Clone, Copy, Debug)]
pub struct OwnMounts(());

impl OwnMounts {
    /// Takes a mount namespace for the calling thread and every thread that it starts afterwards.
    ///
    /// # Errors
    /// What the system says, in a fragment: it takes Linux, and the right to mount.
    pub fn take() -> Result<Self, String> {
        system::take().map(|()| Self(())).map_err(|error| error.to_string())
    }

    /// Mounts a file system of `bytes` at the directory `at`, from which it is gone when the result is dropped.
    ///
    /// # Errors
    /// What the system says.
    pub fn small_disk(self, at: &Path, bytes: u64) -> io::Result<SmallDisk> {
        system::mount(at, bytes)?;
        Ok(SmallDisk { at: at.to_owned() })
    }
}

/// A file system in memory.
#[derive(Debug)]
pub struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// The share of it that is free, 0 to 1.
    ///
    /// # Errors
    /// What the system says.
    pub fn free(&self) -> io::Result<f64> {
        system::free(&self.at)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Unmounts even while a process has files open in it. A failure is ignored: a process that may not unmount
        // could not have mounted either.
        drop(system::unmount(&self.at));
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::ffi::CString;
    use std::io;
    use std::path::Path;

    use rustix::mount::{
        MountFlags, MountPropagationFlags, UnmountFlags, mount as mount_at, mount_change,
        unmount as unmount_at,
    };
    use rustix::thread::{UnshareFlags, unshare_unsafe};

    #[expect(unsafe_code, reason = "unshare has no safe form in rustix")]
    pub(super) fn take() -> io::Result<()> {
        // SAFETY: of the flags only those that unshare the table of open files can break a program. NEWNS gives this thread its
        // own root and working directory, with the values that it had.
        unsafe { unshare_unsafe(UnshareFlags::NEWNS) }?;
        // Nothing that is mounted from here on is to be seen outside.
        Ok(mount_change("/", MountPropagationFlags::REC | MountPropagationFlags::PRIVATE)?)
    }

    pub(super) fn mount(at: &Path, bytes: u64) -> io::Result<()> {
        let options = CString::new(format!("size={bytes},mode=0755")).map_err(io::Error::other)?;
        let flags = MountFlags::NOSUID | MountFlags::NODEV;
        Ok(mount_at("tmpfs", at, "tmpfs", flags, options.as_c_str())?)
    }

    pub(super) fn free(at: &Path) -> io::Result<f64> {
        let room = rustix::fs::statvfs(at)?;
        Ok(room.f_bfree as f64 / room.f_blocks.max(1) as f64)
    }

    pub(super) fn unmount(at: &Path) -> io::Result<()> {
        Ok(unmount_at(at, UnmountFlags::DETACH)?)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;
    use std::path::Path;

    fn not_here() -> io::Error {
        io::Error::new(io::ErrorKind::Unsupported, "only on Linux")
    }

    pub(super) fn take() -> io::Result<()> {
        Err(not_here())
    }

    pub(super) fn mount(_at: &Path, _bytes: u64) -> io::Result<()> {
        Err(not_here())
    }

    pub(super) fn free(_at: &Path) -> io::Result<f64> {
        Err(not_here())
    }

    pub(super) fn unmount(_at: &Path) -> io::Result<()> {
        Err(not_here())
    }
}
