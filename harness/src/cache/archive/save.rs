//! Writing an archive.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use globset::GlobSet;
use tar::EntryType;

use super::ArchiveError;
use super::format::{self, TarEntry};
use crate::system::fs::rooted::{Dir, Kind, name_bytes};
use crate::system::fs::tree::walk::{self, WalkedEntry};

/// The compression level of CI cache clients.
const LEVEL: i32 = 3;
const BUFFER: usize = 256 * 1024;

/// What was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Names of files and symbolic links.
    pub files: u64,
    /// Bytes of content; a file with several names counts once.
    pub bytes: u64,
    /// Size of the archive in bytes.
    pub archive_bytes: u64,
    /// BLAKE3 of the archive, in hex; equal trees have equal archives.
    pub digest: String,
    /// Sockets, fifos and devices, which are left out.
    pub skipped: u64,
}

/// One of the trees of an archive.
#[derive(Clone, Copy, Debug)]
pub struct ArchivePart<'a> {
    /// Its directory in the archive; empty for the root of the archive.
    pub name: &'a str,
    /// Its path.
    pub root: &'a Path,
    /// What is left out, by paths relative to `root`.
    pub exclude: &'a GlobSet,
}

/// Files and bytes of one part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartSize {
    /// Names of files and symbolic links.
    pub files: u64,
    /// Bytes of content; a file with an earlier name in any part is not counted again.
    pub bytes: u64,
}

/// Saves the tree at `root`, without what `exclude` matches (paths relative to `root`), as `archive`. The archive
/// appears, or is replaced, only when it is complete. It is empty if there is no tree at `root`.
///
/// # Errors
/// When a file cannot be read or changes its length meanwhile, or the archive cannot be written; no part of it is left
/// then.
pub fn save(root: &Path, exclude: &GlobSet, archive: &Path) -> Result<Saved, ArchiveError> {
    save_together(&[ArchivePart { name: "", root, exclude }], archive).map(|(saved, _)| saved)
}

