//! A store from outside: what goes in comes out, once, whatever happens to its files.

#[path = "../../tests/common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bench_history::{Compacted, HistoryError, Store, Wanted};
use bench_record::{Design, Imported, LoadedRun, Outcome, Record, Regime, RunId};
use bench_reports::series::{Kind, Measure, Series};
use bench_reports::summary::summarise;
use bench_reports::trend::json;
use chrono::Duration;
use common::{HOSTILE, MS, instant, normal, sample, set_wall};
use proptest::prelude::*;

/// The lines of a run.
fn records(run: &LoadedRun) -> Vec<u8> {
    let mut text = Record::Run(Box::new(run.run.clone())).to_line().unwrap();
    for (sample, examples) in &run.samples {
        for example in examples {
            text += &Record::Example(example.clone()).to_line().unwrap();
        }
        text += &Record::Sample(Box::new(sample.clone())).to_line().unwrap();
    }
    if let Some(end) = &run.end {
        text += &Record::End(end.clone()).to_line().unwrap();
    }
    text.into_bytes()
}

/// The run of a night: cold takes about this long.
fn night(day: u32, cold_ms: u64) -> LoadedRun {
    let mut run = normal();
    run.run.id = RunId(format!("night-{day:03}"));
    run.run.started = instant() + Duration::days(day.into());
    run.run.arms[0].source.revision = Some(format!("{day:040x}"));
    for (index, (sample, _)) in run.samples.iter_mut().enumerate() {
        if sample.regime == Regime::Cold {
            set_wall(sample, (cold_ms + index as u64) * MS);
        }
    }
    run
}

struct Place {
    _temp: tempfile::TempDir,
    root: PathBuf,
    store: Store,
}

fn place() -> Place {
    let temp = tempfile::tempdir().unwrap();
    let root = temp.path().join("history");
    let store = Store::new(&root);
    Place { _temp: temp, root, store }
}

impl Place {
    fn add(&self, run: &LoadedRun) -> bench_history::Added {
        self.store.add(&records(run), false).unwrap()
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for directory in fs::read_dir(&self.root).unwrap() {
            let directory = directory.unwrap().path();
            found.extend(fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()));
        }
        found.sort();
        found
    }

    /// What the history says about everything that can be asked for.
    fn told(&self) -> String {
        let all = Wanted::default();
        let of = [
            all.clone(),
            Wanted { phase: Some("*".to_owned()), ..all.clone() },
            Wanted { example: Some("*".to_owned()), ..all.clone() },
            Wanted { across: true, ..all },
        ];
        let told = of.iter().map(|wanted| {
            let (trend, damaged) = self.store.trend(wanted).unwrap();
            assert_eq!(damaged, []);
            json(&trend).unwrap()
        });
        told.collect()
    }

    fn remove(&self, compacted: &[Compacted]) {
        for file in compacted.iter().flat_map(|compacted| &compacted.replaced) {
            fs::remove_file(self.root.join(file)).unwrap();
        }
    }

    fn series(&self, wanted: &Wanted) -> Vec<Series> {
        self.store.trend(wanted).unwrap().0.series
    }
}

