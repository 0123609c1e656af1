//! Words as plain text.

use crate::document::media::Media;
use crate::document::text;
use crate::document::words::{Inline, Words};

/// The words as a terminal shows them, still to be wrapped: nothing in them is obeyed, foreign names are cut.
pub(super) fn plain(words: &Words) -> String {
    let mut shown = String::new();
    push(&mut shown, words);
    shown
}

fn push(shown: &mut String, words: &Words) {
    for piece in words.pieces() {
        match piece {
            Inline::Text(part) => shown.push_str(&text::visible(part)),
            // A quantity is never broken.
            Inline::Quantity(part) => {
                shown.push_str(&text::visible(part).replace(' ', &text::NO_BREAK.to_string()));
            }
            Inline::Code(part) => shown.push_str(&text::quoted(part)),
            Inline::Name(name) | Inline::Item(_, name) => {
                shown.push_str(&text::fit(text::named(name), text::LONGEST));
            }
            Inline::Setting(name, value) => {
                shown.push_str(&text::fit(text::named(name), text::LONGEST));
                shown.push('=');
                shown.push_str(&text::fit(value, text::LONGEST));
            }
            Inline::Strong(words) | Inline::Aside(words) => push(shown, words),
            Inline::Verdict(_, word) | Inline::Key(_, word) | Inline::Link { words: word, .. } => {
                shown.push_str(&text::fit(word, text::LONGEST));
            }
            Inline::Sparkline { blocks, .. } => shown.push_str(&text::visible(blocks)),
            Inline::Presence(there) => shown.push_str(if *there { "yes" } else { "-" }),
            Inline::Moment { shown: moment, .. } => shown.push_str(&text::visible(moment)),
            Inline::Break => shown.push(' '),
            Inline::Only(media, words) if media.meets(Media::TERMINAL) => push(shown, words),
            Inline::Only(..) | Inline::Share(_) | Inline::Scripted(_) => {}
        }
    }
}
