//! Copying a tree with all cores.
//!
//! A pool of threads takes directories from a stack. A directory is finished (mode, mtime) when the last
//! of its own entries is made; what happens deeper does not touch it any more.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use globset::GlobSet;

use super::content::CopyMethods;
use super::{Kind, TreeError};
use crate::system::fs::rooted::{self, Dir, Mounts, Stat};

/// Files of one directory that a thread takes at once.
const CHUNK: usize = 128;
const BUFFER: usize = 256 * 1024;

/// Which modification times the copy gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mtimes {
    /// Those of the source, to the nanosecond, directories and links included.
    Keep,
    /// The time of copying, as a fresh checkout gives.
    Fresh,
}

/// How to copy.
#[derive(Clone, Copy, Debug)]
pub struct CopyOptions<'a> {
    /// Modification times.
    pub mtimes: Mtimes,
    /// Relative paths that are left out.
    pub exclude: &'a GlobSet,
}

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TreeStats {
    /// Names of regular files.
    pub files: u64,
    /// Directories inside the root.
    pub dirs: u64,
    /// Symbolic links.
    pub symlinks: u64,
    /// Bytes of content; a file with several names counts once.
    pub bytes: u64,
    /// Sockets, fifos and devices, which are left out.
    pub skipped: u64,
}

/// Copies the tree at `from` to `to`, which must be absent or an empty directory.
///
/// Modes, symbolic links and hard links among the files of the tree are kept; no copy is ever a hard link
/// to its source. Owners and extended attributes are not kept, holes may be filled.
///
/// # Errors
/// When `from` is not a directory, `to` has content or lies inside `from`, and for the first entry that cannot
/// be read or written; then a part of the copy is left at `to`.
pub fn copy(from: &Path, to: &Path, options: &CopyOptions<'_>) -> Result<TreeStats, TreeError> {
    let source = from.canonicalize().map_err(TreeError::io("open directory", from))?;
    let source_dir = Dir::open(&source).map_err(TreeError::io("open directory", from))?;
    let target_dir = destination(from, &source, to)?;
    let copier = Copier {
        from,
        to,
        source: source_dir,
        target: target_dir,
        options,
        ways: CopyMethods::default(),
        linked: Mutex::default(),
        queue: Mutex::new(Queue {
            jobs: vec![CopyJob::Dir(PathBuf::new())],
            open: 1,
            failed: None,
        }),
        ready: Condvar::new(),
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let stats = thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(|| copier.work())).collect();
        let mut stats = copier.work();
        for worker in workers {
            let more = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            stats.files += more.files;
            stats.dirs += more.dirs;
            stats.symlinks += more.symlinks;
            stats.bytes += more.bytes;
            stats.skipped += more.skipped;
        }
        stats
    });
    match lock(&copier.queue).failed.take() {
        Some(error) => Err(error),
        None => Ok(stats),
    }
}

fn destination(from: &Path, source: &Path, to: &Path) -> Result<Dir, TreeError> {
    let refused = |why| TreeError::Destination { from: from.to_owned(), to: to.to_owned(), why };
    let created = match fs::symlink_metadata(to) {
        Ok(found) if found.is_dir() => false,
        Ok(_) => return Err(refused("the destination is not a directory")),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            // Looked at before it is made: a refusal leaves nothing behind.
            let above = to.ancestors().skip(1).find_map(|above| above.canonicalize().ok());
            if above.is_some_and(|above| above.starts_with(source)) {
                return Err(refused("the destination is inside the source"));
            }
            fs::create_dir_all(to).map_err(TreeError::io("create", to))?;
            true
        }
        Err(error) => return Err(TreeError::io("look at", to)(error)),
    };
    let target = to.canonicalize().map_err(TreeError::io("open directory", to))?;
    if target.starts_with(source) {
        return Err(refused("the destination is inside the source"));
    }
    let dir = Dir::open(&target).map_err(TreeError::io("open directory", to))?;
    if !created && !dir.entries().map_err(TreeError::io("list", to))?.is_empty() {
        return Err(refused("the destination is not empty"));
    }
    Ok(dir)
}

