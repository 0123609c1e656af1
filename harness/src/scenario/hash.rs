//! The content hash of a scenario: two runs with the same one ran the same files.

use std::io;
use std::path::{Path, PathBuf};

use super::parts::Scenario;

/// Names of files that editors leave beside a file: they are not part of the scenario.
fn is_editor_backup(name: &str) -> bool {
    let swap = Path::new(name).extension().is_some_and(|end| end == "swp" || end == "swo");
    swap && name.starts_with('.')
        || name.ends_with('~')
        || name.starts_with(".#")
        || (name.starts_with('#') && name.ends_with('#'))
        || name == ".DS_Store"
}

impl Scenario {
    /// blake3 (hex) of every file of the scenario's folder and of the folders that it uses: relative path,
    /// content, executable bit; link targets for links. Only backup files of editors are left out. Where
    /// the folder lies, and when its files were written, does not matter.
    ///
    /// # Errors
    /// When a file cannot be read, or is neither file, directory nor link.
    pub fn content_hash(&self) -> io::Result<String> {
        let used = self.uses.iter().map(|used| (used.as_path(), self.dir.join(used)));
        let folders = std::iter::once((Path::new(""), self.dir.clone())).chain(used);
        hash_folders(folders)
    }
}

/// The hash of some folders under the names they are known by.
fn hash_folders<'a>(folders: impl Iterator<Item = (&'a Path, PathBuf)>) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    for (name, dir) in folders {
        field(&mut hasher, b'D', portable(name).as_bytes());
        hash_folder(&mut hasher, &dir)?;
    }
    Ok(hasher.finalize().to_hex().to_string())
}

fn hash_folder(hasher: &mut blake3::Hasher, dir: &Path) -> io::Result<()> {
    let walk = walkdir::WalkDir::new(dir).follow_root_links(true).min_depth(1);
    let mut files = Vec::new();
    for entry in walk {
        let entry = entry.map_err(io::Error::from)?;
        if entry.file_type().is_dir() || is_editor_backup(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let path = entry.path().strip_prefix(dir).unwrap_or(entry.path());
        files.push((portable(path), entry));
    }
    // The order of a walk depends on the separator; that of whole paths does not.
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (name, entry) in files {
        field(hasher, b'F', name.as_bytes());
        let kind = entry.file_type();
        if kind.is_symlink() {
            let target = std::fs::read_link(entry.path()).map_err(|e| naming(&e, entry.path()))?;
            field(hasher, b'L', portable(&target).as_bytes());
        } else if kind.is_file() {
            let content = std::fs::read(entry.path()).map_err(|e| naming(&e, entry.path()))?;
            let metadata = entry.metadata().map_err(io::Error::from)?;
            let tag = if is_executable(&metadata, &content) { b'X' } else { b'C' };
            field(hasher, tag, &content);
        } else {
            let what = format!(
                "`{}` is neither a file nor a directory nor a link",
                entry.path().display()
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        }
    }
    Ok(())
}

/// Tag, length, bytes: no two lists of fields give the same stream.
fn field(hasher: &mut blake3::Hasher, tag: u8, bytes: &[u8]) {
    hasher.update(&[tag]);
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

fn portable(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn naming(error: &io::Error, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("cannot read `{}`: {error}", path.display()))
}

#[cfg(unix)]
fn is_executable(metadata: &std::fs::Metadata, _content: &[u8]) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o111 != 0
}

/// Where files have no such bit, a script is what begins as one: as in a shipped scenario.
#[cfg(not(unix))]
fn is_executable(_metadata: &std::fs::Metadata, content: &[u8]) -> bool {
    content.starts_with(b"#!")
}
