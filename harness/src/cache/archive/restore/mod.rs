//! Restores an archive that is not trusted.
//!
//! One thread decodes and decides, the others write. An entry is only ever created by its last name in a
//! directory that this restore made and that was opened within the root through no link
//! ([`Dir::descend`]), with `O_EXCL`: whatever the archive says, nothing outside the root is opened for
//! writing, and no existing file is. Hard links come last, between two such names. Symbolic links are kept as
//! written, wherever they point, and never followed.

mod write;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use tar::EntryType;

use self::write::{Batch, Dirs, HardLink, Parent, Restoring, Small, finish_file, lock};
use super::ArchiveError;
use super::format::{Reader, TarEntry};
use crate::system::fs::rooted::{Dir, Kind, Mounts, name_from_bytes};

/// Bytes of content that a writer gets at once: enough to be worth sending, few enough to stay in the processor's cache.
const BATCH: usize = 256 * 1024;
/// Batches that may wait for a writer.
const QUEUE: usize = 8;
const BUFFER: usize = 256 * 1024;
/// Permission bits; set-id and sticky bits do not belong in a cache.
const RIGHTS: u32 = 0o777;

/// What was restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Names of files and symbolic links.
    pub files: u64,
    /// Bytes of content; a file with several names counts once.
    pub bytes: u64,
}

/// Restores `archive` to `root`, which must be absent or an empty directory.
///
/// # Errors
/// When `root` has content; when the archive is cut short or damaged; when an entry is absolute, holds `..`,
/// lies behind a link, appears twice, is a hard link to anything but a file of this archive, or a device; and
/// for the first entry that cannot be written. A part of the tree is left at `root` then.
pub fn restore(archive: &Path, root: &Path) -> Result<Restored, ArchiveError> {
    let unread = |source| ArchiveError::Open { archive: archive.to_owned(), source };
    let file = File::open(archive).map_err(unread)?;
    let stream = zstd::Decoder::new(file).map_err(unread)?;
    let context =
        Restoring { archive, root, dir: empty_root(archive, root)?, failed: Mutex::default() };
    let writers = thread::available_parallelism().map_or(1, usize::from);
    let (sender, receiver) = sync_channel(QUEUE);
    let receiver = Mutex::new(receiver);
    let (read, dirs, links, restored) = thread::scope(|scope| {
        for _ in 0..writers {
            scope.spawn(|| context.write_batches(&receiver));
        }
        let mut unpacker = Unpacker {
            context: &context,
            known: HashMap::new(),
            dirs: BTreeMap::new(),
            links: Vec::new(),
            parent: None,
            batch: None,
            sender,
            restored: Restored::default(),
            last: PathBuf::new(),
        };
        let read = unpacker.unpack(&mut Reader::new(stream));
        // Dropping the sender ends the writers.
        let Unpacker { dirs, links, restored, .. } = unpacker;
        (read, dirs, links, restored)
    });
    // If a writer failed, that is the cause of a failure here.
    if let Some(error) = lock(&context.failed).take() {
        return Err(error);
    }
    read?;
    context.link(links)?;
    context.finish(dirs)?;
    Ok(restored)
}

fn empty_root(archive: &Path, root: &Path) -> Result<Dir, ArchiveError> {
    let refused =
        |why| ArchiveError::Root { archive: archive.to_owned(), root: root.to_owned(), why };
    let failed = |what| {
        move |source| ArchiveError::Restore {
            archive: archive.to_owned(),
            what,
            path: root.to_owned(),
            source,
        }
    };
    match fs::symlink_metadata(root) {
        Ok(found) if found.is_dir() => {
            let dir = Dir::open(root).map_err(failed("open"))?;
            if !dir.entries().map_err(failed("list"))?.is_empty() {
                return Err(refused("the directory is not empty"));
            }
            Ok(dir)
        }
        Ok(_) => Err(refused("it is not a directory")),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir_all(root).map_err(failed("create"))?;
            Dir::open(root).map_err(failed("open"))
        }
        Err(error) => Err(failed("look at")(error)),
    }
}

