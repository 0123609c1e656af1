//! Words as Markdown.

use crate::document::media::Media;
use crate::document::text::{code, code_of_value, plain};
use crate::document::words::{Inline, Words};

/// The words on one line, every character of them inert.
pub(super) fn inline(words: &Words) -> String {
    words.pieces().iter().map(piece).collect()
}

fn piece(piece: &Inline) -> String {
    match piece {
        Inline::Text(text) | Inline::Quantity(text) => plain(text),
        Inline::Code(text) | Inline::Name(text) | Inline::Item(_, text) => code(text),
        Inline::Setting(name, value) => format!("{} = {}", code(name), code_of_value(value)),
        Inline::Strong(words) => format!("<b>{}</b>", inline(words)),
        Inline::Aside(words) => inline(words),
        Inline::Verdict(_, word) | Inline::Key(_, word) | Inline::Link { words: word, .. } => {
            plain(word)
        }
        Inline::Sparkline { blocks, .. } => plain(blocks),
        Inline::Presence(there) => if *there { "yes" } else { "-" }.to_owned(),
        Inline::Moment { shown, .. } => plain(shown),
        Inline::Break => " ".to_owned(),
        Inline::Only(media, words) if media.meets(Media::MARKDOWN) => inline(words),
        Inline::Only(..) | Inline::Share(_) | Inline::Scripted(_) => String::new(),
    }
}
