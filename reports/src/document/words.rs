//! Typed text of one line or paragraph.

use std::fmt::Write as _;

use super::chart::Mark;
use super::media::Media;

/// What stands where nothing was measured.
pub const NOTHING: &str = "-";

/// What a verdict means to the reader. Every renderer shows the word itself; a tone only adds a sign or a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something is wrong.
    Bad,
    /// It is as it should be.
    Good,
    /// It has become worse.
    Worse,
    /// It has become better.
    Better,
    /// Neither the one nor the other.
    Mixed,
    /// It cannot be said.
    Open,
    /// Nothing is said.
    Quiet,
}

/// Where a link leads; only HTML has links, the other renderers show their words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link(String);

impl Link {
    /// An anchor of the same document: a section, or a row with an anchor.
    #[must_use]
    pub fn anchor(anchor: &str) -> Self {
        Self(format!("#{anchor}"))
    }

    /// A file below `base`, a relative address that is encoded already and has no slash at its end. `None` where a
    /// segment would lead elsewhere.
    #[must_use]
    pub fn file(base: &str, segments: &[&str]) -> Option<Self> {
        let mut address = base.to_owned();
        for segment in segments {
            address.push('/');
            address.push_str(&address_segment(segment)?);
        }
        Some(Self(address))
    }

    /// The address.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// One segment of a relative address; `None` for one that would lead elsewhere.
#[must_use]
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

/// A piece of text with a meaning.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Inline {
    Text(String),
    Quantity(String),
    Code(String),
    Name(String),
    Setting(String, String),
    Strong(Words),
    Aside(Words),
    Verdict(Tone, String),
    Key(Mark, String),
    Link { to: Link, words: String, label: Option<String> },
    Item(usize, String),
    Sparkline { blocks: String, label: String },
    Share(f64),
    Presence(bool),
    Moment { machine: String, shown: String },
    Break,
    Scripted(String),
    Only(Media, Words),
}

/// Typed text: a sentence, a cell, a heading. Whatever it is made of, it is shown and never obeyed.
///
/// `From<&str>` and `From<String>` read the convention of the sentences that summaries hold: see [`Words::sentence`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words(Vec<Inline>);

