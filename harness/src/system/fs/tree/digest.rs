//! One digest for the content of a tree, the same wherever and whenever it was written.

use std::io::Read;
use std::path::Path;

use globset::{GlobSet, GlobSetBuilder};

use super::{TreeError, walk};
use crate::system::fs::rooted::{Kind, name_bytes};

/// BLAKE3, in hex, over the sorted relative paths of the files and links that match `include`, their
/// contents or targets, and whether the owner may execute them. Times, other mode bits and directories do
/// not count. Nothing when no file matches.
///
/// # Errors
/// When a file cannot be read.
pub fn digest(root: &Path, include: &GlobSet) -> Result<Option<String>, TreeError> {
    let none = GlobSetBuilder::new().build().unwrap_or_default();
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 128 * 1024];
    let mut any = false;
    let Some(dir) = walk::root(root)? else { return Ok(None) };
    walk::walk(&dir, root, &none, |found| {
        if !matches!(found.stat.kind, Kind::File | Kind::Symlink) || !include.is_match(found.rel) {
            return Ok(());
        }
        any = true;
        // A length before every part: no two trees give the same bytes.
        let mut part = |kind: u8, bytes: &[u8]| {
            hasher.update(&[kind]);
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        for name in found.rel {
            part(b'/', &name_bytes(name));
        }
        let path = root.join(found.rel);
        if found.stat.kind == Kind::Symlink {
            let target = found.dir.read_link(found.name);
            let target = target.map_err(TreeError::io("read link", &path))?;
            part(b'l', &name_bytes(target.as_os_str()));
            return Ok(());
        }
        let mut content = blake3::Hasher::new();
        let mut file = found.dir.read(found.name).map_err(TreeError::io("open", &path))?;
        loop {
            let read = file.read(&mut buffer).map_err(TreeError::io("read", &path))?;
            if read == 0 {
                break;
            }
            content.update(&buffer[..read]);
        }
        let kind = if found.stat.mode & 0o100 == 0 { b'f' } else { b'x' };
        part(kind, content.finalize().as_bytes());
        Ok::<(), TreeError>(())
    })?;
    Ok(any.then(|| hasher.finalize().to_hex().to_string()))
}
