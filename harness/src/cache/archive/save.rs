//! Writing an archive.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use globset::GlobSet;
use tar::EntryType;

use super::ArchiveError;
use super::format::{self, Entry};
use crate::beneath::{Dir, Kind, name_bytes};
use crate::tree::walk::{self, Found};

/// What CI cache clients use.
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

/// Saves the tree at `root` without what `exclude` matches (paths relative to `root`) as `archive`, which
/// appears, or is replaced, only when it is complete. No tree at `root` gives an empty archive.
///
/// # Errors
/// For the first file that cannot be read, or that changes its length meanwhile, and when the archive
/// cannot be written; no part of it is left then.
pub fn save(root: &Path, exclude: &GlobSet, archive: &Path) -> Result<Saved, ArchiveError> {
    let unwritten = |source| ArchiveError::Write { archive: archive.to_owned(), source };
    let parent = match archive.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let dir = walk::root(root)?;
    let temp =
        tempfile::Builder::new().prefix(".saving-").tempfile_in(parent).map_err(unwritten)?;
    let (saved, _) = write(dir.as_ref(), root, exclude, temp.as_file(), archive)?;
    temp.persist(archive).map_err(|error| unwritten(error.error))?;
    Ok(saved)
}

fn write<W: Write>(
    dir: Option<&Dir>,
    root: &Path,
    exclude: &GlobSet,
    out: W,
    archive: &Path,
) -> Result<(Saved, W), ArchiveError> {
    let unwritten = |source| ArchiveError::Write { archive: archive.to_owned(), source };
    let hashed = Hashed { out, hasher: blake3::Hasher::new(), bytes: 0 };
    let mut encoder = zstd::Encoder::new(hashed, LEVEL).map_err(unwritten)?;
    let workers = thread::available_parallelism().map_or(1, usize::from);
    encoder.multithread(workers as u32).map_err(unwritten)?;
    encoder.include_checksum(true).map_err(unwritten)?;
    let mut saver = Saver {
        root,
        archive,
        out: BufWriter::with_capacity(BUFFER, encoder),
        buffer: vec![0; BUFFER],
        first_names: HashMap::new(),
        saved: Saved { files: 0, bytes: 0, archive_bytes: 0, digest: String::new(), skipped: 0 },
    };
    if let Some(dir) = dir {
        saver.root_entry(dir)?;
        walk::walk(dir, root, exclude, |found| saver.add(found))?;
    }
    format::write_end(&mut saver.out).map_err(unwritten)?;
    let encoder = saver.out.into_inner().map_err(|error| unwritten(error.into_error()))?;
    let mut hashed = encoder.finish().map_err(unwritten)?;
    hashed.flush().map_err(unwritten)?;
    let digest = hashed.hasher.finalize().to_hex().to_string();
    Ok((Saved { archive_bytes: hashed.bytes, digest, ..saver.saved }, hashed.out))
}

struct Saver<'a, W: Write> {
    root: &'a Path,
    archive: &'a Path,
    out: W,
    buffer: Vec<u8>,
    /// Archived name of each inode that has several.
    first_names: HashMap<(u64, u64), Vec<u8>>,
    saved: Saved,
}

impl<W: Write> Saver<'_, W> {
    /// The root's own mode and time.
    fn root_entry(&mut self, dir: &Dir) -> Result<(), ArchiveError> {
        let stat = dir.stat_self().map_err(unread("look at", self.root))?;
        self.header(&Entry {
            kind: EntryType::Directory,
            name: b"./".to_vec(),
            target: Vec::new(),
            mode: stat.mode,
            mtime_ns: stat.mtime_ns,
            size: 0,
        })
    }

    fn add(&mut self, found: &Found<'_>) -> Result<(), ArchiveError> {
        let path = self.root.join(found.rel);
        let stat = found.stat;
        let mut entry = Entry {
            kind: EntryType::Regular,
            name: archived_name(found.rel),
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

    fn header(&mut self, entry: &Entry) -> Result<(), ArchiveError> {
        let archive = self.archive;
        format::write_header(&mut self.out, entry)
            .map_err(|source| ArchiveError::Write { archive: archive.to_owned(), source })
    }

    /// Exactly `len` bytes: the header has promised them.
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
fn archived_name(rel: &Path) -> Vec<u8> {
    let mut name = Vec::with_capacity(rel.as_os_str().len());
    for part in rel {
        if !name.is_empty() {
            name.push(b'/');
        }
        name.extend_from_slice(&name_bytes(part));
    }
    name
}

/// Digests and counts what goes through.
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

    /// A disk with room for so many bytes.
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
        let dir = walk::root(temp.path()).unwrap();
        let none = GlobSet::empty();
        let archive = Path::new("disk/cache.tar.zst");
        for room in [0, 1, 50_000, 99_999] {
            let error = write(dir.as_ref(), temp.path(), &none, Disk(room), archive);
            let error = error.err().expect("room for the whole archive").to_string();
            assert!(error.contains("cannot write archive `disk/cache.tar.zst`"), "{error}");
        }
        assert!(write(dir.as_ref(), temp.path(), &none, Disk(200_000), archive).is_ok());
    }
}
