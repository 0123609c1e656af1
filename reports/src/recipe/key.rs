//! The key of a cache entry: what must be in it, and prefixes of it to fall back on.

use std::collections::BTreeMap;

use bench_record::Tools;

/// Characters of a key that the cache service takes, after expressions are replaced.
pub const KEY_LIMIT: usize = 512;
/// Characters of one part that is made of foreign text.
const PART: usize = 100;
/// What expressions of a key can become at most: `Windows`, `ARM64`, a SHA-256 and a commit id.
const OS: usize = 7;
const ARCH: usize = 5;
const SHA256: usize = 64;
const COMMIT: usize = 64;

/// A key with its prefixes, expressions of the CI system included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Prefixes of it, the longest first.
    pub prefixes: Vec<String>,
    /// Characters that it has at most once expressions are replaced; never above [`KEY_LIMIT`].
    pub longest: usize,
}

impl Key {
    /// The key for the entry `name`. Raising the leading `v1` by hand starts anew.
    pub fn new(
        name: &str,
        tools: &Tools,
        params: &BTreeMap<String, String>,
        locks: &[String],
    ) -> Self {
        let mut parts = vec!["v1".to_owned(), part(name)];
        let mut longest = OS + ARCH + COMMIT;
        let tools = tools.iter().filter_map(|(name, tool)| {
            Some(format!("{name}-{}", version(tool.version.as_deref()?)))
        });
        let params = params.iter().map(|(name, value)| format!("{name}-{value}"));
        let lists = [tools.collect::<Vec<_>>(), params.collect()];
        let texts = lists.iter().filter(|list| !list.is_empty()).map(|list| part(&list.join("_")));
        let texts: Vec<String> = texts.collect();
        parts.extend(["${{ runner.os }}".to_owned(), "${{ runner.arch }}".to_owned()]);
        longest += parts[..2].iter().chain(&texts).map(String::len).sum::<usize>();
        parts.extend(texts);
        let mut prefixes = vec![prefix(&parts)];
        let locks: Vec<String> = locks
            .iter()
            .filter(|lock| lock.chars().all(is_plain))
            .map(|lock| format!("'{lock}'"))
            .collect();
        if !locks.is_empty() {
            longest += SHA256;
            parts.push(format!("${{{{ hashFiles({}) }}}}", locks.join(", ")));
            prefixes.insert(0, prefix(&parts));
        }
        parts.push("${{ github.sha }}".to_owned());
        longest += parts.len() - 1;
        Self { text: parts.join("-"), prefixes, longest }
    }
}

fn prefix(parts: &[String]) -> String {
    format!("{}-", parts.join("-"))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

/// Foreign text as part of a key: plain characters only, no comma among them. What is not shown as it was gets a
/// digest, so that two texts never become one part.
fn part(text: &str) -> String {
    if text.len() <= PART && !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    let digest = blake3::hash(text.as_bytes()).to_hex();
    let shown = text.chars().map(|c| if is_plain(c) { c } else { '.' }).take(PART - 9);
    format!("{}-{}", shown.collect::<String>(), &digest[..8])
}

/// The version inside the line that a tool printed: its first word of a digit and a dot; else the line.
pub(super) fn version(line: &str) -> &str {
    line.split(|c: char| c.is_whitespace() || "(),".contains(c))
        .map(|word| word.trim_start_matches('v'))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'))
        .unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_in_what_tools_print() {
        assert_eq!(version("avr-g++ (GCC) 5.4.0"), "5.4.0");
        assert_eq!(version("cargo 1.95.0 (f2d3ce0bd 2026-03-21)"), "1.95.0");
        assert_eq!(version("ccache version 4.11.2"), "4.11.2");
        assert_eq!(version("git version v2.39"), "2.39");
        assert_eq!(version("unknown"), "unknown");
    }

    #[test]
    fn two_texts_never_become_one_part() {
        assert_ne!(part("a,b"), part("a b"));
        assert_ne!(part(&"x".repeat(200)), part(&"x".repeat(201)));
        assert_eq!(part("a-b_c.1"), "a-b_c.1");
        assert!(part(&"x".repeat(200)).len() <= PART);
        assert!(!part("").is_empty());
    }
}
