//! Names of directories and files: safe whatever a scenario or a run is called, and recognised by their grammar.

use std::fmt::Write as _;

/// What every file of a store ends in.
const SUFFIX: &str = ".parquet";
const RUN: &str = "run-";
const COMPACT: &str = "compact";
const SCENARIO: &str = "scenario=";
/// Hexadecimal characters of a digest.
const DIGEST: usize = 32;
/// A longer encoded name is cut, and made unique by a digest.
const LONGEST: usize = 120;
/// Hexadecimal characters that make a cut name unique.
const UNIQUE: usize = 16;

/// What a file holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FileContent {
    /// One run, as it was added.
    OneRun,
    /// The runs of a compaction.
    SeveralRuns,
}

/// The directory of a scenario.
pub(crate) fn directory(scenario: &str) -> String {
    format!("{SCENARIO}{}", encoded(scenario))
}

/// Whether a directory can be that of a scenario.
pub(crate) fn is_directory(name: &str) -> bool {
    name.starts_with(SCENARIO)
}

/// The file of a run with this content.
pub(crate) fn run(id: &str, content: &[u8]) -> String {
    format!("{RUN}{}.{}{SUFFIX}", encoded(id), digest(content))
}

/// The file that holds several runs.
pub(crate) fn compact(content: &[u8]) -> String {
    format!("{COMPACT}.{}{SUFFIX}", digest(content))
}

/// What a name claims, and the digest that its content must have; `None` for a name of another grammar.
pub(crate) fn parse(name: &str) -> Option<(FileContent, &str)> {
    let (stem, digest) = name.strip_suffix(SUFFIX)?.rsplit_once('.')?;
    let hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    if digest.len() != DIGEST || !digest.bytes().all(hex) {
        return None;
    }
    match stem {
        COMPACT => Some((FileContent::SeveralRuns, digest)),
        _ => stem.starts_with(RUN).then_some((FileContent::OneRun, digest)),
    }
}

/// Whether a name is one that the reader has to account for. A file that is being written begins with a dot.
pub(crate) fn is_ours(name: &str) -> bool {
    name.ends_with(SUFFIX) && !name.starts_with('.')
}

/// Digest of a file's bytes.
pub(crate) fn digest(content: &[u8]) -> String {
    let mut hex = blake3::hash(content).to_hex().to_string();
    hex.truncate(DIGEST);
    hex
}

/// One path component whatever the text is: everything but letters, digits, `_`, `-` and `.` as `%XX`, which
/// other readers of such directories decode.
fn encoded(text: &str) -> String {
    let mut name = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"_-.".contains(&byte) {
            name.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(name, "%{byte:02X}");
        }
    }
    if name.len() > LONGEST {
        name.truncate(LONGEST);
        let whole = name.trim_end_matches('%').len();
        // The cut must not be in the middle of an escape.
        let cut = name[..whole].rfind('%').filter(|at| whole - at < 3).unwrap_or(whole);
        name.truncate(cut);
        let hash = blake3::hash(text.as_bytes()).to_hex();
        name = format!("{name}-{}", &hash[..UNIQUE]);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_one_component_that_no_file_system_refuses() {
        for hostile in
            ["..", ".", "", "/etc", "../../x", "a/b", "a\\b", "a\0b", "\u{202e}x", "CON:"]
        {
            let name = directory(hostile);
            let mut parts = std::path::Path::new(&name).components();
            assert!(matches!(parts.next(), Some(std::path::Component::Normal(_))), "{name}");
            assert_eq!(parts.next(), None, "{name}");
            assert!(name.is_ascii() && !name.contains(['\\', ':', '\0']), "{name}");
        }
        let long = ["x", "/", "\u{e4}"].map(|part| directory(&part.repeat(10_000)));
        assert!(long.iter().all(|name| name.len() <= 150), "{long:?}");
        assert!(long.iter().all(|name| name.split('%').skip(1).all(|rest| rest.len() >= 2)));
        assert_ne!(directory(&"x".repeat(1_000)), directory(&"x".repeat(1_001)));
    }

    #[test]
    fn a_name_says_what_it_holds_and_the_digest_of_it() {
        let name = run("20260101-a", b"content");
        assert_eq!(parse(&name), Some((FileContent::OneRun, digest(b"content").as_str())));
        assert_eq!(parse(&compact(b"c")), Some((FileContent::SeveralRuns, digest(b"c").as_str())));
        for other in ["run-a.parquet", "compact.parquet", "part-0.parquet", "x.txt"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
