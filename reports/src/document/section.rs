//! A document: its head and its sections.

use super::block::Blocks;
use super::media::Media;
use super::words::Words;

/// A part of a document with a heading.
#[derive(Clone, Debug)]
pub struct Section {
    pub(super) id: &'static str,
    pub(super) heading: Words,
    pub(super) headed: Media,
    pub(super) lead: Words,
    pub(super) folded: bool,
    pub(super) blocks: Blocks,
}

impl Section {
    /// A section. `id` is its anchor on a page: unique in the document.
    #[must_use]
    pub fn new(id: &'static str, heading: impl Into<Words>, blocks: Blocks) -> Self {
        Self {
            id,
            heading: heading.into(),
            headed: Media::ALL,
            lead: Words::new(),
            folded: false,
            blocks,
        }
    }

    /// The same with a sentence on how to read it. HTML only.
    #[must_use]
    pub fn lead(self, lead: impl Into<Words>) -> Self {
        Self { lead: lead.into(), ..self }
    }

    /// The same as something that is looked at when the rest raises a question: Markdown folds it.
    #[must_use]
    pub fn folded(self) -> Self {
        Self { folded: true, ..self }
    }

    /// The same, with its heading in some renderers only.
    #[must_use]
    pub fn headed(self, media: Media) -> Self {
        Self { headed: media, ..self }
    }
}

/// What stands above the sections; the terminal puts the conclusion below them, where its reader looks first.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// What kind of document it is, in two words. HTML only.
    pub kind: String,
    /// Which run, machine and params it is about: a few words each.
    pub facts: Vec<Words>,
    /// The answer, one paragraph each.
    pub conclusion: Vec<Words>,
    /// Verdicts and what each is about. HTML only: sections of the other renderers begin with theirs.
    pub verdicts: Vec<(Words, Words)>,
    /// What makes the answer less than it seems. HTML only.
    pub warnings: Vec<Words>,
}

/// A document.
#[derive(Clone, Debug)]
pub struct Document {
    pub(super) title: Words,
    pub(super) head: Head,
    pub(super) sections: Vec<Section>,
}

impl Document {
    /// A document.
    #[must_use]
    pub fn new(
        title: impl Into<Words>,
        head: Head,
        sections: impl IntoIterator<Item = Section>,
    ) -> Self {
        Self { title: title.into(), head, sections: sections.into_iter().collect() }
    }

    /// The sections of which a renderer draws something.
    pub(super) fn shown(&self, medium: Media) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(move |section| section.blocks.shown(medium).next().is_some())
    }
}
