//! Which runs are taken, and once.

use std::fs;

use bench_history::{HistoryError, TrendQuery};
use bench_record::{Design, Imported};

use crate::common::{MS, set_wall};
use crate::{night, place, records};

#[test]
fn the_same_run_twice_is_one_and_other_content_under_its_id_is_refused() {
    let place = place();
    let run = night(1, 9_000);
    let first = place.add(&run);
    let before = place.files();
    assert_eq!(before, [place.root.join(first.file.unwrap())]);
    let again = place.add(&run);
    assert_eq!(again.file, None);
    assert!(again.notes[0].contains("already"), "{:?}", again.notes);
    let error = place.store.add(&records(&night(1, 9_001)), false).unwrap_err();
    assert!(matches!(error, HistoryError::Refused { .. }) && error.is_refusal(), "{error}");
    assert_eq!(place.files(), before);
    // Also when it is in what a compaction made.
    place.add(&night(2, 9_000));
    place.remove(&place.store.compact().unwrap());
    assert_eq!(place.files().len(), 1);
    assert_eq!(place.add(&run).file, None);
    assert_eq!(place.files().len(), 1);
}

#[test]
fn an_incomplete_run_is_refused_or_marked_and_gives_way_when_it_is_resumed() {
    let place = place();
    let whole = night(1, 9_000);
    let mut cut = whole.clone();
    cut.samples.truncate(7);
    cut.end = None;
    let error = place.store.add(&records(&cut), false).unwrap_err();
    assert!(error.to_string().contains("--incomplete"), "{error}");
    let added = place.store.add(&records(&cut), true).unwrap();
    assert!(added.notes.iter().any(|note| note == "it is not complete"), "{:?}", added.notes);
    let (trend, _) = place.store.trend(&TrendQuery::default()).unwrap();
    assert!(trend.series.iter().all(|series| !series.points[0].complete));
    assert!(trend.notes.iter().any(|note| note.contains("Not complete")), "{:?}", trend.notes);
    // Not the same run: its first sample took another time.
    let mut other = whole.clone();
    set_wall(&mut other.samples[0].0, MS);
    assert!(place.store.add(&records(&other), false).unwrap_err().is_refusal());
    place.add(&whole);
    let series = place.series(&TrendQuery::default());
    assert!(series.iter().all(|series| series.points.len() == 1 && series.points[0].complete));
    assert!(series.iter().all(|series| series.points[0].samples == 5), "{series:?}");
    // And not back again.
    assert!(place.store.add(&records(&cut), true).unwrap_err().is_refusal());
}

#[test]
fn runs_that_nothing_can_be_set_beside_are_refused() {
    let place = place();
    let mut imported = night(1, 9_000);
    imported.run.design = Design::Sequential;
    imported.run.imported = Some(Imported { format: "hyperfine".to_owned(), files: vec![] });
    let mut part = night(1, 9_000);
    part.run.options.only_blocks = Some(vec![1, 2]);
    let mut empty = night(1, 9_000);
    empty.samples.clear();
    for (run, why) in [(imported, "hyperfine"), (part, "bench merge"), (empty, "no sample")] {
        let error = place.store.add(&records(&run), true).unwrap_err();
        assert!(error.is_refusal() && error.to_string().contains(why), "{error}");
    }
    assert!(!place.root.exists());
    let error = place.store.trend(&TrendQuery::default()).unwrap_err();
    assert!(error.is_refusal() && error.to_string().contains("no history"), "{error}");
}

#[test]
fn a_file_is_never_written_over() {
    let place = place();
    place.add(&night(1, 9_000));
    let [file] = place.files().try_into().unwrap();
    // What stands under the name that the run would have again: not its content.
    fs::write(&file, b"something else").unwrap();
    let error = place.store.add(&records(&night(1, 9_000)), false).unwrap_err();
    assert!(error.to_string().contains(&file.display().to_string()), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"something else");
    assert_eq!(place.files(), [file]);
}
