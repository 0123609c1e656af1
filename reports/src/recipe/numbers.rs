//! The numbers to expect, the machine and how busy it was.

use bench_record::{Arm, Host, Regime, RegimeSummary};

use super::decide::saving_in_words;
use super::document::Input;
use super::worth::{Worth, estimate};
use crate::document::text::quoted;
use crate::document::{Blocks, Cell, Column, Section, Table, units};
use crate::report::RegimeTable;
use crate::summary::find;

/// Everything about times.
pub(super) fn numbers(input: &Input) -> Section {
    let cells = RegimeTable::new(input.summary);
    let columns = cells.header.iter().enumerate().map(|(index, name)| {
        if index == 0 { Column::words(*name) } else { Column::numbers(*name) }
    });
    let mut table = Table::new("Expected numbers", columns);
    for row in &cells.rows {
        table.row(row.iter().map(|cell| Cell::from(cell.as_str())));
    }
    let mut lines = Vec::new();
    if let Some((none, kept)) = input.ablation.and_then(Worth::new).and_then(|worth| worth.times())
    {
        lines.push(format!(
            "The table is of a run with all caches. With those to keep a job on another runner took {}, without any {} (the ablation; restore and save are not in it).",
            estimate(&kept),
            estimate(&none)
        ));
    }
    let cross = find(&input.summary.regimes, Regime::CrossRunner, Arm::Candidate);
    if let Some(economics) = cross.and_then(|cross| cross.economics) {
        lines.push(format!("Saving of a hit on another runner: {}.", saving_in_words(&economics)));
        if let Some(miss) = economics.miss_costs_s {
            let interval = match (miss.low, miss.high) {
                (Some(low), Some(high)) => {
                    format!(", interval {}", units::seconds_range(low, high))
                }
                _ => ", too few for an interval".to_owned(),
            };
            lines.push(format!(
                "A job that finds no cache pays {} for the save (n = {}{interval}).",
                units::seconds(miss.value),
                units::counted(economics.blocks as usize, "block")
            ));
        }
    }
    let stated = input.summary.assumptions.and_then(|stated| stated.transfer_bytes_per_s);
    let network = match stated {
        Some(rate) => format!(
            "These hold the transfer of the archive at {} MB/s, which is assumed, not measured. Restore and save in the table are those of a local disk.",
            units::megabytes(rate as u64)
        ),
        None => "No network is in these times.".to_owned(),
    };
    if !lines.is_empty() {
        lines.push(network);
    }
    let host = host(&input.run.run.host);
    lines
        .push(format!("Machine: {host}. On another machine expect other seconds: compare ratios."));
    lines.extend(noise(input));
    let blocks = Blocks::new().table(table).quiet(&cells.spread).notes(lines);
    Section::new("numbers", "Expected numbers", blocks)
}

fn host(host: &Host) -> String {
    let mut facts: Vec<String> = host.cpu.as_deref().map(quoted).into_iter().collect();
    facts.extend(host.cores.map(|cores| units::counted(cores as usize, "core")));
    facts.extend(host.cgroup_cores.map(|cores| format!("limited to {cores} cores")));
    facts.extend(host.memory_bytes.map(|bytes| format!("{} of memory", units::bytes(bytes))));
    facts.extend(host.os.as_deref().map(quoted));
    facts.extend(host.kernel.as_deref().map(|kernel| format!("kernel {}", quoted(kernel))));
    if !host.arch.is_empty() {
        facts.push(quoted(&host.arch));
    }
    facts.extend(host.file_system.as_deref().map(quoted));
    facts.extend(host.virtualisation.as_deref().map(quoted));
    if facts.is_empty() { "not recorded".to_owned() } else { facts.join(", ") }
}

/// How busy the machine was.
fn noise(input: &Input) -> Option<String> {
    let loads = || input.run.samples.iter().filter_map(|(sample, _)| sample.noise.load_before);
    let (low, high) = (loads().reduce(f64::min)?, loads().reduce(f64::max)?);
    let waited: Vec<f64> = input
        .run
        .samples
        .iter()
        .filter(|(sample, _)| sample.wall_ns > 0)
        .filter_map(|(sample, _)| {
            Some(sample.noise.pressure.cpu_ns? as f64 / sample.wall_ns as f64)
        })
        .collect();
    let waited = crate::stats::median(&waited).map_or(String::new(), |share| {
        format!(
            "; tasks waited for a CPU for {} of a sample (median)",
            units::percent(share.min(1.0))
        )
    });
    Some(format!(
        "How busy it was: load average before samples {low:.1} to {high:.1} (n = {}){waited}.",
        loads().count()
    ))
}

/// `5.05 s (n = 2, 4.01-6.09 s)`: an interval where there is one, else the range.
pub(super) fn timed(regime: &RegimeSummary) -> String {
    let Some(wall) = regime.wall_s else { return "an unknown time".to_owned() };
    let spread = match (wall.low, wall.high) {
        (Some(low), Some(high)) => format!("interval {}", units::seconds_range(low, high)),
        _ => format!("range {}", units::seconds_range(wall.min, wall.max)),
    };
    format!("{} (n = {}, {spread})", units::seconds(wall.median), regime.samples)
}
