//! Medians per run as plain series, computed by lazy queries over the store.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Arm, Instant, LoadedRun, Regime};
use bench_reports::document::text::quoted;
use bench_reports::document::units;
use bench_reports::trend::{Measure, Point, Recent, RunKind, Series, Trend};
use chrono::DateTime;
use globset::{GlobBuilder, GlobMatcher};
use polars::prelude::*;

use crate::error::{Damaged, HistoryError};
use crate::reading::StoreReading;
use crate::row::{self, RowKind};
use crate::{Store, names};

/// Nanoseconds in a second.
const NS: f64 = 1e9;

/// Which series to take from a store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrendQuery {
    /// Only this scenario.
    pub scenario: Option<String>,
    /// Only this regime.
    pub regime: Option<Regime>,
    /// Phases whose names match, rather than whole samples.
    pub phase: Option<String>,
    /// Examples whose names match, rather than whole samples.
    pub example: Option<String>,
    /// The newest runs of each series; 0 for all.
    pub last: usize,
    /// Runs of all machines, tools and scenario files in one series.
    pub across: bool,
}

impl TrendQuery {
    /// The kind of rows, and which names.
    fn rows(&self) -> Result<(RowKind, Option<GlobMatcher>), HistoryError> {
        match (&self.phase, &self.example) {
            (Some(phase), _) => Ok((RowKind::Phase, Some(matcher(phase)?))),
            (None, Some(example)) => Ok((RowKind::Example, Some(matcher(example)?))),
            (None, None) => Ok((RowKind::Sample, None)),
        }
    }
}

fn matcher(pattern: &str) -> Result<GlobMatcher, HistoryError> {
    let glob = GlobBuilder::new(pattern).literal_separator(false).build();
    let failed = |source| HistoryError::Pattern { pattern: pattern.to_owned(), source };
    Ok(glob.map_err(failed)?.compile_matcher())
}

impl Store {
    /// The series of `query`, and the files that could not be trusted, which the series leave out.
    ///
    /// # Errors
    /// [`HistoryError::None`] without a store, [`HistoryError::Pattern`] for a pattern that is not valid, and any error
    /// of the system.
    pub fn trend(&self, query: &TrendQuery) -> Result<(Trend, Vec<Damaged>), HistoryError> {
        let (kind, names) = query.rows()?;
        let directory = query.scenario.as_deref().map(names::directory);
        let reading = StoreReading::of(self.path(), directory.as_deref())?;
        let mut filter = col("kind").eq(lit(kind.as_str()));
        if let Some(scenario) = &query.scenario {
            filter = filter.and(col("scenario").eq(lit(scenario.clone())));
        }
        if let Some(regime) = query.regime {
            filter = filter.and(col("regime").eq(lit(regime.as_str())));
        }
        if kind == RowKind::Phase {
            filter = filter.and(col("measured"));
        }
        let mut medians = medians(&reading, filter)?;
        if let Some(names) = names {
            medians.retain(|median| names.is_match(&median.name));
        }
        let trend = trend(medians, kind, query);
        Ok((trend, reading.damaged))
    }

    /// The newest `last` runs before this one that it can be compared with: same scenario, params and comparability
    /// key.
    ///
    /// # Errors
    /// [`HistoryError::None`] without a store, and any error of the system.
    pub fn recent(
        &self,
        run: &LoadedRun,
        last: usize,
    ) -> Result<(Recent, Vec<Damaged>), HistoryError> {
        let LoadedRun { run, .. } = run;
        let directory = names::directory(&run.scenario.name);
        let reading = StoreReading::of(self.path(), Some(&directory))?;
        let filter = col("kind")
            .eq(lit(RowKind::Sample.as_str()))
            .and(col("scenario").eq(lit(run.scenario.name.clone())))
            .and(col("params").eq(lit(row::params(&run.params))))
            .and(col("run").neq(lit(run.id.to_string())))
            .and(col("started_us").lt_eq(lit(run.started.timestamp_micros())));
        let mut medians = medians(&reading, filter)?;
        let key = row::comparability(run);
        let all: BTreeSet<String> = medians.iter().map(|median| median.point.run.clone()).collect();
        medians.retain(|median| median.point.key == key);
        let kept: BTreeSet<&String> = medians.iter().map(|median| &median.point.run).collect();
        let incomparable = (all.len() - kept.len()) as u32;
        let query = TrendQuery { last, ..TrendQuery::default() };
        let series = series(medians, RowKind::Sample, &query);
        let damaged = reading.damaged.len() as u32;
        Ok((Recent { series, incomparable, damaged }, reading.damaged))
    }
}

/// The median of one regime, and phase or example, in one run.
struct RunMedian {
    scenario: String,
    params: String,
    machine: String,
    regime: Regime,
    /// Of the phase or example; empty for a sample.
    name: String,
    point: Point,
}

