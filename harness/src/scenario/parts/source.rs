//! `[source]`: the tree that the phases work on.

use std::path::{Component, Path, PathBuf};

use crate::scenario::reader::{Count, Fields, Group, Shape, TableShape, all, optional};
use crate::scenario::words::printable;
use crate::scenario::writer::{Writer, list, relative};

/// The folder beside the file whose files are the source of a scenario that ships it.
pub(super) const WORKSPACE: &str = "workspace";

/// `[source]`
pub(super) static SOURCE: TableShape = TableShape {
    title: "[source]",
    doc: "The tree that the phases work on. Absent or empty: the `workspace/` folder beside the file. `--source` replaces any of these.",
    keys: &[
        optional(
            "path",
            Shape::Text,
            "",
            "A directory on this machine, absolute or relative to the scenario's folder.",
        ),
        optional("git", Shape::Text, "", "URL or directory of a git repository."),
        optional(
            "rev",
            Shape::Text,
            "",
            "Tag or commit to check out. Pinned, because a moving branch cannot be compared with itself.",
        ),
        optional(
            "requires",
            Shape::List(&Shape::Text),
            "none",
            "Paths that every source must have, also one given with `--source`: another tree is refused before anything is measured.",
        ),
    ],
    groups: &[Group { count: Count::AtMostOne, keys: &["path", "git"] }],
    needs: &[("git", "rev"), ("rev", "git")],
    example: "[source]\ngit = \"https://github.com/FastLED/FastLED\"\nrev = \"3.6.0\"\nrequires = [\"src/FastLED.h\"]",
};

/// Where the source tree comes from. `--source` replaces any of these.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// The scenario's own `workspace/` folder.
    Shipped,
    /// A directory on this machine.
    Path(PathBuf),
    /// A git repository at a pinned revision.
    Git {
        /// URL or directory of the repository.
        url: String,
        /// Tag or commit.
        rev: String,
    },
}

/// Where the source comes from, and the paths that it must have.
pub(super) fn read(file: &Fields<'_, '_>, dir: &Path) -> Option<(Source, Vec<PathBuf>)> {
    if file.get("source").is_none() {
        return Some((shipped(file, dir)?, Vec::new()));
    }
    let source = file.table("source")?;
    let requires = source.or_default("requires", || requires(&source));
    let (has_path, has_git) = (source.get("path").is_some(), source.get("git").is_some());
    let path = source.text("path");
    let git = source.text("git");
    let rev = source.text("rev");
    let mut good = true;
    for text in [&path, &git, &rev].into_iter().flatten() {
        if text.value.trim().is_empty() || text.value.starts_with('-') {
            source.diagnostics.problem(
                text.span.clone(),
                format!("`{}` does not name a source", printable(text.value)),
                "neither empty nor an option".to_owned(),
            );
            good = false;
        }
    }
    if !good {
        return None;
    }
    let from = if has_path {
        Source::Path(dir.join(path?.value))
    } else if has_git {
        Source::Git { url: git?.value.to_owned(), rev: rev?.value.to_owned() }
    } else {
        shipped(&source, dir)?
    };
    Some((from, requires?))
}

fn shipped(at: &Fields<'_, '_>, dir: &Path) -> Option<Source> {
    if dir.join(WORKSPACE).is_dir() {
        return Some(Source::Shipped);
    }
    at.diagnostics.absence(
        at.span.clone(),
        "there is no source: no `[source]` with `path` or `git`, and no folder `workspace` beside this file",
        "put the files into `workspace/`, or name where they come from".to_owned(),
    );
    None
}

fn requires(source: &Fields<'_, '_>) -> Option<Vec<PathBuf>> {
    all(source.texts("requires")?.iter().map(|text| {
        let path = Path::new(text.value);
        let inside = !text.value.is_empty()
            && path.components().all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            source.diagnostics.problem(
                text.span.clone(),
                format!("`{}` is not a path inside the source", printable(text.value)),
                "write it relative, without `..`".to_owned(),
            );
        }
        inside.then(|| path.to_owned())
    }))
}

pub(super) fn write(writer: &mut Writer<'_>, source: &Source, requires: &[PathBuf], dir: &Path) {
    if *source == Source::Shipped && requires.is_empty() {
        return;
    }
    writer.header("[source]");
    match source {
        Source::Shipped => {}
        Source::Path(path) => writer.string("path", &relative(path, dir)),
        Source::Git { url, rev } => {
            writer.string("git", url);
            writer.string("rev", rev);
        }
    }
    if !requires.is_empty() {
        writer.line("requires", list(requires.iter().map(|path| path.to_string_lossy())));
    }
}
