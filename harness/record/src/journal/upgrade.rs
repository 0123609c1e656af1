//! Lines of version 1, in the words of version 2.
//!
//! Version 1 called the caches that a cold sample left a *seed*, and its `cross-runner` had other paths than the runner
//! that made them: what is called `moved-runner` now.

use serde_json::{Map, Value};

/// An object of JSON.
type Object = Map<String, Value>;

/// The kind that a line of version 1 has in version 2.
pub(super) fn kind(old: &str) -> &str {
    if old == "seed" { "snapshot" } else { old }
}

/// Turns a line of version 1 into one of version 2. What is not as version 1 has it stays, for the reader of the line to
/// complain about.
pub(super) fn line(kind: &str, line: &mut Value) {
    let Some(line) = line.as_object_mut() else { return };
    match kind {
        "run" => run(line),
        "sample" => sample(line),
        "ablation" => regimes(line),
        "trial" => {
            regime(line);
            role(line);
        }
        _ => {}
    }
}

/// The regime of an object of a document whose records are of version 1.
pub fn regime(object: &mut Object) {
    if let Some(regime) = object.get_mut("regime") {
        moved(regime);
    }
}

fn run(run: &mut Object) {
    if let Some(options) = run.get_mut("options").and_then(Value::as_object_mut) {
        regimes(options);
        if let Some(stage) = options.get_mut("stage").and_then(Value::as_object_mut) {
            rename(stage, "seeds", "snapshots");
        }
    }
    for list in ["cells", "gates"] {
        each(run, list, regime);
    }
    each(run, "parts", |part| rename(part, "seed_key", "snapshot_key"));
}

fn sample(sample: &mut Object) {
    regime(sample);
    rename(sample, "seed_origin", "snapshot_origin");
    if let Some(evidence) = sample.get_mut("evidence").and_then(Value::as_object_mut) {
        rename(evidence, "seed_bytes", "snapshot_bytes");
        rename(evidence, "seed", "snapshot");
    }
}

fn regimes(object: &mut Object) {
    if let Some(Value::Array(regimes)) = object.get_mut("regimes") {
        regimes.iter_mut().for_each(moved);
    }
}

fn role(trial: &mut Object) {
    if let Some(role) = trial.get_mut("role") {
        match role.as_str() {
            Some("seed") => *role = "snapshot".into(),
            Some("live-seed") => *role = "live-snapshot".into(),
            _ => {}
        }
    }
}

fn moved(regime: &mut Value) {
    if regime.as_str() == Some("cross-runner") {
        *regime = "moved-runner".into();
    }
}

fn each(object: &mut Object, list: &str, change: impl Fn(&mut Object)) {
    if let Some(Value::Array(list)) = object.get_mut(list) {
        list.iter_mut().filter_map(Value::as_object_mut).for_each(change);
    }
}

fn rename(object: &mut Object, old: &str, new: &str) {
    if let Some(value) = object.remove(old) {
        object.insert(new.to_owned(), value);
    }
}
