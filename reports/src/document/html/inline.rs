//! Words as HTML.

use std::fmt::Write as _;

use maud::{Markup, Render, html};

use crate::document::chart::Mark;
use crate::document::media::Media;
use crate::document::text;
use crate::document::words::{Inline, Tone, Words};

/// Characters of a name that a tool tip shows.
const LONGEST_TITLE: usize = 1_000;

/// Foreign text: the same text inside an element and inside an attribute. What a browser would obey rather than show
/// (control, bidirectional and format characters) is removed. Nothing foreign goes into a page in another way.
pub(super) struct Inert<'a>(pub(super) &'a str);

impl Render for Inert<'_> {
    fn render_to(&self, html: &mut String) {
        for c in text::visible(self.0).chars() {
            match c {
                '&' => html.push_str("&amp;"),
                '<' => html.push_str("&lt;"),
                '>' => html.push_str("&gt;"),
                '"' => html.push_str("&quot;"),
                '\'' => html.push_str("&#39;"),
                '`' => html.push_str("&#96;"),
                c => html.push(c),
            }
        }
    }
}

/// A name: cut where it is very long, and whole, as far as that is sensible, when pointed at.
pub(super) struct Named<'a>(pub(super) &'a str);

impl Render for Named<'_> {
    fn render_to(&self, html: &mut String) {
        let name = text::named(self.0);
        let shown = text::fit(name, text::LONGEST);
        if shown == text::visible(name) {
            return Inert(&shown).render_to(html);
        }
        let whole = text::cut(name, LONGEST_TITLE);
        html! { span title=(Inert(&whole)) { (Inert(&shown)) } }.render_to(html);
    }
}

impl Render for Words {
    fn render_to(&self, html: &mut String) {
        for piece in self.pieces() {
            piece.render_to(html);
        }
    }
}

impl Render for Inline {
    fn render_to(&self, html: &mut String) {
        match self {
            Self::Text(text) | Self::Quantity(text) => {
                Inert(&unbroken(&text.replace("->", "\u{2192}"))).render_to(html);
            }
            Self::Name(name) => Named(name).render_to(html),
            Self::Only(media, words) if media.meets(Media::HTML) => words.render_to(html),
            Self::Only(..) => {}
            Self::Key(mark, word) => key(*mark, word).render_to(html),
            other => element(other).render_to(html),
        }
    }
}

fn element(piece: &Inline) -> Markup {
    match piece {
        Inline::Code(text) => html! { code { (Named(text)) } },
        Inline::Setting(name, value) => html! {
            code {
                (Inert(&text::fit(text::named(name), text::LONGEST))) "="
                (Inert(&text::fit(value, text::LONGEST)))
            }
        },
        Inline::Strong(words) => html! { b { (words) } },
        Inline::Aside(words) => html! { span.aside { (words) } },
        Inline::Verdict(tone, word) => verdict(*tone, word),
        Inline::Link { to, words, label } => html! {
            a href=(Inert(to.as_str())) aria-label=[label.as_deref().map(Inert)] { (Inert(words)) }
        },
        Inline::Item(index, name) => html! { span data-example=(index) { (Named(name)) } },
        Inline::Sparkline { blocks, label } => html! {
            span.blocks role="img" aria-label=(Inert(label)) { (Inert(blocks)) }
        },
        Inline::Share(share) => share_bar(*share),
        Inline::Presence(true) => html! {
            span aria-hidden="true" { "\u{25cf}" } span.quiet-label { "with" }
        },
        Inline::Presence(false) => html! {
            span.quiet aria-hidden="true" { "\u{b7}" } span.quiet-label { "without" }
        },
        Inline::Moment { machine, shown } => html! {
            time datetime=(Inert(machine)) { (Inert(shown)) }
        },
        Inline::Break => html! { br; },
        Inline::Scripted(text) => html! { span.js { (Inert(text)) } },
        Inline::Text(_)
        | Inline::Quantity(_)
        | Inline::Name(_)
        | Inline::Key(..)
        | Inline::Only(..) => Markup::default(),
    }
}

/// A word with a sign and a colour; the word always stands there.
fn verdict(tone: Tone, word: &str) -> Markup {
    let (class, sign) = match tone {
        Tone::Bad => ("v bad", "\u{2717} "),
        Tone::Good => ("v good", "\u{2713} "),
        Tone::Worse => ("v bad", "\u{25b2} "),
        Tone::Better => ("v good", "\u{25bc} "),
        Tone::Mixed => ("v open", "~ "),
        Tone::Open => ("v open", "? "),
        Tone::Quiet => ("v quiet", "\u{2013} "),
    };
    html! { span class=(class) { span aria-hidden="true" { (sign) } (Inert(word)) } }
}

/// A mark as charts have it, and its word.
pub(super) fn key(mark: Mark, word: &str) -> Markup {
    let class = mark.class();
    html! {
        span.key {
            svg class={ "m " (class) } viewBox="0 0 12 12" aria-hidden="true" {
                @match mark {
                    Mark::Disc => { circle cx="6" cy="6" r="5" {} },
                    Mark::Square => { rect x="1" y="1" width="10" height="10" {} },
                    Mark::Triangle => { path d="M6 0L12 11H0Z" {} },
                    Mark::Down => { path d="M6 12L12 1H0Z" {} },
                    Mark::Diamond => { path d="M6 1.2L10.8 6L6 10.8L1.2 6Z" {} },
                    Mark::Cross => { path d="M2 2L10 10M10 2L2 10" {} },
                }
            }
            (Inert(word))
        }
    }
}

fn share_bar(share: f64) -> Markup {
    let mut width = String::new();
    // Writing to a String cannot fail.
    let _ = write!(width, "{:.1}", share.clamp(0.0, 1.0) * 100.0);
    html! {
        svg.share viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect.whole width="100" height="10" {}
            rect width=(width) height="10" {}
        }
        " "
    }
}

/// The text with its quantities kept on one line: no break between a number and its unit.
fn unbroken(text: &str) -> String {
    const UNITS: [&str; 8] = ["%", "s", "ms", "\u{b5}s", "B", "kB", "MB", "GB"];
    let mut words = text.split(' ');
    let mut joined = words.next().unwrap_or_default().to_owned();
    for word in words {
        let unit = word.trim_end_matches([')', ',', ';', ':', '.']);
        let number = joined.ends_with(|c: char| c.is_ascii_digit());
        joined.push(if number && UNITS.contains(&unit) { text::NO_BREAK } else { ' ' });
        joined.push_str(word);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_element_or_attribute() {
        let page = html! { p title=(Inert("\"'><b>")) { (Inert("<i>&amp;`\u{202e}")) } };
        assert_eq!(
            page.into_string(),
            "<p title=\"&quot;&#39;&gt;&lt;b&gt;\">&lt;i&gt;&amp;amp;&#96;</p>"
        );
    }

    #[test]
    fn a_number_and_its_unit_stay_on_one_line() {
        let words = Words::from("(19.8 s -> 2.47 s), 60 % of 3 MB; 7 runs `1 s`");
        assert_eq!(
            words.render().into_string(),
            "(19.8\u{a0}s \u{2192} 2.47\u{a0}s), 60\u{a0}% of 3\u{a0}MB; 7 runs <code>1 s</code>"
        );
    }
}
