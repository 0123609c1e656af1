//! The name of a run, which becomes a directory and a word of a shell, and the directory of its runners.

use std::path::{Path, PathBuf};

use bench_record::{CanonicalText, RunId};
use chrono::Utc;

use crate::scenario::file_safe;

/// The id of a new run: UTC time, scenario, and random characters that distinguish runs of the same second. It is safe
/// as a file name and as a word of a shell, whatever the name of the scenario is.
pub fn run_id(scenario: &str) -> RunId {
    let random: String = std::iter::repeat_with(fastrand::alphanumeric).take(4).collect();
    let stamp = Utc::now().format("%Y%m%dT%H%M%SZ");
    RunId(format!("{stamp}-{}-{}", file_safe(scenario), random.to_lowercase()))
}

/// What the two jobs of a staged run have in common.
#[derive(Clone, Copy, Debug)]
pub struct StagedPlan<'a> {
    /// Content hash of the scenario.
    pub scenario: &'a str,
    /// Digest of the plan.
    pub plan: &'a str,
}

/// The directory of a run's runners, relative to the state root. Of a staged run it is the same for both jobs, so that a
/// runner on another machine has the paths of the first one when the state root has the same path there.
pub fn run_directory(id: &RunId, staged: Option<StagedPlan<'_>>) -> PathBuf {
    let Some(StagedPlan { scenario, plan }) = staged else {
        return Path::new("runs").join(id.as_str());
    };
    let text = CanonicalText::new("bench.staged/1").with("scenario", scenario).with("plan", plan);
    let digest = blake3::hash(text.as_bytes()).to_hex();
    Path::new("staged").join(&digest[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_jobs_of_a_staged_run_have_one_directory_and_other_plans_another() {
        let of = |id: &str, plan| {
            let staged = StagedPlan { scenario: "5c1e", plan };
            run_directory(&RunId(id.to_owned()), Some(staged))
        };
        assert_eq!(of("prime", "91ab"), of("measure", "91ab"));
        assert_ne!(of("prime", "91ab"), of("prime", "91ac"));
        assert_eq!(run_directory(&RunId("x".to_owned()), None), Path::new("runs/x"));
    }

    #[test]
    fn a_run_id_is_one_safe_word() {
        let id = run_id("a b/../c");
        assert!(
            id.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
            "{id}"
        );
    }
}
