//! Somebody's repository, which is only read, and no more of it than shows what it is built with.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// No file that says how a project is built is larger; more is not read.
const MAX_BYTES: u64 = 1 << 20;

/// The directory to look at.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// A project in `root`.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Whether it is in a git work tree.
    pub(super) fn is_git(&self) -> bool {
        self.git().is_some()
    }

    /// The root of the git work tree.
    fn git(&self) -> Option<&Path> {
        self.root.ancestors().find(|dir| dir.join(".git").exists())
    }

    /// The way from the project up to the root of the git work tree and back down: `../../` and `a/b/`. Both are
    /// empty where the project is that root, or in no work tree.
    pub(super) fn ways(&self) -> (String, String) {
        let below = self.git().and_then(|git| self.root.strip_prefix(git).ok());
        let parts: Vec<_> =
            below.into_iter().flatten().map(|part| part.to_string_lossy()).collect();
        let down = parts.iter().flat_map(|part| [part.as_ref(), "/"]).collect();
        ("../".repeat(parts.len()), down)
    }

    /// Whether there is such a file.
    pub(super) fn has(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    /// The text of a file; none when there is none, or it is too large or no text.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        let path = self.root.join(path);
        if !path.is_file() {
            return None;
        }
        let mut text = String::new();
        File::open(path).ok()?.take(MAX_BYTES + 1).read_to_string(&mut text).ok()?;
        (text.len() as u64 <= MAX_BYTES).then_some(text)
    }

    /// Whether a file is there and contains this text.
    pub(super) fn says(&self, path: &str, wanted: &str) -> bool {
        self.text(path).is_some_and(|text| text.contains(wanted))
    }

    /// Names of the files directly in a directory that end so, sorted.
    pub(super) fn files(&self, dir: &str, ends: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.root.join(dir))
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.path().is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| ends.iter().any(|end| name.ends_with(end)))
            .collect();
        names.sort();
        names
    }

    /// Whether a file that ends so is at most `depth` directories down; hidden ones are not looked at.
    pub(super) fn any_below(&self, end: &str, depth: usize) -> bool {
        let hidden = |entry: &walkdir::DirEntry| {
            entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.')
        };
        walkdir::WalkDir::new(&self.root)
            .max_depth(depth + 1)
            .into_iter()
            .filter_entry(|entry| !hidden(entry))
            .flatten()
            .any(|entry| {
                entry.file_type().is_file() && entry.file_name().to_string_lossy().ends_with(end)
            })
    }
}
