//! Modules use those below them only, so that each can be read and tested without those above it.

use std::path::{Path, PathBuf};

/// From the bottom to the top; modules of one line do not know each other.
const LAYERS: [&[&str]; 8] = [
    &["document"],
    &["location", "stats", "explained"],
    &["grid", "quota"],
    &["ablate", "verify", "verdict", "series"],
    &["summary"],
    &["side_by_side", "export"],
    &["report"],
    &["recipe", "trend"],
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The module that a file of `src` belongs to.
fn module(file: &Path, src: &Path) -> String {
    let first = file.strip_prefix(src).unwrap().components().next().unwrap();
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn no_module_uses_one_above_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let level = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    let mut seen = 0;
    for file in files {
        let own = module(&file, &src);
        if own == "lib" {
            continue;
        }
        let own_level = level(&own).unwrap_or_else(|| panic!("`{own}` is in no layer"));
        let text = std::fs::read_to_string(&file).unwrap();
        for used in text.split("crate::").skip(1) {
            let used: String =
                used.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let Some(used_level) = level(&used) else { continue };
            seen += 1;
            assert!(
                used == own || used_level < own_level,
                "{}: `{own}` uses `{used}`",
                file.display()
            );
        }
    }
    assert!(seen > 20, "only {seen} uses were found");
}