/// Medians of the candidate's rows that pass the filter, by run, regime and name. A run without a row that counts has
/// no median.
fn medians(reading: &StoreReading, filter: Expr) -> Result<Vec<RunMedian>, HistoryError> {
    let Some(rows) = reading.rows()? else { return Ok(Vec::new()) };
    let first = |name: &str| col(name).first();
    let found = rows
        .filter(filter.and(col("arm").eq(lit(Arm::Candidate.as_str()))))
        .with_column(col("name").fill_null(lit("")))
        .group_by([col("run"), col("regime"), col("name")])
        .agg([
            first("started_us"),
            first("scenario"),
            first("params"),
            first("comparability"),
            first("machine"),
            first("source"),
            first("source_dirty"),
            first("ci_commit"),
            first("complete"),
            col("wall_ns").filter(col("counts")).median().alias("median_ns"),
            col("counts").sum().cast(DataType::UInt64).alias("samples"),
        ])
        // Grouping leaves the rows in any order.
        .sort(["started_us", "run", "regime", "name"], SortMultipleOptions::default())
        .collect()?;
    let texts = |name: &str| found.column(name)?.str();
    let (runs, regimes, names) = (texts("run")?, texts("regime")?, texts("name")?);
    let (scenarios, params, keys) = (texts("scenario")?, texts("params")?, texts("comparability")?);
    let (machines, sources, commits) = (texts("machine")?, texts("source")?, texts("ci_commit")?);
    let started = found.column("started_us")?.i64()?;
    let dirty = found.column("source_dirty")?.bool()?;
    let complete = found.column("complete")?.bool()?;
    let median_ns = found.column("median_ns")?.f64()?;
    let samples = found.column("samples")?.u64()?;
    let text = |column: &StringChunked, at| column.get(at).unwrap_or_default().to_owned();
    let mut medians = Vec::with_capacity(found.height());
    for at in 0..found.height() {
        // Nobody can ask for a regime that this version does not know.
        let Some(regime) = regimes.get(at).and_then(|regime| regime.parse::<Regime>().ok()) else {
            continue;
        };
        medians.push(RunMedian {
            scenario: text(scenarios, at),
            params: text(params, at),
            machine: text(machines, at),
            regime,
            name: text(names, at),
            point: Point {
                run: text(runs, at),
                started: moment(started.get(at)),
                source: sources.get(at).or(commits.get(at)).map(str::to_owned),
                dirty: sources.get(at).is_some() && dirty.get(at) == Some(true),
                key: text(keys, at),
                median_s: median_ns.get(at).map(|ns| ns / NS),
                samples: samples.get(at).unwrap_or_default() as u32,
                complete: complete.get(at).unwrap_or_default(),
            },
        });
    }
    Ok(medians)
}

fn moment(us: Option<i64>) -> Instant {
    us.and_then(DateTime::from_timestamp_micros).unwrap_or_default()
}

fn trend(medians: Vec<RunMedian>, kind: RowKind, query: &TrendQuery) -> Trend {
    let series = series(medians, kind, query);
    let mut notes = Vec::new();
    if series.is_empty() {
        notes.push("The history has no run that matches.".to_owned());
    }
    // Runs of two scenarios are never of one kind: the kinds of one measurement are counted.
    let mut kinds: BTreeMap<_, BTreeSet<&String>> = BTreeMap::new();
    for series in &series {
        let keys = series.points.iter().map(|point| &point.key);
        kinds.entry((&series.scenario, &series.params)).or_default().extend(keys);
    }
    let most = kinds.values().map(BTreeSet::len).max().unwrap_or(0);
    if most > 1 {
        let what = format!("Runs on {most} kinds of machine, tools or scenario files are");
        notes.push(if query.across {
            format!("{what} in one series: a step may be due to the machine.")
        } else {
            format!("{what} in separate series, and no step is looked for between them.")
        });
    }
    let incomplete: BTreeSet<&String> = series
        .iter()
        .flat_map(|series| &series.points)
        .filter(|point| !point.complete)
        .map(|point| &point.run)
        .collect();
    if let Some(first) = incomplete.first() {
        notes.push(format!(
            "Not complete, shown with the samples that there are: {}, the first of them {}.",
            units::counted(incomplete.len(), "run"),
            quoted(first)
        ));
    }
    Trend { series, notes }
}

/// Series by scenario, params, kind, regime and name, their runs by start.
fn series(medians: Vec<RunMedian>, kind: RowKind, query: &TrendQuery) -> Vec<Series> {
    type Key = (String, String, Option<(String, String)>, Measure, Regime);
    let mut all: BTreeMap<Key, Vec<Point>> = BTreeMap::new();
    for RunMedian { scenario, params, machine, regime, name, point } in medians {
        let measure = match kind {
            RowKind::Phase => Measure::Phase(name),
            RowKind::Example => Measure::Example(name),
            RowKind::Run | RowKind::Sample | RowKind::Cache => Measure::Total,
        };
        let of = (!query.across).then(|| (machine, point.key.clone()));
        all.entry((scenario, params, of, measure, regime)).or_default().push(point);
    }
    all.into_iter()
        .map(|((scenario, params, of, measure, regime), mut points)| {
            points.sort_by(|one, other| (one.started, &one.run).cmp(&(other.started, &other.run)));
            if query.last > 0 {
                points.drain(..points.len().saturating_sub(query.last));
            }
            let kind = match of {
                Some((machine, key)) => RunKind::One { key, machine },
                None => RunKind::Several(
                    points.iter().map(|point| &point.key).collect::<BTreeSet<_>>().len(),
                ),
            };
            // This package wrote it as an object of texts.
            let params = serde_json::from_str(&params).unwrap_or_default();
            Series { scenario, params, kind, regime, measure, points }
        })
        .collect()
}
