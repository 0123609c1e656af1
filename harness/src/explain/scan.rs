//! Looks for text in the caches that names this machine. It is a hint; the trials decide.
//!
//! Only file names and the kind of a finding are reported, never the content of a file: it may be a secret.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bench_reports::explain::NamedInCache;
use globset::GlobSet;

use crate::system::fs::tree::{Inventory, Kind};

/// Larger files are not configuration.
const MAX_BYTES: u64 = 1 << 20;
/// Most files that are read.
const MAX_FILES: usize = 20_000;
/// Flags that make an object depend on the processor that built it.
const NATIVE: [&str; 4] = ["-march=native", "-mtune=native", "-mcpu=native", "target-cpu=native"];
/// Files outside the caches that hold command lines.
const COMMANDS: [&str; 2] = ["build.ninja", "compile_commands.json"];

/// The text to look for.
pub(super) struct Patterns {
    kinds: Vec<(String, Vec<Vec<u8>>)>,
}

impl Patterns {
    /// The directories of the runner (by name), the host name, and flags for the processor.
    pub(super) fn new(places: &[(&str, &Path)], host: Option<&str>) -> Self {
        let mut kinds: Vec<(String, Vec<Vec<u8>>)> = places
            .iter()
            .map(|(name, path)| {
                ((*name).to_owned(), vec![path.to_string_lossy().as_bytes().to_vec()])
            })
            .collect();
        // A short name (`ci`, `runner`) is an ordinary word in many files.
        if let Some(host) = host.filter(|host| host.len() >= 6 && *host != "localhost") {
            kinds.push(("host name".to_owned(), vec![host.as_bytes().to_vec()]));
        }
        let native = NATIVE.iter().map(|flag| flag.as_bytes().to_vec()).collect();
        kinds.push(("flag for this processor".to_owned(), native));
        Self { kinds }
    }
}

/// Looks through the text files of `caches` (by name), the logs of the run that filled them, and the files of
/// command lines in `workspace`.
pub(super) fn scan(
    patterns: &Patterns,
    caches: &[(String, PathBuf)],
    logs: &Path,
    workspace: &Path,
) -> Vec<NamedInCache> {
    let mut counts: Vec<Option<NamedInCache>> = vec![None; patterns.kinds.len()];
    let mut left = MAX_FILES;
    let roots = caches.iter().map(|(name, path)| (name.as_str(), path.as_path(), false));
    for (name, root, only_commands) in
        roots.chain([("log", logs, false), ("workspace", workspace, true)])
    {
        // What cannot be listed is skipped: this is a hint, not evidence.
        let Ok(inventory) = Inventory::take(root, &GlobSet::empty()) else { continue };
        for (rel, entry) in &inventory.entries {
            let commands = rel.file_name().is_some_and(|n| COMMANDS.iter().any(|c| n == *c));
            let whole = entry.kind == Kind::File && entry.len <= MAX_BYTES;
            if !whole || (only_commands && !commands) || left == 0 {
                continue;
            }
            left -= 1;
            let Some(text) = read_text(&root.join(rel)) else { continue };
            for ((kind, needles), count) in patterns.kinds.iter().zip(&mut counts) {
                // Logs of this run name its paths anyway; only flags mean something there.
                let flag = kind.starts_with("flag");
                if (name == "log" && !flag) || !needles.iter().any(|needle| has(&text, needle)) {
                    continue;
                }
                let found = count.get_or_insert_with(|| NamedInCache {
                    kind: kind.clone(),
                    files: 0,
                    example: format!("{name}: {}", rel.display()),
                });
                found.files += 1;
            }
        }
    }
    counts.into_iter().flatten().collect()
}

/// The content, unless it holds a zero byte.
fn read_text(path: &Path) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path).ok()?.take(MAX_BYTES).read_to_end(&mut text).ok()?;
    (!text.contains(&0)).then_some(text)
}

fn has(text: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && text.windows(needle.len()).any(|window| window == needle)
}
