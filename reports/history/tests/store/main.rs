//! A store from outside: what goes in comes out, once, whatever happens to its files.

mod adding;
#[path = "../../../tests/common/mod.rs"]
mod common;
mod compaction;
mod files;
mod series;

use std::fs;
use std::path::PathBuf;

use bench_history::{Compacted, Store, TrendQuery};
use bench_record::{LoadedRun, Record, Regime, RunId};
use bench_reports::trend::Series;
use bench_reports::trend::json;
use chrono::Duration;
use common::{MS, instant, normal, set_wall};

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
    fn answers(&self) -> String {
        let all = TrendQuery::default();
        let of = [
            all.clone(),
            TrendQuery { phase: Some("*".to_owned()), ..all.clone() },
            TrendQuery { example: Some("*".to_owned()), ..all.clone() },
            TrendQuery { across: true, ..all },
        ];
        let answers = of.iter().map(|query| {
            let (trend, damaged) = self.store.trend(query).unwrap();
            assert_eq!(damaged, []);
            json(&trend).unwrap()
        });
        answers.collect()
    }

    fn remove(&self, compacted: &[Compacted]) {
        for file in compacted.iter().flat_map(|compacted| &compacted.replaced) {
            fs::remove_file(self.root.join(file)).unwrap();
        }
    }

    fn series(&self, query: &TrendQuery) -> Vec<Series> {
        self.store.trend(query).unwrap().0.series
    }
}
