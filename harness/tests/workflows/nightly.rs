//! nightly.yml: from the plan to the data branch, and what the night after finds there.

use std::fs;

use bench_record::{LoadedRun, Regime};
use serde_json::json;

use crate::SCRIPTS;
use crate::forge::{Forge, Results};
use crate::scenarios::{PROBE, storing};

const NIGHTLY: &str = ".github/workflows/nightly.yml";

/// A stand-in for the scenario that the nightly workflow names: found first, since it is in the repository.
fn scenario() -> String {
    let script = "if test -f $STORE/entry; then echo hit; else mkdir -p $STORE; echo made > $STORE/entry; echo miss; fi";
    storing(script, PROBE)
}

/// A forge whose repository has the scenario and, as before the first night, a branch without runs.
fn forge() -> Forge {
    let scenario = scenario();
    let files = [
        ("scenarios/cargo-workspace/scenario.toml", scenario.as_str()),
        ("scenarios/cargo-workspace/workspace/a", "a"),
    ];
    let mut forge = Forge::new(&SCRIPTS, &files);
    forge.orphan("bench-data");
    forge.github["event_name"] = json!("schedule");
    forge.tools.answer(
        "caches.json",
        r#"{"total_count":1,"actions_caches":[{"ref":"refs/heads/main","key":"seed","size_in_bytes":5000000000}]}"#,
    );
    forge
}

#[track_caller]
fn assert_all_well(results: &Results, forge: &Forge) {
    assert!(results.values().all(|result| result == "success"), "{results:?}\n{}", forge.log);
}

/// The run that the workflow merged.
fn merged(forge: &Forge) -> LoadedRun {
    bench_record::read(fs::read(forge.artifact("run").join("records.ndjson")).unwrap()).unwrap()
}

/// The file on the data branch that a run is recorded as.
fn recorded_as(run: &LoadedRun) -> String {
    format!("runs/{}-{}.ndjson", run.run.started.format("%Y%m%dT%H%M%SZ"), run.run.id)
}

#[test]
fn nightly_measures_on_other_machines_what_the_cache_step_brought_there() {
    let mut forge = forge();
    let results = forge.run(NIGHTLY);
    assert_all_well(&results, &forge);
    forge.assert_all_run(NIGHTLY);

    let run = merged(&forge);
    assert_eq!(run.samples.len(), 12, "4 blocks of 3 regimes");
    let crossed: Vec<_> =
        run.samples.iter().filter(|(sample, _)| sample.regime == Regime::CrossRunner).collect();
    assert_eq!(crossed.len(), 4);
    for (sample, _) in crossed {
        assert_eq!(sample.evidence.hits, Some(1), "{}: {:?}", sample.id, sample.reason);
        assert!(sample.snapshot_origin.as_ref().is_some_and(|origin| *origin != sample.runner));
    }
    assert!(fs::read_to_string(forge.path("pages/index.html")).unwrap().contains("cross-runner"));
    assert!(forge.summary.contains("cross-runner"), "{}", forge.summary);
    assert!(forge.log.contains("no night is recorded yet"), "{}", forge.log);
    // The quota, with what the job's variables say about who asks: a merged run has none of its own.
    for expected in
        ["| this ref | 1 | 5000 MB | 50 % |", "5000 MB in 1 entry, 50 % of the 10000 MB"]
    {
        assert!(forge.summary.contains(expected), "`{expected}`: {}", forge.summary);
    }

    let put = forge.tools.calls_of("gh api --method PUT");
    let path = format!("contents/{} ", recorded_as(&run));
    assert!(
        put.len() == 1 && put[0].contains(&path) && put[0].contains("branch=bench-data"),
        "{path}: {put:?}"
    );
    let deleted = forge.tools.calls_of("gh api --method DELETE");
    assert_eq!(deleted.len(), 4, "one seed per unit");
    assert!(
        deleted.iter().all(|call| call.contains("/actions/caches?key=bench-snapshot-")),
        "{deleted:?}"
    );
}

#[test]
fn a_seed_that_the_cache_service_lost_is_no_cold_run() {
    let mut forge = forge();
    forge.loses_caches = true;
    let results = forge.run(NIGHTLY);
    let of = |job: &str| results[job].as_str();
    assert_eq!((of("prime"), of("measure"), of("merge")), ("success", "failure", "failure"));
    assert_eq!((of("gate"), of("record"), of("page")), ("skipped", "skipped", "skipped"));
    // "Re-run failed jobs" would find none.
    assert_eq!(of("forget"), "skipped");
    assert!(forge.tools.calls_of("gh api --method DELETE").is_empty());
    assert!(forge.log.contains("-> exit status: 5"), "{}", forge.log);
    assert!(forge.log.contains("-> exit status: 6"), "{}", forge.log);
    assert!(forge.summary.contains("cold"), "what is there is shown");
    assert!(forge.tools.calls_of("gh api --method PUT").is_empty());
}

#[test]
fn without_the_data_branch_the_night_is_measured_and_fails() {
    let mut forge = forge();
    forge.git(&["branch", "--quiet", "-D", "bench-data"]);
    let results = forge.run(NIGHTLY);
    assert_eq!((&*results["merge"], &*results["record"]), ("failure", "skipped"), "{}", forge.log);
    assert_eq!(merged(&forge).samples.len(), 12, "the run is kept as an artifact");
    assert!(forge.summary.contains("cross-runner"), "{}", forge.summary);
}

/// What the forge was sent by the contents API, as the file that it becomes.
#[cfg(feature = "history")]
fn sent(forge: &Forge) -> String {
    let script = format!("base64 -d '{}'", forge.path("tools/gh/sent").display());
    let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// The nights before are shown by a `bench` that has histories; `scripts/test` runs these tests with and without it.
#[test]
#[cfg(feature = "history")]
fn the_next_night_shows_the_one_before_and_records_itself_beside_it() {
    let mut forge = forge();
    let results = forge.run(NIGHTLY);
    assert_all_well(&results, &forge);
    let first = merged(&forge);
    let content = sent(&forge);
    assert_eq!(bench_record::read(&content).unwrap().samples, first.samples, "it is the records");
    forge.commit_to("bench-data", &recorded_as(&first), &content);

    forge.next_run();
    let results = forge.run(NIGHTLY);
    assert_all_well(&results, &forge);
    let second = merged(&forge);
    assert_ne!(first.run.id, second.run.id);
    for expected in ["### Recent runs", "## The last nights", "| cold | 2 |"] {
        assert!(forge.summary.contains(expected), "`{expected}`: {}", forge.summary);
    }
    let page = fs::read_to_string(forge.path("pages/index.html")).unwrap();
    assert!(page.contains("Recent runs"), "the page shows it, too");
    let put = forge.tools.calls_of("gh api --method PUT");
    assert_eq!(put.len(), 2);
    assert!(put[1].contains(&recorded_as(&second)), "{put:?}");
}
