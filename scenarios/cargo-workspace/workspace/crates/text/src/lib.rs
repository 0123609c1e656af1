//! Words, distances and wrapping.

use std::collections::BTreeMap;

/// Runs of letters and digits in lower case.
pub fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// How often each word occurs.
pub fn frequencies(text: &str) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for word in words(text) {
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// Smallest number of insertions, deletions and replacements (Levenshtein) that make `a` into `b`.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// The candidate that is nearest to `word`, when it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= word.chars().count() / 2)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Takes common English endings off a word.
pub fn stem(word: &str) -> &str {
    const ENDINGS: [(&str, usize); 7] =
        [("ations", 3), ("ation", 3), ("ings", 3), ("ing", 3), ("edly", 3), ("ed", 3), ("s", 3)];
    ENDINGS
        .iter()
        .find_map(|(ending, keep)| word.strip_suffix(ending).filter(|stem| stem.len() >= *keep))
        .unwrap_or(word)
}

/// Breaks text into lines of at most `width` characters; a longer word stands alone.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Line and column, both from 1, of a byte offset.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
    (line, before.len() - start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_lower_case_runs_of_letters() {
        assert_eq!(
            words("Now, THEN -- 42 times!").collect::<Vec<_>>(),
            ["now", "then", "42", "times"]
        );
    }

    #[test]
    fn distances_are_those_of_the_textbook() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("flaw", "lawn"), 2);
    }

    #[test]
    fn a_typing_mistake_finds_its_word_and_nonsense_none() {
        assert_eq!(nearest("wrold", ["hello", "world"]), Some("world"));
        assert_eq!(nearest("xyz", ["hello", "world"]), None);
    }

    #[test]
    fn stems_of_forms_agree() {
        assert!(
            ["measured", "measures", "measuring"]
                .iter()
                .all(|word| stem(word).starts_with("measur"))
        );
        assert_eq!(stem("is"), "is");
    }

    #[test]
    fn no_line_is_wider_than_asked_for() {
        let lines = wrap("the quick brown fox jumps over the lazy dog", 10);
        assert_eq!(lines, ["the quick", "brown fox", "jumps over", "the lazy", "dog"]);
    }

    #[test]
    fn offsets_become_lines_and_columns() {
        assert_eq!(line_column("ab\ncd", 4), (2, 2));
        assert_eq!(line_column("", 9), (1, 1));
    }
}
