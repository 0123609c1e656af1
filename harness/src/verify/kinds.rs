//! The kinds of files in a store, and one file of each to be damaged.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use globset::GlobSet;

use crate::system::fs::tree::{Inventory, Kind, TreeError};

/// Longest extension that names a kind; a longer one is part of the name.
const EXTENSION: usize = 12;

/// The files of one kind, smallest path first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileKind {
    /// `.rlib`, `ELF`, `text`, `binary ccac0101`.
    pub(super) name: String,
    pub(super) files: Vec<PathBuf>,
    pub(super) bytes: u64,
}

/// Groups the regular files of the tree at `root` by extension, and those without one by their first bytes.
/// Empty files cannot be damaged and are left out.
pub(super) fn kinds(root: &Path) -> Result<Vec<FileKind>, TreeError> {
    let inventory = Inventory::take(root, &GlobSet::empty())?;
    let mut named: BTreeMap<String, FileKind> = BTreeMap::new();
    let mut binaries: BTreeMap<String, Vec<(PathBuf, u64)>> = BTreeMap::new();
    for (path, entry) in inventory.entries {
        if entry.kind != Kind::File || entry.len == 0 {
            continue;
        }
        match extension(&path) {
            Some(extension) => add(&mut named, extension, path, entry.len),
            None => match magic(&root.join(&path))? {
                Magic::Known(name) => add(&mut named, name.to_owned(), path, entry.len),
                Magic::Bytes(bytes) => {
                    binaries.entry(bytes).or_default().push((path, entry.len));
                }
            },
        }
    }
    for (bytes, files) in binaries {
        // First bytes that only one file has are content, not a format.
        let name = if files.len() > 1 { format!("binary {bytes}") } else { "binary".to_owned() };
        for (path, len) in files {
            add(&mut named, name.clone(), path, len);
        }
    }
    Ok(named.into_values().collect())
}

fn add(kinds: &mut BTreeMap<String, FileKind>, name: String, path: PathBuf, len: u64) {
    let kind = kinds.entry(name.clone()).or_insert(FileKind { name, files: Vec::new(), bytes: 0 });
    kind.files.push(path);
    kind.bytes += len;
}

fn extension(path: &Path) -> Option<String> {
    let extension = path.extension()?.to_str()?;
    let short = (1..=EXTENSION).contains(&extension.len());
    let word = extension.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && extension.chars().any(|c| c.is_ascii_alphabetic());
    (short && word).then(|| format!(".{extension}"))
}

enum Magic {
    Known(&'static str),
    Bytes(String),
}

fn magic(path: &Path) -> Result<Magic, TreeError> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(512).read_to_end(&mut head));
    read.map_err(TreeError::io("read", path))?;
    let known: [(&[u8], &str); 7] = [
        (b"\x7fELF", "ELF"),
        (b"!<arch>\n", "ar"),
        (b"PK\x03\x04", "zip"),
        (b"\x1f\x8b", "gzip"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"SQLite format 3\0", "sqlite"),
        (b"#!", "script"),
    ];
    if let Some((_, name)) = known.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Ok(Magic::Known(name));
    }
    // A character may be cut at the end of what was read.
    let text = match std::str::from_utf8(&head) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    };
    if text.is_some_and(|text| !text.contains(|c: char| c.is_control() && !c.is_whitespace())) {
        return Ok(Magic::Known("text"));
    }
    let first = [0, 1, 2, 3].map(|at| head.get(at).copied().unwrap_or(0));
    Ok(Magic::Bytes(format!("{:08x}", u32::from_be_bytes(first))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_grouped_by_extension_then_by_their_first_bytes() {
        let temp = tempfile::tempdir().unwrap();
        let files: [(&str, &[u8]); 9] = [
            ("a/liba-0f.rlib", b"!<arch>\nx"),
            ("a/libb-1f.rlib", b"!<arch>\ny"),
            ("a/prog-77aa", b"\x7fELF\x02"),
            ("0/xxR", b"\xcc\xac\x01\x00one"),
            ("0/yyR", b"\xcc\xac\x01\x00two"),
            ("0/zzM", b"\xcc\xac\x01\x01one"),
            ("fingerprint", b"0123456789abcdef"),
            ("v1.2", b"text"),
            ("empty.rlib", b""),
        ];
        for (path, content) in files {
            let path = temp.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let found: Vec<(String, usize)> = kinds(temp.path())
            .unwrap()
            .into_iter()
            .map(|kind| (kind.name, kind.files.len()))
            .collect();
        let expected =
            [(".rlib", 2), ("ELF", 1), ("binary", 1), ("binary ccac0100", 2), ("text", 2)];
        assert_eq!(found, expected.map(|(name, count)| (name.to_owned(), count)));
    }
}
