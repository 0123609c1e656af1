//! Words for messages and for names of files: what is near, what is known, what can be printed.

/// `did you mean` for what is near, the list of what is known otherwise.
pub(crate) fn nearest(wrong: &str, known: &[&str]) -> Option<String> {
    if let Some(near) = closest(wrong, known) {
        return Some(format!("did you mean `{near}`?"));
    }
    (!known.is_empty()).then(|| format!("known here: {}", list(known)))
}

/// The known word that differs by no more than a third of its letters.
pub(crate) fn closest<'k>(wrong: &str, known: &[&'k str]) -> Option<&'k str> {
    // Nobody mistypes a name by pages; the distance is quadratic.
    if wrong.len() > 100 {
        return None;
    }
    let wrong = wrong.to_lowercase();
    known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), *name))
        .filter(|(distance, name)| *distance <= (name.len().max(wrong.len()) / 3).max(1))
        .min()
        .map(|(_, name)| name)
}

/// Words in backticks, separated by commas.
pub(crate) fn list<T: AsRef<str>>(words: &[T]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{}`", word.as_ref())).collect();
    words.join(", ")
}

/// Text for a message: control characters escaped, and not longer than a line.
pub(crate) fn printable(text: &str) -> String {
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
        .chars()
        .map(|c| if c.is_control() { c.escape_default().to_string() } else { c.into() })
        .collect()
}

pub(crate) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect::<String>().trim_end_matches('.').to_owned()
    })
}

/// Longest name that [`file_safe`] makes, in characters.
const LONGEST: usize = 60;

/// The name with everything but ASCII letters, digits, `.`, `_` and `-` made a `-`: neither hidden, nor an
/// option, nor empty.
pub(crate) fn file_safe(name: &str) -> String {
    let mut safe = String::new();
    for c in name.chars() {
        let c = if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') { c } else { '-' };
        if c != '-' || !safe.ends_with('-') {
            safe.push(c);
        }
    }
    let start = safe.trim_start_matches(['-', '.']);
    let cut: String = start.chars().take(LONGEST).collect();
    let whole = cut.trim_end_matches(['-', '.']);
    if whole.is_empty() { "unnamed".to_owned() } else { whole.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_one_safe_word() {
        for (name, safe) in [
            ("arduino-uno", "arduino-uno"),
            ("my scenario (2)", "my-scenario-2"),
            ("$(rm -rf ~); `x`", "rm-rf-x"),
            ("../..", "unnamed"),
            ("--resume", "resume"),
            ("größe_1.5", "gr-e_1.5"),
            ("\u{202E}a\nb", "a-b"),
            ("", "unnamed"),
        ] {
            assert_eq!(file_safe(name), safe, "{name:?}");
        }
        assert_eq!(file_safe(&"x".repeat(500)).len(), LONGEST);
    }
}