/// Decodes the archive and decides what is written.
struct Unpacker<'a> {
    context: &'a Restoring<'a>,
    /// Everything that was created or is about to be.
    known: HashMap<PathBuf, Kind>,
    /// Directories; those without an entry keep the mode and time that they were created with.
    dirs: Dirs,
    links: Vec<HardLink>,
    /// The directory of the last entry: entries are sorted by directory.
    parent: Option<Arc<Parent>>,
    batch: Option<Batch>,
    sender: SyncSender<Batch>,
    restored: Restored,
    /// The current entry, for messages.
    last: PathBuf,
}

impl Unpacker<'_> {
    fn unpack(&mut self, reader: &mut Reader<impl Read>) -> Result<(), ArchiveError> {
        while let Some(entry) = reader.next().map_err(|why| self.damaged(why))? {
            let rel = self.relative(&entry.name)?;
            self.last.clone_from(&rel);
            match entry.kind {
                EntryType::Regular => self.file(rel, &entry, reader)?,
                EntryType::Directory => {
                    self.make_dir(&rel)?;
                    // Mode and time are set at the end.
                    self.dirs.insert(rel, Some((entry.mode & RIGHTS, entry.mtime_ns)));
                }
                EntryType::Symlink => self.symlink(rel, entry)?,
                EntryType::Link => self.hard_link(rel, &entry)?,
                EntryType::Char | EntryType::Block | EntryType::Fifo => {
                    return Err(self.refused("is a device or fifo, which no cache holds"));
                }
                other => {
                    let letter = char::from(other.as_byte());
                    return Err(self.refused(&format!("has the unknown type `{letter}`")));
                }
            }
            // A full disk should not be noticed only at the end of a large archive.
            if lock(&self.context.failed).is_some() {
                return Ok(());
            }
        }
        self.flush();
        Ok(())
    }

    /// The path that a name stands for within the root; empty for the root itself.
    fn relative(&self, name: &[u8]) -> Result<PathBuf, ArchiveError> {
        let shown = String::from_utf8_lossy(&name[..name.len().min(300)]).into_owned();
        let refused = |why: &str| ArchiveError::Refused {
            archive: self.context.archive.to_owned(),
            entry: shown.clone().into(),
            why: why.to_owned(),
        };
        if name.is_empty() {
            return Err(refused("has no name"));
        }
        if name.starts_with(b"/") {
            return Err(refused("is an absolute path"));
        }
        let mut rel = PathBuf::new();
        for part in name.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => return Err(refused("holds `..`")),
                _ if part.contains(&0) => return Err(refused("holds a zero byte")),
                _ => rel.push(
                    name_from_bytes(part.to_vec()).map_err(|error| refused(&error.to_string()))?,
                ),
            }
        }
        Ok(rel)
    }

    fn file(
        &mut self,
        rel: PathBuf,
        entry: &TarEntry,
        reader: &mut Reader<impl Read>,
    ) -> Result<(), ArchiveError> {
        let (parent, name) = self.claim(rel, Kind::File)?;
        self.restored.files += 1;
        self.restored.bytes += entry.size;
        let mode = entry.mode & RIGHTS;
        if entry.size >= BATCH as u64 {
            return self.large(&parent, &name, entry, reader);
        }
        let len = entry.size as usize;
        let full = self.batch.as_ref().is_some_and(|batch| {
            !Arc::ptr_eq(&batch.parent, &parent) || batch.content.len() + len > BATCH
        });
        if full {
            self.flush();
        }
        let mut batch = self.batch.take().unwrap_or_else(|| Batch {
            parent,
            files: Vec::new(),
            content: Vec::with_capacity(BATCH),
        });
        let start = batch.content.len();
        batch.content.resize(start + len, 0);
        let mut filled = start;
        while filled < start + len {
            let read = reader.content(&mut batch.content[filled..]);
            filled += read.map_err(|why| self.damaged(why))?;
        }
        batch.files.push(Small { name, mode, mtime_ns: entry.mtime_ns, len });
        self.batch = Some(batch);
        Ok(())
    }

    /// Writes the file while it is decoded, so that memory stays small.
    fn large(
        &self,
        parent: &Parent,
        name: &OsString,
        entry: &TarEntry,
        reader: &mut Reader<impl Read>,
    ) -> Result<(), ArchiveError> {
        let mode = entry.mode & RIGHTS;
        let created = parent.dir.create(name, mode);
        let mut file = created.map_err(self.context.failure("write", &self.last))?;
        let mut buffer = vec![0; BUFFER];
        loop {
            let read = reader.content(&mut buffer).map_err(|why| self.damaged(why))?;
            if read == 0 {
                break;
            }
            let written = file.write_all(&buffer[..read]);
            written.map_err(self.context.failure("write", &self.last))?;
        }
        finish_file(&file, mode, entry.mtime_ns)
            .map_err(self.context.failure("set mode and time of", &self.last))
    }

    fn symlink(&mut self, rel: PathBuf, entry: TarEntry) -> Result<(), ArchiveError> {
        let target = name_from_bytes(entry.target)
            .map_err(|error| self.refused(&format!("has a bad target: {error}")))?;
        let (parent, name) = self.claim(rel, Kind::Symlink)?;
        self.restored.files += 1;
        parent
            .dir
            .symlink(&name, Path::new(&target))
            .and_then(|()| parent.dir.set_mtime_of(&name, entry.mtime_ns))
            .map_err(self.context.failure("create link", &self.last))
    }

    fn hard_link(&mut self, rel: PathBuf, entry: &TarEntry) -> Result<(), ArchiveError> {
        let target = self.relative(&entry.target).map_err(|_| {
            let target = String::from_utf8_lossy(&entry.target);
            self.refused(&format!("is a hard link to `{target}`, outside the archive"))
        })?;
        if self.known.get(&target) != Some(&Kind::File) {
            let target = target.display();
            return Err(self.refused(&format!(
                "is a hard link to `{target}`, which is not an earlier file of the archive"
            )));
        }
        self.claim(rel.clone(), Kind::File)?;
        self.restored.files += 1;
        self.links.push(HardLink { rel, target });
        Ok(())
    }

    /// Reserves a name that is not a directory and opens what it goes into.
    fn claim(&mut self, rel: PathBuf, kind: Kind) -> Result<(Arc<Parent>, OsString), ArchiveError> {
        let (Some(parent), Some(name)) = (rel.parent(), rel.file_name()) else {
            return Err(self.refused("stands for the root and is not a directory"));
        };
        let parent = self.open_parent(parent)?;
        let name = name.to_owned();
        if self.known.insert(rel, kind).is_some() {
            return Err(self.refused("appears twice"));
        }
        Ok((parent, name))
    }

    fn open_parent(&mut self, rel: &Path) -> Result<Arc<Parent>, ArchiveError> {
        if let Some(parent) = self.parent.as_ref().filter(|parent| parent.rel == rel) {
            return Ok(Arc::clone(parent));
        }
        self.make_dir(rel)?;
        let dir = self.context.dir.descend(rel, Mounts::Stay);
        let dir = dir.map_err(self.context.failure("open", rel))?;
        let parent = Arc::new(Parent { rel: rel.to_owned(), dir });
        self.parent = Some(Arc::clone(&parent));
        Ok(parent)
    }

    /// Makes a directory and those above it that are not there yet.
    fn make_dir(&mut self, rel: &Path) -> Result<(), ArchiveError> {
        let mut missing = Vec::new();
        for above in rel.ancestors().take_while(|above| !above.as_os_str().is_empty()) {
            match self.known.get(above) {
                Some(Kind::Dir) => break,
                None => missing.push(above),
                Some(_) => {
                    let above = above.display();
                    return Err(
                        self.refused(&format!("goes through `{above}`, which is not a directory"))
                    );
                }
            }
        }
        for above in missing.into_iter().rev() {
            let failed = |error| self.context.failure("create", above)(error);
            let (parent, name) = self.context.split(above)?;
            parent.make_dir(name, 0o777).map_err(failed)?;
            self.known.insert(above.to_owned(), Kind::Dir);
            self.dirs.insert(above.to_owned(), None);
        }
        Ok(())
    }

    fn flush(&mut self) {
        if let Some(batch) = self.batch.take() {
            // Cannot fail: the writers run until this sender is dropped.
            let _ = self.sender.send(batch);
        }
    }

    fn damaged(&self, why: String) -> ArchiveError {
        ArchiveError::Damaged {
            archive: self.context.archive.to_owned(),
            entry: self.last.clone(),
            why,
        }
    }

    fn refused(&self, why: &str) -> ArchiveError {
        ArchiveError::Refused {
            archive: self.context.archive.to_owned(),
            entry: self.last.clone(),
            why: why.to_owned(),
        }
    }
}
