//! HTML under construction. Text can only get in escaped: the one way past the escaping function takes
//! `&'static str`, which no record can be.

use std::fmt::Write as _;

use serde::Serialize;

use super::super::RenderError;
use crate::document::chart::Svg;
use crate::document::text;

/// A piece of a document in which every foreign text is text.
#[derive(Clone, Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Markup that was written here.
    pub(super) fn new(html: &'static str) -> Self {
        Self(html.to_owned())
    }

    /// A text and nothing else.
    pub(super) fn of(text: &str) -> Self {
        Self::default().text(text)
    }

    /// Adds markup that was written here.
    pub(super) fn raw(mut self, html: &'static str) -> Self {
        self.0.push_str(html);
        self
    }

    /// Adds text.
    pub(super) fn text(mut self, text: &str) -> Self {
        escape_into(&mut self.0, text);
        self
    }

    /// Adds an attribute to the tag that is open.
    pub(super) fn attribute(mut self, name: &'static str, value: &str) -> Self {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        escape_into(&mut self.0, value);
        self.0.push('"');
        self
    }

    /// Adds another piece.
    pub(super) fn add(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// Adds several pieces.
    pub(super) fn all(self, others: impl IntoIterator<Item = Self>) -> Self {
        others.into_iter().fold(self, |all, one| all.add(&one))
    }

    /// Adds a sentence: parts in backticks are code, arrows of plain text are arrows.
    pub(super) fn sentence(mut self, sentence: &str) -> Self {
        for (index, part) in sentence.split('`').enumerate() {
            self = if index % 2 == 1 {
                self.raw("<code>").text(part).raw("</code>")
            } else {
                self.text(&unbroken(&part.replace("->", "\u{2192}")))
            };
        }
        self
    }

    /// Adds a name: cut where it is very long, and whole, as far as that is sensible, when pointed at.
    pub(super) fn name(self, name: &str) -> Self {
        let name = text::named(name);
        let shown = text::fit(name, text::LONGEST);
        if shown == text::visible(name) {
            return self.text(&shown);
        }
        let whole: String = name.chars().take(LONGEST_TITLE).collect();
        self.raw("<span").attribute("title", &whole).raw(">").text(&shown).raw("</span>")
    }

    /// Adds a chart.
    pub(super) fn chart(mut self, svg: &Svg) -> Self {
        self.0.push_str(svg.as_str());
        self
    }

    /// Adds data for the script, in a block that is never run: no character in it ends the block.
    ///
    /// # Errors
    /// When the data is no JSON.
    pub(super) fn data(
        mut self,
        id: &'static str,
        data: &impl Serialize,
    ) -> Result<Self, RenderError> {
        let json = serde_json::to_string(data)?;
        self = self.raw("<script type=\"application/json\"").attribute("id", id).raw(">");
        for c in json.chars() {
            match c {
                '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    // Writing to a String cannot fail.
                    let _ = write!(self.0, "\\u{:04x}", u32::from(c));
                }
                c => self.0.push(c),
            }
        }
        Ok(self.raw("</script>\n"))
    }

    /// What it is so far.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The document.
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

/// Characters of a name that a tool tip shows.
const LONGEST_TITLE: usize = 1_000;

/// The one escaping function: the text is the same text inside an element and inside a quoted attribute.
/// What a browser would obey rather than show (control, bidirectional and format characters) is removed.
fn escape_into(html: &mut String, foreign: &str) {
    for c in text::visible(foreign).chars() {
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

/// The text with its quantities kept on one line: no break between a number and its unit.
fn unbroken(text: &str) -> String {
    const UNITS: [&str; 8] = ["%", "s", "ms", "\u{b5}s", "B", "kB", "MB", "GB"];
    let mut words = text.split(' ');
    let mut joined = words.next().unwrap_or_default().to_owned();
    for word in words {
        let unit = word.trim_end_matches([')', ',', ';', ':', '.']);
        let number = joined.ends_with(|c: char| c.is_ascii_digit());
        joined.push(if number && UNITS.contains(&unit) { '\u{a0}' } else { ' ' });
        joined.push_str(word);
    }
    joined
}

/// One segment of a relative address; `None` for one that would lead elsewhere.
pub fn address_segment(name: &str) -> Option<String> {
    if name.is_empty() || name == "." || name == ".." {
        return None;
    }
    let mut address = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            address.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_element_or_attribute() {
        let html =
            Markup::new("<p").attribute("title", "\"'><b>").raw(">").text("<i>&amp;`").raw("</p>");
        assert_eq!(
            html.into_string(),
            "<p title=\"&quot;&#39;&gt;&lt;b&gt;\">&lt;i&gt;&amp;amp;&#96;</p>"
        );
    }

    #[test]
    fn a_number_and_its_unit_stay_on_one_line() {
        let html = Markup::default().sentence("(19.8 s -> 2.47 s), 60 % of 3 MB; 7 runs `1 s`");
        assert_eq!(
            html.into_string(),
            "(19.8\u{a0}s \u{2192} 2.47\u{a0}s), 60\u{a0}% of 3\u{a0}MB; 7 runs <code>1 s</code>"
        );
    }

    #[test]
    fn data_cannot_end_its_block() {
        let html = Markup::default()
            .data("d", &["</script><!--", "\u{2028}&"])
            .expect("it is JSON")
            .into_string();
        assert_eq!(
            html,
            "<script type=\"application/json\" id=\"d\">[\"\\u003c/script\\u003e\\u003c!--\",\"\\u2028\\u0026\"]</script>\n"
        );
    }

    #[test]
    fn an_address_stays_beneath_its_directory() {
        assert_eq!(address_segment("b001-candidate-cold").as_deref(), Some("b001-candidate-cold"));
        assert_eq!(address_segment("../x?#\"").as_deref(), Some("..%2Fx%3F%23%22"));
        assert_eq!(address_segment(".."), None);
        assert_eq!(address_segment(""), None);
    }
}
