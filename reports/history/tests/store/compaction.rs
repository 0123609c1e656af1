//! Compacting changes no answer, whenever it happens and wherever it stops.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bench_record::{LoadedRun, Regime};
use proptest::prelude::*;

use crate::common::sample;
use crate::{night, place};

#[test]
fn compacting_twice_changes_nothing_and_files_stay_beneath_the_store() {
    let place = place();
    for day in 1..=4 {
        place.add(&night(day, 9_000));
    }
    let answers = place.answers();
    let first = place.store.compact().unwrap();
    assert_eq!((first.len(), first[0].runs, first[0].replaced.len()), (1, 4, 4));
    assert!(first[0].replaced.iter().all(|file| file.is_relative()));
    // Nothing was removed yet: a second compaction, by another job, says the same.
    assert_eq!(place.answers(), answers);
    let second = place.store.compact().unwrap();
    assert_eq!((&second[0].file, &second[0].replaced), (&first[0].file, &first[0].replaced));
    place.remove(&second);
    assert_eq!(place.answers(), answers);
    assert_eq!(place.files(), [place.root.join(&first[0].file)]);
    assert_eq!(place.store.compact().unwrap(), []);
    let missing = first[0].replaced.iter().find(|file| place.root.join(file).exists());
    assert_eq!(missing, None);
    assert_eq!(first[0].file.parent(), Some(Path::new("scenario=arduino-uno")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Adding in any order, the same run again, compacting between, and a crash before anything is removed:
    /// the history says the same.
    #[test]
    fn a_history_is_its_runs_whatever_its_files_are(
        steps in proptest::collection::vec((0_u32..8, 0_u8..6), 1..20)
    ) {
        let (place, plain) = (place(), place());
        let mut runs: BTreeMap<u32, LoadedRun> = BTreeMap::new();
        for (day, what) in steps {
            let mut run = night(day, 9_000 + u64::from(day) * 100);
            // Two scenarios, two sets of params.
            if day % 3 == 0 {
                "other".clone_into(&mut run.run.scenario.name);
            }
            if day % 2 == 0 {
                run.run.params.clear();
            }
            if day == 5 {
                run.samples.push(sample(Regime::Hot, 1, &[100, 50]));
            }
            place.add(&run);
            runs.insert(day, run);
            match what {
                0 => place.remove(&place.store.compact().unwrap()),
                1 => drop(place.store.compact().unwrap()),
                // A crash after the first file.
                2 => {
                    let done = place.store.compact().unwrap();
                    if let Some(file) = done.iter().flat_map(|one| &one.replaced).next() {
                        fs::remove_file(place.root.join(file)).unwrap();
                    }
                }
                _ => {}
            }
        }
        for run in runs.values() {
            plain.add(run);
        }
        prop_assert_eq!(place.answers(), plain.answers());
    }
}
