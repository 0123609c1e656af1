//! An error in words.
//!
//! The convention of this crate: an error's `Display` says what failed and never repeats its `source()`. Who
//! shows an error to a person, or keeps it as a reason, shows the whole chain, once, through [`with_causes`].

use std::error::Error;

/// What failed, then why, then why that, separated by colons; the hints of all of them come last.
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut hints: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        next = cause.source();
        let text = cause.to_string();
        let (what, hint) = match text.rsplit_once(" (hint: ") {
            Some((what, hint)) if hint.ends_with(')') => (what, Some(&hint[..hint.len() - 1])),
            _ => (text.as_str(), None),
        };
        // Errors of other crates may end with the text of their cause, or be nothing else.
        let is_said = |last: &String| {
            last.strip_suffix(what).is_some_and(|head| head.is_empty() || head.ends_with(": "))
        };
        if !parts.last().is_some_and(is_said) {
            parts.push(what.to_owned());
        }
        hints.extend(hint.map(str::to_owned));
    }
    hints.dedup();
    let hint = match hints.as_slice() {
        [] => String::new(),
        hints => format!(" (hint: {})", hints.join("; ")),
    };
    parts.join(": ") + &hint
}

/// A URL without the user and the password in it; any other text as it is.
pub(crate) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://{host}{path}"),
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read `x` (hint: give another)")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn the_cause_follows_what_failed_and_the_hint_comes_last() {
        let inner = || std::io::Error::other("no space (left)");
        assert_eq!(with_causes(&inner()), "no space (left)");
        let text = "cannot read `x`: no space (left) (hint: give another)";
        assert_eq!(with_causes(&Outer(inner())), text);
        let context = anyhow::Error::new(Outer(inner())).context("stopped (hint: go on)");
        let text = "stopped: cannot read `x`: no space (left) (hint: go on; give another)";
        assert_eq!(with_causes(context.as_ref()), text);
    }

    #[test]
    fn a_cause_that_an_error_of_another_crate_holds_already_is_not_repeated() {
        let io = std::io::Error::other("bad checksum");
        assert_eq!(with_causes(&zip::result::ZipError::Io(io)), "i/o error: bad checksum");
    }

    #[test]
    fn credentials_of_a_url_are_left_out() {
        for (url, shown) in [
            ("https://user:token@host.example/a@b", "https://host.example/a@b"),
            ("https://token@host.example", "https://host.example"),
            ("https://host.example/a@b", "https://host.example/a@b"),
            ("git@host.example:a/b", "git@host.example:a/b"),
        ] {
            assert_eq!(without_credentials(url), shown);
        }
    }

    /// The structure behind the convention: no message of ours has its source in it.
    #[test]
    fn no_message_repeats_its_cause() {
        fn visit(dir: &std::path::Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    visit(&path, found);
                } else if path.extension().is_some_and(|e| e == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for part in text.split("#[error(").skip(1) {
                        let Some((message, rest)) = part.split_once(")]\n") else { continue };
                        // The variant or struct up to the next attribute that names a message.
                        let variant = rest.split("///").next().unwrap_or(rest);
                        let wraps = variant.contains("#[from]") || variant.contains("#[source]");
                        if message.contains("{source") || (wraps && message.contains("{0")) {
                            found.push(format!("{}: {message}", path.display()));
                        }
                    }
                }
            }
        }
        let mut found = Vec::new();
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        for dir in ["src", "record/src", "../reports/src", "../reports/history/src"] {
            visit(&root.join(dir), &mut found);
        }
        assert!(found.is_empty(), "an error's cause is printed twice:\n{}", found.join("\n"));
    }
}
