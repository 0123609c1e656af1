//! Lines that were written once must be read for ever. Files in `golden` are never edited: a change of the
//! format gets a file of its own.

mod common;

use bench_record::journal::{from_line, read_file};
use bench_record::{
    AblateEntry, ExplainEntry, JournalEntry, KeyMatch, LoadedAblation, LoadedExplain, Property,
    Record, RestoreTime, Stage, TrialRole, read,
};
use serde_json::Value;

const V1: &str = include_str!("golden/v1.ndjson");
const V1_SPARSE: &str = include_str!("golden/v1-sparse.ndjson");
const V1_STAGES: &str = include_str!("golden/v1-stages.ndjson");
const V1_EXPLAIN: &str = include_str!("golden/v1-explain.ndjson");
const V1_ABLATE: &str = include_str!("golden/v1-ablate.ndjson");

/// Whether everything that `old` says is said by `new` too; `new` may say more.
fn assert_kept(old: &Value, new: &Value, path: &str) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in old {
                let found = new.get(key).unwrap_or_else(|| panic!("`{path}.{key}` is lost"));
                assert_kept(value, found, &format!("{path}.{key}"));
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            assert_eq!(old.len(), new.len(), "{path}");
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                assert_kept(old, new, &format!("{path}[{index}]"));
            }
        }
        (old, new) => assert_eq!(old, new, "{path}"),
    }
}

#[test]
fn version_1_is_read_with_everything_it_says() {
    let mut kinds = Vec::new();
    for line in V1.lines() {
        let old: Value = serde_json::from_str(line).unwrap();
        let record = Record::from_line(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let new: Value = serde_json::from_str(&record.to_line().unwrap()).unwrap();
        assert_kept(&old, &new, old["kind"].as_str().unwrap());
        kinds.push(old["kind"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds, ["run", "example", "sample", "resume", "end"]);
    let run = read(V1).unwrap();
    assert_eq!(run.samples[0].0.evidence.misses, Some(55));
    assert_eq!(run.samples[0].1[0].name, "Blink");
    assert_eq!(run.end.unwrap().reason, bench_record::EndReason::Done);
}

#[test]
fn version_1_is_read_without_what_may_be_missing() {
    let run = read(V1_SPARSE).unwrap();
    let (sample, examples) = &run.samples[0];
    assert_eq!((sample.evidence.hits, sample.reason.as_deref()), (None, None));
    assert!(sample.evidence.probes.is_empty() && sample.caches.is_empty());
    assert_eq!((examples[0].retries, examples[0].reason.as_deref()), (0, None));
    assert_eq!(run.resumes[0].shares, bench_record::TimeShares::default());
    assert_eq!((run.run.options.max_failures, run.run.options.keep), (None, false));
}

#[test]
fn version_1_is_read_with_the_stages_that_were_added_to_it() {
    for line in V1_STAGES.lines() {
        let old: Value = serde_json::from_str(line).unwrap();
        let record = Record::from_line(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let new: Value = serde_json::from_str(&record.to_line().unwrap()).unwrap();
        assert_kept(&old, &new, old["kind"].as_str().unwrap());
    }
    let run = read(V1_STAGES).unwrap();
    assert_eq!(run.run.options.stage.as_ref().unwrap().stage, Stage::Measure);
    assert_eq!(run.run.parts[0].stage, Some(Stage::Prime));
    let seed = run.samples[0].0.evidence.snapshot.as_ref().unwrap();
    assert_eq!((seed.matched, seed.restore), (KeyMatch::Exact, RestoreTime::Given));
    // What is older knows nothing of stages.
    let sparse = read(V1_SPARSE).unwrap();
    assert!(sparse.run.options.stage.is_none() && sparse.samples[0].0.evidence.snapshot.is_none());
}

#[test]
fn explanations_of_version_1_are_read_those_that_were_resumed_too() {
    let loaded: LoadedExplain = read_file(V1_EXPLAIN.as_bytes()).unwrap();
    assert_eq!(loaded.options.properties, [Property::Home, Property::Locale]);
    // The trial that the first process was killed in was whole, but for its newline: it was made again.
    let ids: Vec<&str> = loaded.trials.iter().map(|trial| trial.id.as_str()).collect();
    let made_again = ids.iter().filter(|id| **id == "1-home-1").count();
    assert_eq!((made_again, ids.len()), (1, 9), "{ids:?}");
    assert_eq!(loaded.trials[0].role, TrialRole::Snapshot);
    assert!(loaded.end.is_some());
    for line in V1_EXPLAIN.lines() {
        let entry: ExplainEntry = from_line(line.as_bytes()).unwrap();
        assert_said(line, &entry);
    }
}

#[test]
fn ablations_of_version_1_are_read_although_only_their_first_line_says_so() {
    let loaded: LoadedAblation = read_file(V1_ABLATE.as_bytes()).unwrap();
    assert_eq!((loaded.snapshots.len(), loaded.trials.len()), (2, 4));
    assert!(loaded.snapshots[0].together.is_some());
    for line in V1_ABLATE.lines() {
        let entry: AblateEntry = from_line(line.as_bytes()).unwrap();
        assert_said(line, &entry);
    }
}

/// Whether a line is written again with everything that it said.
fn assert_said(line: &str, entry: &impl JournalEntry) {
    let old: Value = serde_json::from_str(line).unwrap();
    let new: Value = serde_json::from_str(&entry.to_line().unwrap()).unwrap();
    assert_kept(&old, &new, old["kind"].as_str().unwrap());
}
