//! What a report is read into: times by names, of which no two are the same.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::Outcome;

/// The time of one named unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleTime {
    /// Its name, unique within the report: another unit of the same name is `NAME#2`.
    pub name: String,
    /// Wall time of the last attempt that has one in the report; 0 for a failed one without a time.
    pub wall_ns: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, when it did not end `ok`.
    pub reason: Option<String>,
    /// Number of times that it was run again before this outcome.
    pub retries: u32,
}

impl ExampleTime {
    /// One that ended well at the first attempt.
    pub(crate) fn ok(name: String, wall_ns: u64) -> Self {
        Self { name, wall_ns, outcome: Outcome::Ok, reason: None, retries: 0 }
    }
}

/// Gives the second, third, ... unit of a name the suffix `#2`, `#3`, ..., in the order of the report; a
/// number that another unit has in its own name is passed over.
pub(super) fn unique(mut times: Vec<ExampleTime>) -> Vec<ExampleTime> {
    let mut names: BTreeSet<String> = times.iter().map(|time| time.name.clone()).collect();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for time in &mut times {
        let count = counts.entry(time.name.clone()).or_default();
        *count += 1;
        if *count == 1 {
            continue;
        }
        loop {
            let name = format!("{}#{count}", time.name);
            if names.insert(name.clone()) {
                time.name = name;
                break;
            }
            *count += 1;
        }
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_are_numbered_past_those_that_exist() {
        let times = ["a", "b", "a", "a#2", "a", "a"];
        let times = times.map(|name| ExampleTime::ok(name.to_owned(), 1)).to_vec();
        let names: Vec<String> = unique(times).into_iter().map(|time| time.name).collect();
        assert_eq!(names, ["a", "b", "a#3", "a#2", "a#4", "a#5"]);
    }
}
