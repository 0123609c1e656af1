//! Copying the bytes of one file in the cheapest way that the destination allows.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::atomic::{AtomicU8, Ordering};

use crate::system::fs::rooted;

/// Below this a read and a write beat `copy_file_range`, which goes through a pipe page by page.
const SMALL: u64 = 256 * 1024;
/// At most this much per call, so that a thread never sits in the kernel for seconds.
const STEP: usize = 64 * 1024 * 1024;

const CLONE: u8 = 0;
const RANGE: u8 = 1;
const BUFFER: u8 = 2;

/// Remembers for one destination which ways have failed.
#[derive(Debug, Default)]
pub(super) struct CopyMethods(AtomicU8);

impl CopyMethods {
    /// Copies all of `from`, which is `len` bytes long, into the empty `to`; returns the bytes copied.
    pub(super) fn copy(
        &self,
        from: &mut File,
        to: &mut File,
        len: u64,
        buffer: &mut [u8],
    ) -> io::Result<u64> {
        if len == 0 {
            // Content that has no length, as in /proc, is read; else there is none.
            return by_buffer(from, to, len, buffer);
        }
        if self.0.load(Ordering::Relaxed) == CLONE {
            match rooted::clone_content(from, to) {
                Ok(()) => return Ok(len),
                Err(error) => self.give_up(CLONE, &error)?,
            }
        }
        if len > SMALL && self.0.load(Ordering::Relaxed) <= RANGE {
            match by_range(from, to, len) {
                Ok(copied) if copied >= len => return Ok(copied),
                // Shorter than it was, or a file system that cannot: go on by reading, from where it stopped.
                Ok(copied) => return Ok(copied + by_buffer(from, to, len - copied, buffer)?),
                Err(error) => self.give_up(RANGE, &error)?,
            }
        }
        by_buffer(from, to, len, buffer)
    }

    /// Goes on to the next way, unless the error would come back there.
    fn give_up(&self, way: u8, error: &io::Error) -> io::Result<()> {
        let next = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                return Err(io::Error::new(error.kind(), error.to_string()));
            }
            _ => way + 1,
        };
        self.0.fetch_max(next.min(BUFFER), Ordering::Relaxed);
        Ok(())
    }
}

fn by_range(from: &File, to: &File, len: u64) -> io::Result<u64> {
    let mut copied = 0;
    while copied < len {
        let step = usize::try_from(len - copied).unwrap_or(STEP).min(STEP);
        match rooted::copy_content(from, to, step) {
            Ok(0) => break,
            Ok(step) => copied += step as u64,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Only before the first byte can another way start over.
            Err(error) if copied == 0 => return Err(error),
            Err(_) => break,
        }
    }
    Ok(copied)
}

/// Reads `len` bytes, or up to the end when that is 0 or comes first.
fn by_buffer(from: &mut File, to: &mut File, len: u64, buffer: &mut [u8]) -> io::Result<u64> {
    let mut copied = 0;
    loop {
        match from.read(buffer) {
            Ok(0) => return Ok(copied),
            Ok(read) => {
                to.write_all(&buffer[..read])?;
                copied += read as u64;
                if copied == len {
                    return Ok(copied);
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
