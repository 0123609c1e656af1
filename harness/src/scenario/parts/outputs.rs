//! `[outputs]`: what the measured phases make, and how it may be compared.

use super::context::Context;
use crate::scenario::globs::{GlobKind, Globs};
use crate::scenario::reader::{
    Fields, Shape, TableShape, all, optional, required, word_of, words_of,
};
use crate::scenario::writer::{Writer, list};

const NORMALISER_WORDS: &[&str] = &words_of(&Normaliser::ALL);

/// `[outputs]`
pub(super) static OUTPUTS: TableShape = TableShape {
    title: "[outputs]",
    doc: "What the measured phases make. Their digest is recorded: a warm output that differs from the cold one is a finding.",
    keys: &[
        required("paths", Shape::Filled(&Shape::Glob), "Files, relative to the workspace."),
        optional(
            "normalise",
            Shape::List(&Shape::Choice(NORMALISER_WORDS)),
            "none",
            "What `bench verify` takes out before it compares: the runner's own `paths`; the times in ar, tar, zip and gzip archives and in Python's compiled modules (`archive-times`).",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[outputs]\npaths = [\"build/**/*.hex\"]\nnormalise = [\"paths\"]",
};

/// What `[outputs]` says.
#[derive(Default)]
pub(super) struct Outputs {
    pub(super) paths: Globs,
    pub(super) normalise: Vec<Normaliser>,
}

/// Something in an output that depends on where or when it was made and not on what it was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Normaliser {
    /// The directories of a runner.
    Paths,
    /// Times in ar, tar, zip and gzip archives and in Python's compiled modules.
    ArchiveTimes,
}

impl Normaliser {
    /// Every normaliser with its name in the scenario file.
    pub const ALL: [(&'static str, Self); 2] =
        [("paths", Self::Paths), ("archive-times", Self::ArchiveTimes)];

    /// The name in the scenario file.
    pub fn as_str(self) -> &'static str {
        word_of(&Self::ALL, &self)
    }
}

pub(super) fn read(context: &Context<'_, '_>, file: &Fields<'_, '_>) -> Option<Outputs> {
    file.or_default("outputs", || {
        let outputs = file.table("outputs")?;
        let diagnostics = context.diagnostics;
        let paths = outputs
            .filled("paths")
            .and_then(|paths| Globs::compile(diagnostics, &paths, GlobKind::Path));
        let normalise = outputs.or_default("normalise", || {
            let words = outputs.texts("normalise")?;
            all(words.iter().map(|word| diagnostics.choice(word, &Normaliser::ALL)))
        });
        Some(Outputs { paths: paths?, normalise: normalise? })
    })
}

pub(super) fn write(writer: &mut Writer<'_>, paths: &Globs, normalise: &[Normaliser]) {
    if paths.is_empty() {
        return;
    }
    writer.header("[outputs]");
    writer.globs("paths", paths);
    if !normalise.is_empty() {
        writer.line("normalise", list(normalise.iter().map(|n| n.as_str())));
    }
}
