//! One row per time: the long format that spreadsheets and data frames start from.

use bench_record::{
    Arm, CacheUse, ComparisonSummary, Example, Infinite, Outcome, Regime, Sample, Usage,
};

use super::comparison;
use super::input::{Input, RenderError, Renderer};
use crate::document::text;

/// Writes one row for each sample, phase, example and comparison (column `kind`). A value that a kind does not have, or
/// that is unknown, is an empty field. RFC 4180.
#[derive(Clone, Copy, Debug)]
pub struct Csv;

/// The columns, in order. Times are seconds with nine decimals: exactly the recorded nanoseconds.
const COLUMNS: [&str; 20] = [
    "run",
    "block",
    "arm",
    "regime",
    "sample",
    "outcome",
    "kind",
    "name",
    "position",
    "wall_s",
    "user_s",
    "system_s",
    "restore_s",
    "save_s",
    "hits",
    "misses",
    "ratio",
    "ratio_low",
    "ratio_high",
    "pairs",
];

impl Renderer for Csv {
    fn render(&self, input: &Input) -> Result<String, RenderError> {
        let mut rows =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        rows.write_record(COLUMNS)?;
        let run = input.run.run.id.as_str();
        for (sample, examples) in &input.run.samples {
            for unit in units(sample, examples) {
                rows.write_record(unit.fields(run, sample).iter().map(|text| inert(text)))?;
            }
        }
        for comparison in &input.summary.comparisons {
            rows.write_record(compared(run, comparison).iter().map(|text| inert(text)))?;
        }
        let bytes = rows.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
        String::from_utf8(bytes)
            .map_err(|error| csv::Error::from(std::io::Error::other(error)).into())
    }
}

/// The rows of a sample.
fn units<'a>(sample: &'a Sample, examples: &'a [Example]) -> Vec<Unit<'a>> {
    let moved = |value: fn(&CacheUse) -> Option<u64>| {
        sample.caches.values().filter_map(value).reduce(u64::saturating_add)
    };
    let whole = Unit {
        // Who imports times knows nothing else.
        usage: (sample.regime != Regime::Unknown).then_some(sample.usage),
        restore_ns: moved(|cache| cache.restore_ns),
        save_ns: moved(|cache| cache.save_ns),
        hits: sample.evidence.hits,
        misses: sample.evidence.misses,
        ..Unit::new("sample", sample.outcome, sample.wall_ns)
    };
    let phases = sample.phases.iter().map(|phase| Unit {
        name: Some(&phase.name),
        usage: Some(phase.usage),
        ..Unit::new("phase", phase.outcome, phase.wall_ns)
    });
    let examples = examples.iter().map(|example| Unit {
        name: Some(&example.name),
        position: Some(example.position),
        ..Unit::new("example", example.outcome, example.wall_ns)
    });
    std::iter::once(whole).chain(phases).chain(examples).collect()
}

/// A verdict as a row: `outcome` is its word, `name` says what was compared; an infinite end is `inf`.
fn compared(run: &str, of: &ComparisonSummary) -> [String; 20] {
    let ratio = |value: Option<f64>, which| match value {
        Some(value) => value.to_string(),
        None if of.infinite.contains(&which) => "inf".to_owned(),
        None => String::new(),
    };
    let mut fields = [const { String::new() }; 20];
    run.clone_into(&mut fields[0]);
    Regime::as_str(of.regime).clone_into(&mut fields[3]);
    comparison::verdict(of).clone_into(&mut fields[5]);
    "comparison".clone_into(&mut fields[6]);
    fields[7] = comparison::label(of);
    fields[16] = ratio(of.ratio, Infinite::Ratio);
    fields[17] = ratio(of.low, Infinite::Low);
    fields[18] = ratio(of.high, Infinite::High);
    fields[19] = of.n.to_string();
    fields
}

/// What one row is about.
struct Unit<'a> {
    kind: &'static str,
    outcome: Outcome,
    name: Option<&'a str>,
    position: Option<u32>,
    wall_ns: u64,
    usage: Option<Usage>,
    restore_ns: Option<u64>,
    save_ns: Option<u64>,
    hits: Option<u64>,
    misses: Option<u64>,
}

impl Unit<'_> {
    fn new(kind: &'static str, outcome: Outcome, wall_ns: u64) -> Self {
        Self {
            kind,
            outcome,
            name: None,
            position: None,
            wall_ns,
            usage: None,
            restore_ns: None,
            save_ns: None,
            hits: None,
            misses: None,
        }
    }

    fn fields(&self, run: &str, sample: &Sample) -> [String; 20] {
        let time = |ns: Option<u64>| ns.map_or_else(String::new, seconds);
        let number = |number: Option<u64>| number.map_or_else(String::new, |n| n.to_string());
        [
            run.to_owned(),
            sample.block.to_string(),
            Arm::as_str(sample.arm).to_owned(),
            Regime::as_str(sample.regime).to_owned(),
            sample.id.as_str().to_owned(),
            self.outcome.as_str().to_owned(),
            self.kind.to_owned(),
            self.name.unwrap_or_default().to_owned(),
            number(self.position.map(u64::from)),
            seconds(self.wall_ns),
            time(self.usage.map(|usage| usage.user_ns)),
            time(self.usage.map(|usage| usage.system_ns)),
            time(self.restore_ns),
            time(self.save_ns),
            number(self.hits),
            number(self.misses),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ]
    }
}

/// Integer arithmetic: no digit is lost.
fn seconds(ns: u64) -> String {
    format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000)
}

/// The text without characters that a terminal would obey, and with an apostrophe before what a spreadsheet would take
/// for a formula.
fn inert(text: &str) -> String {
    let mut text = text::visible(text);
    if text
        .trim_start()
        .starts_with(['=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'])
    {
        text.insert(0, '\'');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        assert_eq!(inert("two\nlines"), "two lines");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\u{200b}=1"] {
            let inert = inert(formula);
            assert!(inert.starts_with('\''), "{formula:?} became {inert:?}");
        }
    }

    #[test]
    fn seconds_are_the_nanoseconds_exactly() {
        assert_eq!(seconds(12_345_678_901), "12.345678901");
        assert_eq!(seconds(7), "0.000000007");
    }
}