impl Words {
    /// No text yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds plain text.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.with(Inline::Text(text.into()))
    }

    /// Adds a sentence in which foreign text stands between backticks, as [`super::text::quoted`] puts it there: those
    /// parts become [`code`](Self::code), the rest plain text.
    #[must_use]
    pub fn sentence(mut self, sentence: &str) -> Self {
        for (index, part) in sentence.split('`').enumerate() {
            if index % 2 == 1 {
                self.0.push(Inline::Code(part.to_owned()));
            } else if !part.is_empty() {
                self.0.push(Inline::Text(part.to_owned()));
            }
        }
        self
    }

    /// Adds a number with its unit, as the functions of [`super::units`] write them: never broken between the two.
    #[must_use]
    pub fn quantity(self, quantity: impl Into<String>) -> Self {
        self.with(Inline::Quantity(quantity.into()))
    }

    /// Adds a foreign name, a path, an option or a command inside a sentence: set apart from the words around it.
    #[must_use]
    pub fn code(self, text: impl Into<String>) -> Self {
        self.with(Inline::Code(text.into()))
    }

    /// Adds a foreign name that stands alone, such as a title or a cell: set apart only where it could do harm.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        self.with(Inline::Name(name.into()))
    }

    /// Adds a foreign name and its value, which may be empty: `jobs=2`.
    #[must_use]
    pub fn setting(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(Inline::Setting(name.into(), value.into()))
    }

    /// Adds words that matter the most.
    #[must_use]
    pub fn strong(self, words: impl Into<Self>) -> Self {
        self.with(Inline::Strong(words.into()))
    }

    /// Adds words that matter less.
    #[must_use]
    pub fn aside(self, words: impl Into<Self>) -> Self {
        self.with(Inline::Aside(words.into()))
    }

    /// Adds the word of a verdict, with its sign or colour.
    #[must_use]
    pub fn verdict(self, tone: Tone, word: impl Into<String>) -> Self {
        self.with(Inline::Verdict(tone, word.into()))
    }

    /// Adds a word with the mark that it has in charts.
    #[must_use]
    pub fn key(self, mark: Mark, word: impl Into<String>) -> Self {
        self.with(Inline::Key(mark, word.into()))
    }

    /// Adds a link.
    #[must_use]
    pub fn link(self, to: Link, words: impl Into<String>) -> Self {
        self.with(Inline::Link { to, words: words.into(), label: None })
    }

    /// Adds a link whose words say too little to be read out alone; `label` is read out instead.
    #[must_use]
    pub fn labelled_link(
        self,
        to: Link,
        words: impl Into<String>,
        label: impl Into<String>,
    ) -> Self {
        self.with(Inline::Link { to, words: words.into(), label: Some(label.into()) })
    }

    /// Adds a foreign name that opens the item with this index of the page's data.
    #[must_use]
    pub fn item(self, index: usize, name: impl Into<String>) -> Self {
        self.with(Inline::Item(index, name.into()))
    }

    /// Adds a line of block characters, and what it shows in words for who cannot see it.
    #[must_use]
    pub fn sparkline(self, blocks: impl Into<String>, label: impl Into<String>) -> Self {
        self.with(Inline::Sparkline { blocks: blocks.into(), label: label.into() })
    }

    /// Adds a share of one as a small bar; its number must stand beside it. HTML only.
    #[must_use]
    pub fn share(self, share: f64) -> Self {
        self.with(Inline::Share(share))
    }

    /// Adds a sign for "with" or "without", to fill a matrix.
    #[must_use]
    pub fn presence(self, there: bool) -> Self {
        self.with(Inline::Presence(there))
    }

    /// Adds a moment: for machines (RFC 3339), and as people read it.
    #[must_use]
    pub fn moment(self, machine: impl Into<String>, shown: impl Into<String>) -> Self {
        self.with(Inline::Moment { machine: machine.into(), shown: shown.into() })
    }

    /// Begins a new line; a space outside of HTML.
    #[must_use]
    pub fn line_break(self) -> Self {
        self.with(Inline::Break)
    }

    /// Adds text about what only a page whose script runs can do. HTML only.
    #[must_use]
    pub fn scripted(self, text: impl Into<String>) -> Self {
        self.with(Inline::Scripted(text.into()))
    }

    /// Adds words that only some renderers show.
    #[must_use]
    pub fn only(self, media: Media, words: impl Into<Self>) -> Self {
        self.with(Inline::Only(media, words.into()))
    }

    /// Adds other words.
    #[must_use]
    pub fn then(mut self, words: impl Into<Self>) -> Self {
        self.0.extend(words.into().0);
        self
    }

    /// Several words with plain text between them.
    #[must_use]
    pub fn joined(words: impl IntoIterator<Item = impl Into<Self>>, between: &str) -> Self {
        words.into_iter().enumerate().fold(Self::new(), |all, (index, one)| {
            let all = if index == 0 { all } else { all.text(between) };
            all.then(one)
        })
    }

    /// Whether it says nothing: no text, or [`super::NOTHING`].
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.0.iter().all(|piece| match piece {
            Inline::Text(text) | Inline::Quantity(text) => text.is_empty() || text == NOTHING,
            Inline::Strong(words) | Inline::Aside(words) | Inline::Only(_, words) => {
                words.is_nothing()
            }
            _ => false,
        })
    }

    /// Whether a renderer shows none of it.
    pub(super) fn is_hidden(&self, medium: Media) -> bool {
        self.0.iter().all(|piece| matches!(piece, Inline::Only(media, _) if !media.meets(medium)))
    }

    /// The tone of the first verdict in it.
    pub(super) fn tone(&self) -> Option<Tone> {
        self.0.iter().find_map(|piece| match piece {
            Inline::Verdict(tone, _) => Some(*tone),
            Inline::Strong(words) | Inline::Aside(words) => words.tone(),
            _ => None,
        })
    }

    /// Its pieces.
    pub(super) fn pieces(&self) -> &[Inline] {
        &self.0
    }

    fn with(mut self, piece: Inline) -> Self {
        self.0.push(piece);
        self
    }
}

impl From<&str> for Words {
    fn from(sentence: &str) -> Self {
        Self::new().sentence(sentence)
    }
}

impl From<String> for Words {
    fn from(sentence: String) -> Self {
        Self::new().sentence(&sentence)
    }
}

impl From<&String> for Words {
    fn from(sentence: &String) -> Self {
        Self::new().sentence(sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stays_below_its_directory() {
        assert_eq!(address_segment("b001-candidate-cold").as_deref(), Some("b001-candidate-cold"));
        assert_eq!(address_segment("../x?#\"").as_deref(), Some("..%2Fx%3F%23%22"));
        assert_eq!(address_segment(".."), None);
        assert_eq!(address_segment(""), None);
        let link = Link::file("../logs", &["a b", "c.err"]).expect("both segments are names");
        assert_eq!(link.as_str(), "../logs/a%20b/c.err");
        assert_eq!(Link::file("../logs", &[".."]), None);
    }

    #[test]
    fn a_sentence_is_split_at_its_backticks() {
        assert_eq!(
            Words::from("cache `x` saved nothing"),
            Words::new().text("cache ").code("x").text(" saved nothing")
        );
    }

    #[test]
    fn a_dash_says_nothing_and_a_name_says_something() {
        assert!(Words::from("-").is_nothing() && Words::new().is_nothing());
        assert!(!Words::new().name("").is_nothing() && !Words::from("0").is_nothing());
    }
}