#[test]
fn medians_are_those_of_the_summary() {
    let place = place();
    let run = night(1, 9_000);
    place.add(&run);
    let summary = summarise(&run);
    let series = place.series(&Wanted::default());
    assert_eq!(series.len(), 3);
    for series in &series {
        let own = summary.regimes.iter().find(|of| of.regime == series.regime).unwrap();
        let [point] = series.points.as_slice() else { panic!("{series:?}") };
        let expected = own.wall_s.unwrap().median;
        assert!((point.median_s.unwrap() - expected).abs() < 1e-9, "{point:?}");
        assert_eq!(point.samples, own.samples);
        assert_eq!(point.source, run.run.arms[0].source.revision);
        assert_eq!((point.run.as_str(), point.started), ("night-001", run.run.started));
    }
    let examples = place.series(&Wanted { example: Some("Bl*".to_owned()), ..Wanted::default() });
    let blink = summary.examples.iter().find(|example| example.name == "Blink").unwrap();
    for series in &examples {
        assert_eq!(series.measure, Measure::Example("Blink".to_owned()));
        let expected = match series.regime {
            Regime::Cold => blink.cold_s,
            Regime::SameRunner => blink.same_runner_s,
            _ => blink.cross_runner_s,
        };
        assert!((series.points[0].median_s.unwrap() - expected.unwrap()).abs() < 1e-9);
    }
    assert_eq!(examples.len(), 3);
    // Unmeasured phases have no series.
    let phases = place.series(&Wanted { phase: Some("*".to_owned()), ..Wanted::default() });
    let names: Vec<&Measure> = phases.iter().map(|series| &series.measure).collect();
    assert!(names.iter().all(|name| **name == Measure::Phase("compile".to_owned())), "{names:?}");
}

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
fn a_planted_step_is_found_at_its_run_and_noise_alone_has_none() {
    let place = place();
    // Within 2 % of each other, in no order.
    let noise = |day: u32| u64::from(day * 7919 % 13) * 15;
    for day in 0..24 {
        let slower = if day < 14 { 9_000 } else { 10_400 };
        place.add(&night(day, slower + noise(day)));
    }
    let series = place.series(&Wanted::default());
    for series in &series {
        let steps = series.steps();
        if series.regime == Regime::Cold {
            let [step] = steps.as_slice() else { panic!("{steps:?}") };
            assert_eq!((step.at.run.as_str(), step.last.run.as_str()), ("night-014", "night-013"));
            assert_eq!(step.at.source.as_deref(), Some(format!("{:040x}", 14).as_str()));
            assert!((step.ratio - 10_400.0 / 9_000.0).abs() < 0.02, "{}", step.ratio);
        } else {
            assert_eq!(steps, [], "{}", series.regime);
        }
    }
    // The newest runs alone are on one level.
    let newest =
        place.series(&Wanted { last: 10, regime: Some(Regime::Cold), ..Wanted::default() });
    assert_eq!((newest.len(), newest[0].points.len()), (1, 10));
    assert_eq!(newest[0].points[0].run, "night-014");
    assert_eq!(newest[0].steps(), []);
}

#[test]
fn runs_of_another_kind_are_apart_unless_asked_for() {
    let place = place();
    for day in 0..12 {
        let mut run = night(day, if day < 6 { 9_000 } else { 18_000 });
        if day >= 6 {
            "other".clone_into(&mut run.run.comparability);
            run.run.host.cpu = Some("Other CPU".to_owned());
        }
        place.add(&run);
    }
    let cold = Wanted { regime: Some(Regime::Cold), ..Wanted::default() };
    let (trend, _) = place.store.trend(&cold).unwrap();
    assert_eq!(trend.series.len(), 2);
    assert!(trend.series.iter().all(|series| series.steps().is_empty()));
    assert!(trend.notes.iter().any(|note| note.contains("2 kinds")), "{:?}", trend.notes);
    let (trend, _) = place.store.trend(&Wanted { across: true, ..cold }).unwrap();
    assert_eq!(trend.series.len(), 1);
    assert_eq!(trend.series[0].kind, Kind::Several(2));
    let steps = trend.series[0].steps();
    assert!(steps.len() == 1 && steps[0].is_of_another_kind(), "{steps:?}");
    assert!(
        trend.notes.iter().any(|note| note.contains("may be the machine")),
        "{:?}",
        trend.notes
    );
}

#[test]
fn a_report_gets_earlier_runs_of_its_own_kind_and_the_number_of_the_others() {
    let place = place();
    for day in [1, 2, 3, 5] {
        place.add(&night(day, 9_000));
    }
    let mut other = night(0, 9_000);
    "other".clone_into(&mut other.run.comparability);
    place.add(&other);
    let mut elsewhere = night(2, 9_000);
    elsewhere.run.id = RunId("params".to_owned());
    elsewhere.run.params.clear();
    place.add(&elsewhere);
    let (recent, damaged) = place.store.recent(&night(3, 9_000), 29).unwrap();
    assert_eq!(damaged, []);
    assert_eq!((recent.series.len(), recent.incomparable, recent.damaged), (3, 1, 0));
    for series in &recent.series {
        let runs: Vec<&str> = series.points.iter().map(|point| point.run.as_str()).collect();
        assert_eq!(runs, ["night-001", "night-002"], "{}", series.regime);
    }
}

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
        let (trend, damaged) = place.store.trend(&Wanted::default()).unwrap();
        assert_eq!(damaged.iter().map(|file| &file.path).collect::<Vec<_>>(), [&files[1]]);
        assert!(trend.series.iter().all(|series| series.points.len() == 2));
        // Nothing is made of a store that is not whole.
        let error = place.store.compact().unwrap_err();
        assert!(error.to_string().contains(&files[1].display().to_string()), "{error}");
        assert_eq!(place.files(), files);
        // The night goes on; its run is not in the way of being added again.
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
    let (_, damaged) = place.store.trend(&Wanted::default()).unwrap();
    assert_eq!(damaged.iter().map(|file| &file.path).collect::<Vec<_>>(), [&foreign]);
    fs::remove_file(&foreign).unwrap();
    // A file that is on its way, or nobody's, is none of the history.
    fs::write(files[0].parent().unwrap().join(".adding-x"), b"half").unwrap();
    fs::write(files[0].parent().unwrap().join("notes.txt"), b"mine").unwrap();
    assert_eq!(place.store.trend(&Wanted::default()).unwrap().1, []);
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
    let beside: Vec<_> = fs::read_dir(place.root.parent().unwrap()).unwrap().collect();
    assert_eq!(beside.len(), 1, "something was written beside the store");
    assert_eq!(place.files().len(), names.len());
    for name in &names {
        let wanted = Wanted { scenario: Some((*name).to_owned()), ..Wanted::default() };
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
    let (trend, _) = place.store.trend(&Wanted::default()).unwrap();
    assert!(trend.series.iter().all(|series| !series.points[0].complete));
    assert!(trend.notes.iter().any(|note| note.contains("Not complete")), "{:?}", trend.notes);
    // Not the same run: its first sample took another time.
    let mut other = whole.clone();
    set_wall(&mut other.samples[0].0, MS);
    assert!(place.store.add(&records(&other), false).unwrap_err().is_refusal());
    place.add(&whole);
    let series = place.series(&Wanted::default());
    assert!(series.iter().all(|series| series.points.len() == 1 && series.points[0].complete));
    assert!(series.iter().all(|series| series.points[0].samples == 5), "{series:?}");
    // And not back again.
    assert!(place.store.add(&records(&cut), true).unwrap_err().is_refusal());
}

