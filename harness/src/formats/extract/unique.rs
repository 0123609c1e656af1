//! One name a unit.

use std::collections::{BTreeMap, BTreeSet};

use super::ExampleTime;

/// Gives the second, third, ... unit of a name the suffix `#2`, `#3`, ..., in the order of the report; a
/// number that another unit has by itself is passed over.
pub(super) fn unique(mut times: Vec<ExampleTime>) -> Vec<ExampleTime> {
    let mut taken: BTreeSet<String> = times.iter().map(|time| time.name.clone()).collect();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for time in &mut times {
        let count = counts.entry(time.name.clone()).or_default();
        *count += 1;
        if *count == 1 {
            continue;
        }
        loop {
            let name = format!("{}#{count}", time.name);
            if taken.insert(name.clone()) {
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
