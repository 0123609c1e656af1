//! Text that was not written here: names, reasons and paths from scenarios, tools and records.
//!
//! Everything that reaches a document passes through one of these functions first.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Longest piece of foreign text inside a sentence or a Markdown cell, in characters.
pub const LONGEST: usize = 80;

/// Longest sentence that a document repeats, in characters.
const LONGEST_SENTENCE: usize = 1_000;

/// What stands for a name that shows nothing: a button, a cell or a pair of quotes around it must not be empty.
pub const NO_NAME: &str = "(no name)";

/// What stands for a value that shows nothing.
const NO_VALUE: &str = "(empty)";

/// The name, or [`NO_NAME`] for one in which there is nothing to see.
pub fn named(name: &str) -> &str {
    seen(name, NO_NAME)
}

fn seen<'a>(text: &'a str, instead: &'a str) -> &'a str {
    if visible(text).trim().is_empty() { instead } else { text }
}

/// Columns that the text takes on a terminal.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The text without what a terminal or a browser would obey rather than show: control characters,
/// bidirectional and other format characters, line and paragraph separators. White space becomes a space.
pub fn visible(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
            c if c.is_control() || is_format(c) => None,
            c => Some(c),
        })
        .collect()
}

/// Format characters (Unicode category Cf), variation selectors and fillers: they have no shape of their
/// own and change how their neighbours look.
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{0600}'..='\u{0605}' | '\u{061C}' | '\u{06DD}' | '\u{070F}'
        | '\u{0890}'..='\u{0891}' | '\u{08E2}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF0}'..='\u{FFFB}' | '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// At most `limit` characters; a cut is shown by an ellipsis.
pub(super) fn cut(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some(_) => text.chars().take(limit.saturating_sub(1)).chain(['\u{2026}']).collect(),
    }
}

/// Foreign text inside a sentence: visible, at most [`LONGEST`] characters, in backticks. Backticks of its
/// own become apostrophes, so that the ones around it always say where it begins and ends.
pub fn quoted(text: &str) -> String {
    format!("`{}`", cut(visible(named(text)).replace('`', "'").trim(), LONGEST))
}

/// A name of one plain word as it is (`gradle-profiler`), any other text as [`quoted`] has it.
pub fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if (1..=32).contains(&text.len()) && text.chars().all(plain) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// The text made to fit `columns` of a terminal; a cut is shown by an ellipsis.
pub fn fit(text: &str, columns: usize) -> String {
    let text = visible(text);
    if width(&text) <= columns {
        return text;
    }
    let mut fitted = String::new();
    for c in text.chars() {
        let before = fitted.len();
        fitted.push(c);
        // Measured as a whole each time: the width of a sequence is not the sum of its characters'.
        if width(&fitted) >= columns {
            fitted.truncate(before);
            break;
        }
    }
    if columns > 0 {
        fitted.push('\u{2026}');
    }
    fitted
}

/// Breaks a sentence into lines of at most `columns`; a word that is longer is broken too. A number keeps its
/// per cent sign, and a no-break space is never broken at.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut sentence = String::new();
    for word in visible(text).split(' ').filter(|word| !word.is_empty()) {
        let per_cent = word.starts_with('%') && sentence.ends_with(|c: char| c.is_ascii_digit());
        if !sentence.is_empty() {
            sentence.push(if per_cent { NO_BREAK } else { ' ' });
        }
        sentence.push_str(word);
    }
    if sentence.is_empty() {
        return Vec::new();
    }
    let options = textwrap::Options::new(columns.max(1))
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    let lines = textwrap::wrap(&sentence, options);
    lines.into_iter().map(|line| line.replace(NO_BREAK, " ")).collect()
}

/// A space at which no line is broken.
pub(super) const NO_BREAK: char = '\u{a0}';

/// Foreign text in Markdown or HTML: the one escaping function.
///
/// `<code>` keeps mentions and references inert, numeric character references keep everything else inert,
/// in Markdown as in HTML and inside a table: backslashes let 6 of 17 known injections through, this none.
pub fn code(text: &str) -> String {
    escaped(named(text))
}

/// The same for a value, such as that of a param, which may well be empty.
pub fn code_of_value(text: &str) -> String {
    escaped(seen(text, NO_VALUE))
}