#[test]
fn samples_that_are_not_proven_are_in_no_median_and_a_run_without_others_is_a_gap() {
    let place = place();
    let mut run = night(1, 9_000);
    for (sample, _) in &mut run.samples {
        if sample.regime == Regime::CrossRunner {
            sample.outcome = Outcome::Unproven;
        }
    }
    let first = run.samples.iter_mut().find(|(sample, _)| sample.regime == Regime::Cold).unwrap();
    first.0.outcome = Outcome::Failed;
    set_wall(&mut first.0, MS);
    let added = place.add(&run);
    assert_eq!(added.notes.len(), 2, "{:?}", added.notes);
    for series in place.series(&Wanted::default()) {
        let point = &series.points[0];
        match series.regime {
            Regime::CrossRunner => assert_eq!((point.median_s, point.samples), (None, 0)),
            Regime::Cold => {
                assert_eq!(point.samples, 4);
                assert!(point.median_s.unwrap() > 8.0);
            }
            _ => assert_eq!(point.samples, 5),
        }
    }
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
    let error = place.store.trend(&Wanted::default()).unwrap_err();
    assert!(error.is_refusal() && error.to_string().contains("no history"), "{error}");
}

#[test]
fn merged_runs_of_the_same_machines_are_of_one_kind() {
    let place = place();
    let merged = |day, cpus: &[&str]| {
        let mut run = night(day, 9_000);
        run.run.comparability = String::new();
        run.run.parts = cpus
            .iter()
            .zip(1..)
            .map(|(cpu, block)| bench_record::Part {
                stage: None,
                seed_key: None,
                run: RunId(format!("part-{day}-{block}")),
                started: run.run.started,
                blocks: vec![block],
                host: bench_record::Host { cpu: Some((*cpu).to_owned()), ..run.run.host.clone() },
                shares: bench_record::TimeShares::default(),
            })
            .collect();
        run
    };
    place.add(&merged(1, &["a", "b"]));
    place.add(&merged(2, &["b", "a", "a"]));
    place.add(&merged(3, &["a", "c"]));
    let series = place.series(&Wanted { regime: Some(Regime::Cold), ..Wanted::default() });
    let mut lengths: Vec<usize> = series.iter().map(|series| series.points.len()).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [1, 2]);
}

#[test]
fn compacting_twice_changes_nothing_and_files_stay_beneath_the_store() {
    let place = place();
    for day in 1..=4 {
        place.add(&night(day, 9_000));
    }
    let told = place.told();
    let first = place.store.compact().unwrap();
    assert_eq!((first.len(), first[0].runs, first[0].replaced.len()), (1, 4, 4));
    assert!(first[0].replaced.iter().all(|file| file.is_relative()));
    // Nothing was removed yet: a second compaction, by another job, says the same.
    assert_eq!(place.told(), told);
    let second = place.store.compact().unwrap();
    assert_eq!((&second[0].file, &second[0].replaced), (&first[0].file, &first[0].replaced));
    place.remove(&second);
    assert_eq!(place.told(), told);
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
        prop_assert_eq!(place.told(), plain.told());
    }
}