struct Copier<'a> {
    from: &'a Path,
    to: &'a Path,
    source: Dir,
    target: Dir,
    options: &'a CopyOptions<'a>,
    ways: CopyMethods,
    /// Where the content of an inode with several names was copied to; locked while it is.
    linked: Mutex<HashMap<(u64, u64), FirstName>>,
    queue: Mutex<Queue>,
    ready: Condvar,
}

/// The name in the destination, relative, once the file is there.
type FirstName = Arc<Mutex<Option<PathBuf>>>;

struct Queue {
    jobs: Vec<CopyJob>,
    /// Jobs waiting and in work.
    open: usize,
    failed: Option<TreeError>,
}

enum CopyJob {
    /// A directory that exists in the destination.
    Dir(PathBuf),
    /// Some files of a directory.
    Files(Arc<DirPair>, Vec<OsString>),
}

/// A directory and its copy.
struct DirPair {
    rel: PathBuf,
    from: Dir,
    to: Dir,
    stat: Stat,
}

/// What one thread has of its own.
struct Worker {
    stats: TreeStats,
    buffer: Vec<u8>,
}

impl Copier<'_> {
    fn work(&self) -> TreeStats {
        let mut worker = Worker { stats: TreeStats::default(), buffer: vec![0; BUFFER] };
        while let Some(job) = self.next() {
            let _done = Done(self);
            let outcome = match job {
                CopyJob::Dir(rel) => self.dir(rel, &mut worker),
                CopyJob::Files(pair, names) => self.files(pair, &names, &mut worker),
            };
            if let Err(error) = outcome {
                lock(&self.queue).failed.get_or_insert(error);
            }
        }
        worker.stats
    }

    fn next(&self) -> Option<CopyJob> {
        let mut queue = lock(&self.queue);
        loop {
            if queue.open == 0 || queue.failed.is_some() {
                return None;
            }
            // The last one in: depth first keeps the stack small.
            if let Some(job) = queue.jobs.pop() {
                return Some(job);
            }
            queue = self.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn push(&self, job: CopyJob) {
        let mut queue = lock(&self.queue);
        queue.jobs.push(job);
        queue.open += 1;
        self.ready.notify_one();
    }

    fn dir(&self, rel: PathBuf, worker: &mut Worker) -> Result<(), TreeError> {
        let path = self.from.join(&rel);
        let opened = self.source.descend(&rel, Mounts::Cross);
        let from = opened.map_err(TreeError::io("open directory", &path))?;
        let opened = self.target.descend(&rel, Mounts::Stay);
        let to = opened.map_err(TreeError::io("open directory", &self.to.join(&rel)))?;
        let stat = from.stat_self().map_err(TreeError::io("look at", &path))?;
        let entries = from.entries().map_err(TreeError::io("list", &path))?;
        let pair = Arc::new(DirPair { rel, from, to, stat });
        let mut files = Vec::new();
        for (name, kind) in entries {
            let rel = pair.rel.join(&name);
            if !self.options.exclude.is_empty() && self.options.exclude.is_match(&rel) {
                continue;
            }
            match kind {
                Kind::File => files.push(name),
                Kind::Dir => {
                    let made = pair.to.make_dir(&name, 0o700);
                    made.map_err(TreeError::io("create", &self.to.join(&rel)))?;
                    worker.stats.dirs += 1;
                    self.push(CopyJob::Dir(rel));
                }
                Kind::Symlink => self.symlink(&pair, &name, worker)?,
                Kind::Other => worker.stats.skipped += 1,
            }
        }
        while files.len() > CHUNK {
            let chunk = files.split_off(files.len() - CHUNK);
            self.push(CopyJob::Files(Arc::clone(&pair), chunk));
        }
        self.files(pair, &files, worker)
    }

    fn symlink(&self, pair: &DirPair, name: &OsStr, worker: &mut Worker) -> Result<(), TreeError> {
        let rel = pair.rel.join(name);
        let path = self.from.join(&rel);
        let copy = self.to.join(&rel);
        let target = pair.from.read_link(name).map_err(TreeError::io("read link", &path))?;
        pair.to.symlink(name, &target).map_err(TreeError::io("create", &copy))?;
        if self.options.mtimes == Mtimes::Keep {
            let stat = pair.from.stat(name).map_err(TreeError::io("look at", &path))?;
            let set = pair.to.set_mtime_of(name, stat.mtime_ns);
            set.map_err(TreeError::io("set the time of", &copy))?;
        }
        worker.stats.symlinks += 1;
        Ok(())
    }

    fn files(
        &self,
        pair: Arc<DirPair>,
        names: &[OsString],
        worker: &mut Worker,
    ) -> Result<(), TreeError> {
        for name in names {
            self.file(&pair, name, worker)?;
        }
        // Whoever has made the last of its entries finishes the directory.
        let Some(pair) = Arc::into_inner(pair) else { return Ok(()) };
        let path = self.to.join(&pair.rel);
        pair.to.set_mode(pair.stat.mode).map_err(TreeError::io("set the mode of", &path))?;
        if self.options.mtimes == Mtimes::Keep {
            let set = pair.to.set_mtime(pair.stat.mtime_ns);
            set.map_err(TreeError::io("set the time of", &path))?;
        }
        Ok(())
    }

    fn file(&self, pair: &DirPair, name: &OsStr, worker: &mut Worker) -> Result<(), TreeError> {
        let path = || self.from.join(&pair.rel).join(name);
        let copy = || self.to.join(&pair.rel).join(name);
        let mut from =
            pair.from.read(name).map_err(|error| TreeError::io("open", &path())(error))?;
        let stat =
            rooted::stat_file(&from).map_err(|error| TreeError::io("look at", &path())(error))?;
        worker.stats.files += 1;
        let slot = (stat.links > 1).then(|| {
            let mut linked = lock(&self.linked);
            Arc::clone(linked.entry((stat.dev, stat.inode)).or_default())
        });
        let mut first = slot.as_deref().map(lock);
        if let Some(existing) = first.as_deref().and_then(Option::as_ref) {
            let (parent, existing) =
                (existing.parent().unwrap_or(Path::new("")), existing.file_name());
            return self
                .target
                .descend(parent, Mounts::Stay)
                .and_then(|dir| dir.hard_link(existing.unwrap_or_default(), &pair.to, name))
                .map_err(|error| TreeError::io("create link", &copy())(error));
        }
        let mut to = pair
            .to
            .create(name, stat.mode)
            .map_err(|error| TreeError::io("create", &copy())(error))?;
        worker.stats.bytes += self
            .ways
            .copy(&mut from, &mut to, stat.len, &mut worker.buffer)
            .map_err(|error| TreeError::io("copy to", &copy())(error))?;
        rooted::set_file_mode(&to, stat.mode)
            .map_err(|error| TreeError::io("set the mode of", &copy())(error))?;
        if self.options.mtimes == Mtimes::Keep {
            rooted::set_file_mtime(&to, stat.mtime_ns)
                .map_err(|error| TreeError::io("set the time of", &copy())(error))?;
        }
        if let Some(first) = &mut first {
            **first = Some(pair.rel.join(name));
        }
        Ok(())
    }
}

/// A job in work; dropped when it ends, in a panic too, so that no other thread waits for it for ever.
struct Done<'a>(&'a Copier<'a>);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        let mut queue = lock(&self.0.queue);
        queue.open -= 1;
        if queue.open == 0 || queue.failed.is_some() {
            self.0.ready.notify_all();
        }
    }
}

/// A panic elsewhere ends the whole copy; what the lock guards is counted jobs and names.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