fn escaped(text: &str) -> String {
    let shown = visible(text);
    let mut html = String::from("<code>");
    for c in cut(shown.trim(), LONGEST).chars() {
        push_escaped(&mut html, c);
    }
    html.push_str("</code>");
    html
}

/// A sentence in Markdown: parts in backticks as [`code`], and the words around them inert too, because a
/// summary may have come from somewhere else.
pub fn sentence(text: &str) -> String {
    let text = cut(&visible(text), LONGEST_SENTENCE);
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 1 {
            html.push_str(&code(part));
        } else {
            push_plain(&mut html, part);
        }
    }
    html
}

/// Plain text in Markdown: readable and inert.
pub(super) fn plain(text: &str) -> String {
    let mut html = String::new();
    push_plain(&mut html, &cut(&visible(text), LONGEST_SENTENCE));
    html
}

/// Punctuation stays as it is where it cannot begin a list, a heading, a link, a mention or an emphasis.
fn push_plain(html: &mut String, text: &str) {
    let mut previous = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        let after_digit = previous.is_some_and(|c: char| c.is_ascii_digit());
        let readable = match c {
            ' ' | ',' | ';' | '%' | '(' | ')' | '\'' | '?' => true,
            // Not between the letters of a host name or of an address.
            '.' | ':' => next == ' ' || next.is_ascii_digit() && after_digit,
            // Neither a list nor a rule: something stands before it, or right after it.
            '-' => previous.is_some() || next.is_alphanumeric(),
            '=' => previous == Some(' ') && next == ' ',
            '/' => after_digit && next.is_ascii_digit(),
            _ => false,
        };
        match c {
            // Mentions and references are linked after character references are resolved.
            '@' | '#' => html.push_str(&code(&c.to_string())),
            c if readable => html.push(c),
            c => push_escaped(html, c),
        }
        previous = Some(c);
    }
}

fn push_escaped(html: &mut String, c: char) {
    if c.is_ascii() && !c.is_ascii_alphanumeric() {
        html.push_str("&#");
        html.push_str(&u32::from(c).to_string());
        html.push(';');
    } else if UnicodeWidthChar::width(c).is_some() {
        html.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_obeyed_rather_than_shown_is_removed() {
        assert_eq!(visible("a\u{1b}[31mred\u{202e}\u{200b}\nb\u{7f}"), "a[31mred b");
    }

    #[test]
    fn quoted_text_cannot_end_its_own_quotes() {
        assert_eq!(quoted("a`b"), "`a'b`");
        assert_eq!(quoted(&"x".repeat(10_000)).chars().count(), LONGEST + 2);
    }

    #[test]
    fn what_shows_nothing_is_said_to_have_no_name() {
        for blank in ["", "  ", "\n\u{200b}", "\u{a0}"] {
            assert_eq!(named(blank), NO_NAME);
            assert_eq!(quoted(blank), "`(no name)`");
            assert_eq!(word(blank), "`(no name)`");
            assert_eq!(code(blank), "<code>&#40;no&#32;name&#41;</code>");
            assert_eq!(code_of_value(blank), "<code>&#40;empty&#41;</code>");
        }
        assert_eq!(named(" a "), " a ");
    }

    #[test]
    fn fitting_counts_columns_rather_than_characters() {
        assert_eq!(fit("漢字漢字", 5), "漢字\u{2026}");
        assert_eq!(fit("abc", 3), "abc");
        assert_eq!(fit("abcd", 3), "ab\u{2026}");
        assert_eq!(fit("abcd", 0), "");
    }

    #[test]
    fn wrapping_breaks_words_that_are_longer_than_a_line() {
        assert_eq!(wrap("a bb ccccc", 4), ["a bb", "cccc", "c"]);
        assert_eq!(wrap("", 4), Vec::<String>::new());
        assert_eq!(wrap("noise 55 %; ok", 9), ["noise", "55 %; ok"]);
    }

    #[test]
    fn code_leaves_no_ascii_punctuation_of_the_text() {
        assert_eq!(code("<b>|@x"), "<code>&#60;b&#62;&#124;&#64;x</code>");
    }

    #[test]
    fn a_sentence_stays_readable_and_inert() {
        assert_eq!(
            sentence("cross-runner: 8.3 MB, `<i>` @everyone www.x.org"),
            "cross-runner: 8.3 MB, <code>&#60;i&#62;</code> <code>&#64;</code>everyone www&#46;x&#46;org"
        );
    }
}
