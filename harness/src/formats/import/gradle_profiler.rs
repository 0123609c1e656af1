//! `benchmark.csv` of `gradle-profiler --csv-format long`: one row per value, never quoted.
//!
//! A scenario, tool and task list is a series; its rows of the phase `MEASURE` and the value `total execution
//! time` are its samples, in milliseconds. Warm-ups are not samples. Other values (garbage collection, time to
//! the first task, build operations) overlap the total and each other; they are not examples and are left out.

use std::collections::{BTreeMap, BTreeSet};

use super::results::{ImportedSeries, Reading, Results};
use crate::formats::extract::{Malformed, Position, from_millis};

pub(super) const HEADER: &str = "Scenario,Tool,Tasks,Phase,Iteration,Sample,Duration,Count";
/// How the other form of the file begins.
pub(super) const WIDE: &str = "scenario,";
const COLUMNS: usize = 8;
const TOTAL: &str = "total execution time";

pub(super) fn read(text: &str) -> Result<Results, Malformed> {
    let mut lines = text.lines().zip(1_u64..);
    let header = lines.next().map_or("", |(line, _)| line.trim_end());
    if header != HEADER {
        let hint = if header.starts_with(WIDE) {
            " (hint: `gradle-profiler --csv-format long` writes it)"
        } else {
            ""
        };
        let message = format!("expected the header `{HEADER}`{hint}");
        return Err(Malformed::new(Position::Line(1), message));
    }
    let mut series: Vec<ImportedSeries> = Vec::new();
    let mut left_out: BTreeSet<&str> = BTreeSet::new();
    let mut warm_ups = 0_usize;
    for (line, number) in lines {
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |message: String| Malformed::new(Position::Line(number), message);
        let fields: Vec<&str> = line.trim_end().split(',').collect();
        let [scenario, tool, tasks, phase, iteration, value, duration, _] = fields.as_slice()
        else {
            return Err(wrong(format!(
                "{} fields, expected {COLUMNS} (hint: a name with a comma, or a decimal comma, looks like a \
                 separator)",
                fields.len()
            )));
        };
        if iteration.parse::<u32>().is_err() {
            return Err(wrong(format!("iteration `{iteration}`, expected a number")));
        }
        let wall_ns = duration.parse().ok().and_then(from_millis).ok_or_else(|| {
            wrong(format!("duration `{duration}`, expected milliseconds from 0 to 1e12"))
        })?;
        let params = BTreeMap::from([("tool", tool), ("tasks", tasks)])
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (name.to_owned(), (*text).to_owned()))
            .collect();
        let at = series.iter().position(|one| one.name == *scenario && one.params == params);
        let at = at.unwrap_or_else(|| {
            series.push(ImportedSeries {
                name: (*scenario).to_owned(),
                params,
                samples: Vec::new(),
            });
            series.len() - 1
        });
        match (*phase, *value) {
            ("MEASURE", TOTAL) => series[at].samples.push(Reading::ok(wall_ns)),
            ("WARM_UP", TOTAL) => warm_ups += 1,
            ("MEASURE" | "WARM_UP", other) => {
                left_out.insert(other);
            }
            (other, _) => {
                return Err(wrong(format!("phase `{other}`, expected `MEASURE` or `WARM_UP`")));
            }
        }
    }
    let mut notes = Vec::new();
    if warm_ups > 0 {
        notes.push(format!("left out because they are not samples: {warm_ups} warm-up builds"));
    }
    if !left_out.is_empty() {
        let names: Vec<String> = left_out.iter().map(|name| format!("`{name}`")).collect();
        notes.push(format!("left out, since they overlap the total: {}", names.join(", ")));
    }
    Ok(Results { series, notes })
}
