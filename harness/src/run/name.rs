//! The name of a run, which becomes a directory and a word of a shell.

use bench_record::RunId;
use chrono::Utc;

use crate::scenario::file_safe;

/// The id of a new run: UTC time, scenario, and random characters that distinguish runs of the same second. It is safe
/// as a file name and as a word of a shell, whatever the name of the scenario is.
pub fn run_id(scenario: &str) -> RunId {
    let random: String = std::iter::repeat_with(fastrand::alphanumeric).take(4).collect();
    let stamp = Utc::now().format("%Y%m%dT%H%M%SZ");
    RunId(format!("{stamp}-{}-{}", file_safe(scenario), random.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_is_one_safe_word() {
        let id = run_id("a b/../c");
        assert!(
            id.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
            "{id}"
        );
    }
}
