//! Names that become files, directories and words of a shell.

use bench_record::RunId;
use chrono::Utc;

/// Longest part of a file name that comes from a scenario's name, in characters.
const LONGEST: usize = 60;

/// The id of a new run: UTC time, scenario, and random characters that distinguish runs of the same second. It is safe
/// as a file name and as a word of a shell, whatever the name of the scenario is.
pub fn run_id(scenario: &str) -> RunId {
    let random: String = std::iter::repeat_with(fastrand::alphanumeric).take(4).collect();
    let stamp = Utc::now().format("%Y%m%dT%H%M%SZ");
    RunId(format!("{stamp}-{}-{}", file_name(scenario), random.to_lowercase()))
}

/// The name with `-` for everything but ASCII letters, digits, `.`, `_` and `-`. It is not hidden, not an option and not
/// empty.
pub fn file_name(name: &str) -> String {
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
            assert_eq!(file_name(name), safe, "{name:?}");
        }
        assert_eq!(file_name(&"x".repeat(500)).len(), LONGEST);
        let id = run_id("a b/../c");
        assert!(
            id.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
            "{id}"
        );
    }
}
