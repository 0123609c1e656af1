//! Lines that were written once must be read for ever. Files in `golden` are never edited: a change of the
//! format gets a file of its own.

mod common;

use bench_record::journal::{from_line, read_file};
use bench_record::{
    AblateEntry, ExplainEntry, JournalEntry, KeyMatch, LoadedAblation, LoadedExplain, Property,
    Record, Regime, RestoreTime, Stage, TrialRole, read,
};
use serde_json::Value;

const V1: &str = include_str!("golden/v1.ndjson");
const V1_SPARSE: &str = include_str!("golden/v1-sparse.ndjson");
const V1_STAGES: &str = include_str!("golden/v1-stages.ndjson");
const V1_EXPLAIN: &str = include_str!("golden/v1-explain.ndjson");
const V1_ABLATE: &str = include_str!("golden/v1-ablate.ndjson");
const V2: &str = include_str!("golden/v2.ndjson");
const V2_STAGES: &str = include_str!("golden/v2-stages.ndjson");
const V2_EXPLAIN: &str = include_str!("golden/v2-explain.ndjson");
const V2_ABLATE: &str = include_str!("golden/v2-ablate.ndjson");

/// Names of version 1 that version 2 calls otherwise.
const RENAMED: [(&str, &str); 5] = [
    ("seed_origin", "snapshot_origin"),
    ("seed_bytes", "snapshot_bytes"),
    ("seed_key", "snapshot_key"),
    ("seeds", "snapshots"),
    // Of the evidence; the seed of the random order is a number and keeps its name.
    ("seed", "snapshot"),
];

/// A word of version 1 as version 2 has it at this place.
fn in_version_2(path: &str, word: &str) -> String {
    let place = path.rsplit('.').next().unwrap_or(path);
    match (place.split('[').next(), word) {
        (Some("regime" | "regimes"), "cross-runner") => "moved-runner".to_owned(),
        (Some("role" | "kind"), "seed") => "snapshot".to_owned(),
        (Some("role"), "live-seed") => "live-snapshot".to_owned(),
        _ => word.to_owned(),
    }
}

/// Whether everything that `old` says is said by `new` too; `new` may say more.
fn assert_kept(old: &Value, new: &Value, path: &str, upgraded: bool) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, value) in old {
                let renamed = RENAMED
                    .iter()
                    .find(|(old, _)| upgraded && old == key && !(key == "seed" && value.is_u64()));
                let name = renamed.map_or(key.as_str(), |(_, new)| new);
                let found = new.get(name).unwrap_or_else(|| panic!("`{path}.{name}` is lost"));
                if key == "v" {
                    continue;
                }
                assert_kept(value, found, &format!("{path}.{key}"), upgraded);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            assert_eq!(old.len(), new.len(), "{path}");
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                assert_kept(old, new, &format!("{path}[{index}]"), upgraded);
            }
        }
        (Value::String(old), Value::String(new)) if upgraded => {
            assert_eq!(in_version_2(path, old), *new, "{path}");
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
        assert_kept(&old, &new, old["kind"].as_str().unwrap(), old["v"] != 2);
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
        assert_kept(&old, &new, old["kind"].as_str().unwrap(), old["v"] != 2);
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
    assert_kept(&old, &new, old["kind"].as_str().unwrap(), old["v"] != 2);
}

#[test]
fn the_other_runner_of_version_1_had_other_paths() {
    assert!(V1.contains("cross-runner"), "the file has one");
    let run = read(V1).unwrap();
    assert!(!run.run.options.regimes.contains(&Regime::CrossRunner));
    assert!(run.run.options.regimes.contains(&Regime::MovedRunner));
    assert_eq!(run.samples[0].0.regime, Regime::MovedRunner);
    let explained: LoadedExplain = read_file(V1_EXPLAIN.as_bytes()).unwrap();
    let regimes = [Regime::Cold, Regime::SameRunner, Regime::MovedRunner];
    assert_eq!(explained.run.options.regimes, regimes);
    let cells: Vec<Regime> = explained.run.cells.iter().map(|cell| cell.regime).collect();
    assert_eq!(cells, regimes);
    let ablated = V1_ABLATE.replace("same-runner", "cross-runner");
    let ablation: LoadedAblation = read_file(ablated.as_bytes()).unwrap();
    assert_eq!(ablation.start.regimes, [Regime::MovedRunner]);
    assert!(ablation.trials.iter().all(|trial| trial.regime == Regime::MovedRunner));
}

#[test]
fn version_2_means_what_it_says() {
    let run = read(V2).unwrap();
    assert!(run.run.options.regimes.contains(&Regime::CrossRunner));
    assert!(run.samples.iter().any(|(sample, _)| sample.regime == Regime::CrossRunner));
    let staged = read(V2_STAGES).unwrap();
    assert_eq!(staged.run.options.stage.as_ref().unwrap().stage, Stage::Measure);
    assert!(staged.samples[0].0.evidence.snapshot.is_some());
    for line in V2.lines().chain(V2_STAGES.lines()) {
        assert_said(line, &Record::from_line(line).unwrap());
    }
    let explained: LoadedExplain = read_file(V2_EXPLAIN.as_bytes()).unwrap();
    assert_eq!(explained.trials[0].role, TrialRole::Snapshot);
    for line in V2_EXPLAIN.lines() {
        assert_said(line, &from_line::<ExplainEntry>(line.as_bytes()).unwrap());
    }
    let ablation: LoadedAblation = read_file(V2_ABLATE.as_bytes()).unwrap();
    assert_eq!(ablation.snapshots.len(), 2);
    for line in V2_ABLATE.lines() {
        assert_said(line, &from_line::<AblateEntry>(line.as_bytes()).unwrap());
    }
}

#[test]
fn what_a_user_calls_a_seed_keeps_its_name() {
    let line = V1.lines().next().unwrap();
    let mut value: Value = serde_json::from_str(line).unwrap();
    value["params"] = serde_json::json!({ "seeds": "3", "regime": "cross-runner" });
    let Record::Run(run) = Record::from_line(&value.to_string()).unwrap() else { panic!() };
    assert_eq!(run.params["seeds"], "3");
    assert_eq!(run.params["regime"], "cross-runner");
}
