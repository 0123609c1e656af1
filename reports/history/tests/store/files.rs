//! Files that are torn, foreign, hostile or links.

use std::fs;

use bench_history::TrendQuery;
use bench_record::RunId;

use crate::common::HOSTILE;
use crate::{night, place, records};

#[test]
fn a_torn_or_foreign_file_is_named_and_the_rest_is_said_without_it() {
    let place = place();
    for day in 1..=3 {
        place.add(&night(day, 9_000));
    }
    let files = place.files();
    let content = fs::read(&files[1]).unwrap();
    let mut flipped = content.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for damage in [&content[..content.len() - 1], &content[..0], &flipped] {
        fs::write(&files[1], damage).unwrap();
        let (trend, damaged) = place.store.trend(&TrendQuery::default()).unwrap();
        assert_eq!(damaged.iter().map(|file| &file.path).collect::<Vec<_>>(), [&files[1]]);
        assert!(trend.series.iter().all(|series| series.points.len() == 2));
        // Nothing is made of a store that is not whole.
        let error = place.store.compact().unwrap_err();
        assert!(error.to_string().contains(&files[1].display().to_string()), "{error}");
        assert_eq!(place.files(), files);
        // The night continues; its run can be added again.
        let added = place.store.add(&records(&night(4, 9_000)), false).unwrap();
        assert_eq!(added.damaged.len(), 1);
        fs::remove_file(place.root.join(added.file.unwrap())).unwrap();
        let (recent, damaged) = place.store.recent(&night(9, 9_000), 29).unwrap();
        assert_eq!((recent.damaged, damaged.len()), (1, 1));
    }
    fs::remove_file(&files[1]).unwrap();
    place.add(&night(2, 9_000));
    let foreign = files[0].parent().unwrap().join("part-0.parquet");
    fs::write(&foreign, &content).unwrap();
    let (_, damaged) = place.store.trend(&TrendQuery::default()).unwrap();
    assert_eq!(damaged.iter().map(|file| &file.path).collect::<Vec<_>>(), [&foreign]);
    fs::remove_file(&foreign).unwrap();
    // A file that is on its way, or nobody's, is none of the history.
    fs::write(files[0].parent().unwrap().join(".adding-x"), b"half").unwrap();
    fs::write(files[0].parent().unwrap().join("notes.txt"), b"mine").unwrap();
    assert_eq!(place.store.trend(&TrendQuery::default()).unwrap().1, []);
    assert_eq!(place.files().len(), 5);
}

#[test]
fn hostile_names_stay_in_the_store_and_come_back_as_they_were() {
    let place = place();
    let long = "x/".repeat(5_000);
    let names = ["..", "../../escaped", "/tmp/escaped", "a\0b", "", long.as_str()];
    let names: Vec<&str> = names.into_iter().chain(HOSTILE).collect();
    for (day, name) in (0..).zip(&names) {
        let mut run = night(day, 9_000);
        (*name).clone_into(&mut run.run.scenario.name);
        run.run.id = RunId(format!("{name}{day}"));
        place.add(&run);
    }
    let siblings: Vec<_> = fs::read_dir(place.root.parent().unwrap()).unwrap().collect();
    assert_eq!(siblings.len(), 1, "something was written next to the store");
    assert_eq!(place.files().len(), names.len());
    for name in &names {
        let wanted = TrendQuery { scenario: Some((*name).to_owned()), ..TrendQuery::default() };
        let series = place.series(&wanted);
        assert_eq!(series.len(), 3, "{name:?}");
        assert!(series.iter().all(|series| series.scenario == *name));
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_the_store_leads_nowhere() {
    let place = place();
    let outside = place.root.parent().unwrap().join("outside");
    fs::create_dir_all(&outside).unwrap();
    fs::create_dir_all(&place.root).unwrap();
    std::os::unix::fs::symlink(&outside, place.root.join("scenario=arduino-uno")).unwrap();
    let error = place.store.add(&records(&night(1, 9_000)), false).unwrap_err();
    assert!(error.to_string().contains("scenario=arduino-uno"), "{error}");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}
