//! The documents of `bench verify`, with names that nobody vouches for.

use std::collections::BTreeMap;

use bench_record::{Regime, RunId};
use bench_reports::verify::{
    Difference, FaultOutcome, FaultSeen, Reproducible, RunSeen, RunVerdict, SCHEMA, Truthfulness,
    Verification, markdown, terminal,
};

fn run(regime: Regime, verdict: RunVerdict) -> RunSeen {
    RunSeen {
        regime,
        runner: "a".to_owned(),
        wall_s: 3.25,
        hits: Some(5),
        misses: Some(0),
        verdict,
        reason: None,
        differences: Vec::new(),
        foreign_paths: Vec::new(),
    }
}

fn found() -> Verification {
    let mut damaged = FaultSeen::new("flip");
    damaged.cache = Some("store".to_owned());
    damaged.kind = Some(".<b>|x".to_owned());
    damaged.outcome = FaultOutcome::Heals;
    "the damaged file was replaced".clone_into(&mut damaged.reason);
    damaged.wall_s = Some(1.5);
    damaged.hits = Some(4);
    damaged.again_wall_s = Some(1.25);
    damaged.again_hits = Some(5);
    let mut untested = FaultSeen::new("full-disk");
    "a small file system needs privileges".clone_into(&mut untested.reason);
    Verification {
        schema: SCHEMA.to_owned(),
        run_id: RunId("20260102T030405Z-fake-abcd".to_owned()),
        scenario: "fake".to_owned(),
        scenario_hash: None,
        params: BTreeMap::from([("launcher".to_owned(), "ccache".to_owned())]),
        seed: 1,
        complete: true,
        verdict: Truthfulness::default(),
        reason: None,
        outputs: 3,
        reproducible: Reproducible::default(),
        runs: vec![
            run(Regime::Cold, RunVerdict::Reference),
            run(Regime::SameRunner, RunVerdict::Right),
        ],
        faults: vec![damaged, untested],
        kinds_left_out: std::collections::BTreeMap::new(),
        findings: Vec::new(),
    }
}

fn difference(file: &str) -> Difference {
    Difference { file: file.to_owned(), what: "content".to_owned(), offset: Some(12) }
}

#[test]
fn a_truthful_build() {
    let mut found = found();
    found.conclude();
    assert_eq!((found.verdict, &found.reason), (Truthfulness::Truthful, &None));
    insta::assert_snapshot!("verify-terminal", terminal(&found, 80));
    insta::assert_snapshot!("verify-markdown", markdown(&found));
}

#[test]
fn a_lie_of_an_undamaged_run_comes_before_one_of_a_damaged_run() {
    let mut found = found();
    found.faults[0].outcome = FaultOutcome::WrongOutput;
    found.faults[0].reason = "`build/x` differs from byte 1 on".to_owned();
    found.conclude();
    assert_eq!(found.verdict, Truthfulness::WrongOutput);
    assert!(found.reason.as_deref().unwrap().starts_with("flip of"), "{:?}", found.reason);
    found.runs[1].verdict = RunVerdict::Wrong;
    found.runs[1].differences = vec![difference("build/a"), difference("build/b")];
    found.conclude();
    let reason = found.reason.as_deref().unwrap();
    assert_eq!(reason, "same-runner: `build/a` differs from byte 12 on, and 1 file more");
}

#[test]
fn what_could_not_be_established_is_not_called_truthful() {
    let mut cut_short = found();
    cut_short.complete = false;
    cut_short.conclude();
    assert_eq!(cut_short.verdict, Truthfulness::NotEstablished);
    let mut unstable = found();
    unstable.reproducible.unstable = ["a", "b", "c"].map(difference).to_vec();
    unstable.conclude();
    assert_eq!(unstable.verdict, Truthfulness::NotEstablished);
    assert!(unstable.findings[0].contains("not reproducible by itself"), "{:?}", unstable.findings);
    let mut failing = found();
    failing.runs[1].verdict = RunVerdict::Failed;
    failing.runs[1].reason = Some("exit code 2".to_owned());
    failing.conclude();
    assert_eq!(failing.verdict, Truthfulness::NotEstablished);
}

#[test]
fn with_several_caches_a_fault_says_in_which() {
    let fault = |cache: &str| {
        let mut fault = FaultSeen::new("flip");
        (fault.cache, fault.kind) = (Some(cache.to_owned()), Some(".so".to_owned()));
        fault
    };
    let mut found = found();
    found.faults = vec![fault("uv"), fault("nox")];
    let text = terminal(&found, 80);
    assert!(text.contains("flip   uv .so") && text.contains("flip   nox .so"), "{text}");
    assert!(markdown(&found).contains("uv&#32;&#46;so"), "{}", markdown(&found));
    found.faults = vec![fault("uv"), fault("uv")];
    assert!(!terminal(&found, 80).contains("uv .so"), "one cache goes without saying");
}
