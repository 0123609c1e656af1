//! Lines that were written once must be read for ever. Files in `golden` are never edited: a change of the
//! format gets a file of its own.

mod common;

use bench_record::{KeyMatch, Record, RestoreTime, Stage, read};
use serde_json::Value;

const V1: &str = include_str!("golden/v1.ndjson");
const V1_SPARSE: &str = include_str!("golden/v1-sparse.ndjson");
const V1_STAGES: &str = include_str!("golden/v1-stages.ndjson");

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
    let seed = run.samples[0].0.evidence.seed.as_ref().unwrap();
    assert_eq!((seed.matched, seed.restore), (KeyMatch::Exact, RestoreTime::Given));
    // What is older knows nothing of stages.
    let sparse = read(V1_SPARSE).unwrap();
    assert!(sparse.run.options.stage.is_none() && sparse.samples[0].0.evidence.seed.is_none());
}
