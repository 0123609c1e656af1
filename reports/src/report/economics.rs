//! What each warm regime is worth, in one table, and where its saving ends.

use bench_record::{Assumptions, Economics, Estimate, Regime, RegimeSummary, Summary, Transfer};

use super::cells;
use super::input::Input;
use crate::document::text::quoted;
use crate::document::{Blocks, Cell, Column, NOTHING, Section, Table, units};
use crate::summary::Gain;

/// Phases that are named per regime.
const PHASES: usize = 2;
/// Smallest share of a difference that is named.
const LEAST_SHARE: f64 = 0.01;

/// `None` where no warm regime has economics.
pub(super) fn section(input: &Input) -> Option<Section> {
    let summary = input.summary;
    let all: Vec<(&RegimeSummary, &Economics)> = summary
        .regimes
        .iter()
        .filter_map(|regime| Some((regime, regime.economics.as_ref()?)))
        .collect();
    if all.is_empty() {
        return None;
    }
    let columns = [
        Column::words("regime"),
        Column::words("transfer"),
        Column::numbers("a hit saves"),
        Column::numbers("interval"),
        Column::numbers("a miss costs"),
        Column::numbers("pays from"),
    ];
    let mut table = Table::new("What a hit saves and a miss costs", columns).of("regimes");
    for (regime, economics) in &all {
        table.row(row(summary, regime, economics).map(Cell::from));
    }
    let mut notes = vec![transfer(summary, &all)];
    notes.extend(stated(summary, &all));
    notes.extend(floor(summary));
    notes.extend(phases(summary));
    let blocks = Blocks::new().table(table.without_empty_columns()).notes(notes);
    let section = Section::new("economics", "Economics", blocks).folded().lead(
        "A hit saves cold minus restore and warm. A miss costs the save. The cache pays from the share of hits at \
         which both are even.",
    );
    Some(section)
}

fn row(summary: &Summary, regime: &RegimeSummary, economics: &Economics) -> [String; 6] {
    let miss = economics.miss_costs_s;
    let cold = summary.regimes.iter().find(|of| of.regime == Regime::Cold && of.arm == regime.arm);
    // A share of hits from which on it pays would claim a saving that the run does not show.
    let shown = match economics.hit_saves_s.low {
        Some(low) => low > 0.0,
        None => !matches!(Gain::of(regime, cold), Gain::Unclear),
    };
    // "Never" would claim too much as well: an interval with both signs does not say which.
    let lost = match economics.hit_saves_s.high {
        Some(high) => high < 0.0,
        None => !matches!(Gain::of(regime, cold), Gain::Unclear),
    };
    [
        cells::label(regime),
        economics.transfer.as_str().to_owned(),
        units::seconds(economics.hit_saves_s.value),
        interval(economics.hit_saves_s).unwrap_or_else(|| NOTHING.to_owned()),
        cells::time(miss.map(|miss| miss.value)),
        match (miss, economics.break_even_hit_rate) {
            (None, _) => NOTHING.to_owned(),
            (Some(_), None) if !lost => "not shown".to_owned(),
            (Some(_), None) => "never".to_owned(),
            (Some(_), Some(_)) if !shown => "not shown".to_owned(),
            (Some(_), Some(rate)) if rate.value == 0.0 => "any hit".to_owned(),
            (Some(_), Some(rate)) => format!("{} hits", units::percent(rate.value)),
        },
    ]
}

fn interval(estimate: Estimate) -> Option<String> {
    Some(units::seconds_range(estimate.low?, estimate.high?))
}

/// What the transfer times hold.
fn transfer(summary: &Summary, all: &[(&RegimeSummary, &Economics)]) -> String {
    if all.iter().all(|(_, economics)| economics.transfer == Transfer::Stayed) {
        return "The cache stayed on its runner: nothing was transferred.".to_owned();
    }
    match summary.assumptions.and_then(|stated| stated.transfer_bytes_per_s) {
        None => "Save and restore are those of a local disk: they include no network time (hint: `--transfer-rate`)."
            .to_owned(),
        Some(rate) => format!(
            "Save and restore: local disk, plus each archive at {}/s either way, as stated.",
            units::bytes(rate as u64)
        ),
    }
}

/// What follows from the hit rate, jobs and price that the user stated.
fn stated(summary: &Summary, all: &[(&RegimeSummary, &Economics)]) -> Option<String> {
    let Assumptions { hit_rate, jobs_per_month, price_per_minute, .. } = summary.assumptions?;
    let rate = units::stated_percent(hit_rate?);
    let regimes: Vec<String> = all
        .iter()
        .filter_map(|(regime, economics)| {
            let job = units::seconds(economics.job_saves_s?);
            let month = economics.month.map_or_else(String::new, |month| {
                let money = month.money.map_or_else(String::new, |money| format!(" ({money:.2})"));
                format!(", {:.0} minutes a month{money}", month.minutes)
            });
            Some(format!("{} saves {job} a job{month}", cells::label(regime)))
        })
        .collect();
    if regimes.is_empty() {
        return None;
    }
    let given = |text: Option<String>| text.unwrap_or_default();
    let jobs = given(jobs_per_month.map(|jobs| format!(" and {jobs} jobs a month")));
    let price = given(price_per_minute.map(|price| format!(" at {price} a minute")));
    Some(format!("At {rate} hits{jobs}{price}: {}.", regimes.join("; ")))
}

/// How near the warm regimes come to what is possible.
fn floor(summary: &Summary) -> Option<String> {
    let regimes: Vec<String> = summary
        .regimes
        .iter()
        .filter_map(|regime| {
            let captured = regime.saving_captured?;
            let ends = match (captured.low, captured.high) {
                (Some(low), Some(high)) => {
                    format!(" ({} to {})", units::percent(low), units::percent(high))
                }
                _ => String::new(),
            };
            Some(format!("{} {}{ends}", cells::label(regime), units::percent(captured.value)))
        })
        .collect();
    let hot = summary.regimes.iter().find(|regime| regime.regime == Regime::Hot)?.wall_s?;
    (!regimes.is_empty()).then(|| {
        format!(
            "Floor: {} (hot), which no cache removes. Of the saving above it, before transfer: {}.",
            units::seconds(hot.median),
            regimes.join(", ")
        )
    })
}

/// Where several phases are measured: which of them the difference lies in.
fn phases(summary: &Summary) -> Option<String> {
    let regimes: Vec<String> = summary
        .regimes
        .iter()
        .filter(|regime| regime.phases.len() > 1)
        .filter_map(|regime| {
            let mut shares: Vec<(&String, f64)> = regime
                .phases
                .iter()
                .filter_map(|(name, phase)| Some((name, phase.difference_share?)))
                .collect();
            // What is nothing in print is not where a difference lies.
            shares.retain(|(_, share)| share.abs() >= LEAST_SHARE);
            shares.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            let named: Vec<String> = shares
                .iter()
                .take(PHASES)
                .map(|(name, share)| format!("{} {}", quoted(name), units::percent(*share)))
                .collect();
            (!named.is_empty()).then(|| format!("{}: {}", cells::label(regime), named.join(", ")))
        })
        .collect();
    (!regimes.is_empty())
        .then(|| format!("Where the difference from cold lies: {}.", regimes.join("; ")))
}