/// Saves several trees as one archive, each in a directory with its name; hard links between them are kept. A tree that
/// does not exist is left out. Also returns the size of each part.
///
/// # Errors
/// As [`save`].
pub fn save_together(
    parts: &[ArchivePart<'_>],
    archive: &Path,
) -> Result<(Saved, Vec<PartSize>), ArchiveError> {
    let unwritten = |source| ArchiveError::Write { archive: archive.to_owned(), source };
    let parent = match archive.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let temp =
        tempfile::Builder::new().prefix(".saving-").tempfile_in(parent).map_err(unwritten)?;
    let (saved, sizes, _) = write(parts, temp.as_file(), archive)?;
    temp.persist(archive).map_err(|error| unwritten(error.error))?;
    Ok((saved, sizes))
}

fn write<W: Write>(
    parts: &[ArchivePart<'_>],
    out: W,
    archive: &Path,
) -> Result<(Saved, Vec<PartSize>, W), ArchiveError> {
    let unwritten = |source| ArchiveError::Write { archive: archive.to_owned(), source };
    let hashed = Hashed { out, hasher: blake3::Hasher::new(), bytes: 0 };
    let mut encoder = zstd::Encoder::new(hashed, LEVEL).map_err(unwritten)?;
    let workers = thread::available_parallelism().map_or(1, usize::from);
    encoder.multithread(workers as u32).map_err(unwritten)?;
    encoder.include_checksum(true).map_err(unwritten)?;
    let mut saver = Saver {
        prefix: "",
        root: Path::new(""),
        archive,
        out: BufWriter::with_capacity(BUFFER, encoder),
        buffer: vec![0; BUFFER],
        first_names: HashMap::new(),
        saved: Saved { files: 0, bytes: 0, archive_bytes: 0, digest: String::new(), skipped: 0 },
    };
    let mut sizes = Vec::with_capacity(parts.len());
    for part in parts {
        let (files, bytes) = (saver.saved.files, saver.saved.bytes);
        (saver.prefix, saver.root) = (part.name, part.root);
        if let Some(dir) = walk::root(part.root)? {
            saver.root_entry(&dir)?;
            walk::walk(&dir, part.root, part.exclude, |found| saver.add(found))?;
        }
        let (files, bytes) = (saver.saved.files - files, saver.saved.bytes - bytes);
        sizes.push(PartSize { files, bytes });
    }
    format::write_end(&mut saver.out).map_err(unwritten)?;
    let encoder = saver.out.into_inner().map_err(|error| unwritten(error.into_error()))?;
    let mut hashed = encoder.finish().map_err(unwritten)?;
    hashed.flush().map_err(unwritten)?;
    let digest = hashed.hasher.finalize().to_hex().to_string();
    Ok((Saved { archive_bytes: hashed.bytes, digest, ..saver.saved }, sizes, hashed.out))
}

struct Saver<'a, W: Write> {
    /// The part's directory in the archive.
    prefix: &'a str,
    root: &'a Path,
    archive: &'a Path,
    out: W,
    buffer: Vec<u8>,
    /// First archived name of each inode with several names.
    first_names: HashMap<(u64, u64), Vec<u8>>,
    saved: Saved,
}

impl<W: Write> Saver<'_, W> {
    /// The root's own mode and time.
    fn root_entry(&mut self, dir: &Dir) -> Result<(), ArchiveError> {
        let stat = dir.stat_self().map_err(unread("look at", self.root))?;
        self.header(&TarEntry {
            kind: EntryType::Directory,
            name: if self.prefix.is_empty() {
                b"./".to_vec()
            } else {
                format!("{}/", self.prefix).into_bytes()
            },
            target: Vec::new(),
            mode: stat.mode,
            mtime_ns: stat.mtime_ns,
            size: 0,
        })
    }

    fn add(&mut self, found: &WalkedEntry<'_>) -> Result<(), ArchiveError> {
        let path = self.root.join(found.rel);
        let stat = found.stat;
        let mut entry = TarEntry {
            kind: EntryType::Regular,
            name: archived_name(self.prefix, found.rel),
            target: Vec::new(),
            mode: stat.mode,
            mtime_ns: stat.mtime_ns,
            size: 0,
        };
        match stat.kind {
            Kind::Dir => {
                entry.kind = EntryType::Directory;
                entry.name.push(b'/');
                self.header(&entry)
            }
            Kind::Symlink => {
                let target = found.dir.read_link(found.name).map_err(unread("read link", &path))?;
                entry.kind = EntryType::Symlink;
                entry.target = name_bytes(target.as_os_str()).into_owned();
                self.saved.files += 1;
                self.header(&entry)
            }
            Kind::File => {
                self.saved.files += 1;
                if stat.links > 1 {
                    let inode = (stat.dev, stat.inode);
                    if let Some(first) = self.first_names.get(&inode) {
                        entry.kind = EntryType::Link;
                        entry.target.clone_from(first);
                        return self.header(&entry);
                    }
                    self.first_names.insert(inode, entry.name.clone());
                }
                let file = found.dir.read(found.name).map_err(unread("open", &path))?;
                entry.size = stat.len;
                self.header(&entry)?;
                self.content(file, &path, stat.len)
            }
            Kind::Other => {
                self.saved.skipped += 1;
                Ok(())
            }
        }
    }

    fn header(&mut self, entry: &TarEntry) -> Result<(), ArchiveError> {
        let archive = self.archive;
        format::write_header(&mut self.out, entry)
            .map_err(|source| ArchiveError::Write { archive: archive.to_owned(), source })
    }

    /// Writes exactly `len` bytes, as the header says.
    fn content(&mut self, mut file: File, path: &Path, len: u64) -> Result<(), ArchiveError> {
        let mut left = len;
        while left > 0 {
            let want = self.buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let read = match file.read(&mut self.buffer[..want]) {
                Ok(0) => {
                    let short = io::Error::new(
                        ErrorKind::UnexpectedEof,
                        "it became shorter (hint: stop what writes to the cache first)",
                    );
                    return Err(unread("read", path)(short));
                }
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(unread("read", path)(error)),
            };
            let written = self.out.write_all(&self.buffer[..read]);
            written.map_err(|source| self.unwritten(source))?;
            left -= read as u64;
        }
        self.saved.bytes += len;
        let written = format::write_padding(&mut self.out, len);
        written.map_err(|source| self.unwritten(source))
    }

    fn unwritten(&self, source: io::Error) -> ArchiveError {
        ArchiveError::Write { archive: self.archive.to_owned(), source }
    }
}

fn unread(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ArchiveError {
    let path: PathBuf = path.to_owned();
    move |source| ArchiveError::Source { what, path, source }
}

/// With `/` between names on every platform.
fn archived_name(prefix: &str, rel: &Path) -> Vec<u8> {
    let mut name = Vec::with_capacity(prefix.len() + 1 + rel.as_os_str().len());
    name.extend_from_slice(prefix.as_bytes());
    for part in rel {
        if !name.is_empty() {
            name.push(b'/');
        }
        name.extend_from_slice(&name_bytes(part));
    }
    name
}

/// Passes data on, and digests and counts it.
struct Hashed<W> {
    out: W,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let written = self.out.write(data)?;
        self.hasher.update(&data[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with room for this many bytes.
    struct Disk(usize);

    impl Write for Disk {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(ErrorKind::StorageFull.into());
            }
            let written = data.len().min(self.0);
            self.0 -= written;
            Ok(written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_an_error_that_names_the_archive_wherever_it_strikes() {
        let temp = tempfile::tempdir().unwrap();
        let mut random = fastrand::Rng::with_seed(1);
        let content: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(100_000).collect();
        std::fs::write(temp.path().join("content"), content).unwrap();
        let none = GlobSet::empty();
        let parts = [ArchivePart { name: "", root: temp.path(), exclude: &none }];
        let archive = Path::new("disk/cache.tar.zst");
        for room in [0, 1, 50_000, 99_999] {
            let error = write(&parts, Disk(room), archive);
            let error = error.err().expect("room for the whole archive").to_string();
            assert!(error.contains("cannot write archive `disk/cache.tar.zst`"), "{error}");
        }
        assert!(write(&parts, Disk(200_000), archive).is_ok());
    }
}
