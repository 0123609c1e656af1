//! The candidate against the baseline.

use bench_record::{ComparisonOf, ComparisonSummary, ComparisonVerdict, ExampleChange, Infinite};

use super::cells::tone;
use super::input::Input;
use crate::document::chart::{Axis, ChartRow, RowChart, Scale, axis};
use crate::document::{Blocks, Cell, Column, Figure, Media, NOTHING, Section, Table, Words, units};
use crate::marks::mark;
use crate::verdict::words::machine;

/// Changed examples that a terminal lists.
const CHANGED: usize = 20;

/// `None` without a baseline.
pub(super) fn section(input: &Input) -> Option<Section> {
    let all = &input.summary.comparisons;
    let first = all.first()?;
    let columns = [
        Column::words("regime"),
        Column::words("verdict"),
        Column::numbers("ratio"),
        Column::numbers("interval"),
        Column::numbers("n"),
    ];
    let mut table = Table::new("Candidate against baseline", columns).of("comparisons");
    for of in all {
        let word = verdict(of);
        table.row([
            Words::new().key(mark(of.regime), label(of)).into(),
            Words::new().verdict(tone(word), word).into(),
            Cell::from(ratio(of)),
            interval(of).into(),
            of.n.to_string().into(),
        ]);
    }
    let caption = "Ratio and its interval. Band: the floor, below which nothing is called real.";
    let blocks = Blocks::new()
        .table(table)
        .figure(chart(all).map(|chart| Figure::rows(chart, caption)))
        .remarks(all.iter().map(remark))
        .quiet(format!(
            "ratio: candidate / baseline, above 1 is slower; {}{}.",
            first.design,
            machine(&first.host)
        ))
        .then(changes(&input.summary.example_changes));
    Some(Section::new("comparison", "Candidate against baseline", blocks))
}

/// Ratios with their intervals, the floor around 1.
fn chart(all: &[ComparisonSummary]) -> Option<RowChart> {
    let lines: Vec<ChartRow> = all
        .iter()
        .filter_map(|of| {
            Some(ChartRow {
                label: label(of),
                note: verdict(of).to_owned(),
                span: of.low.zip(of.high),
                marks: vec![(of.ratio?, mark(of.regime))],
                ..ChartRow::default()
            })
        })
        .collect();
    let margin = all.first()?.margin;
    let floor = all.first()?.floor;
    let values = lines.iter().flat_map(|row| {
        let ends = row.span.map(|(low, high)| [low, high]);
        ends.into_iter().flatten().chain(row.marks.iter().map(|mark| mark.0))
    });
    // Without a ratio there is nothing to see: the margin alone draws no chart.
    let values: Vec<f64> = values.collect();
    values.first()?;
    let around = [1.0 / (1.0 + margin), 1.0 + margin];
    let axis = Axis::covering(Scale::Log, values.into_iter().chain(around), axis::ratio)?;
    let band = Some((1.0 / (1.0 + floor), 1.0 + floor));
    Some(RowChart { axis, lines, guide: Some(1.0), band })
}

/// The examples that changed apart from the others.
fn changes(all: &[ExampleChange]) -> Blocks {
    if all.is_empty() {
        return Blocks::new();
    }
    let columns = [
        Column::names("example"),
        Column::words("regime"),
        Column::words("flag"),
        Column::numbers("ratio"),
        Column::numbers("interval"),
        Column::numbers("n"),
    ];
    let mut table = Table::new("Examples that changed apart from the others", columns)
        .sortable()
        .terminal_rows(CHANGED)
        .of("examples");
    for one in all {
        let ends = one.low.zip(one.high);
        table.row([
            Cell::name(&one.name),
            one.regime.as_str().into(),
            one.flag.as_str().into(),
            Cell::number(units::ratio(one.ratio), Some(one.ratio)),
            Cell::or_nothing(ends.map(|(low, high)| units::ratio_range(low, high))),
            Cell::number(one.n.to_string(), Some(f64::from(one.n))),
        ]);
    }
    let heading =
        Words::from("Examples that changed").only(Media::PLAIN, format!(" ({})", all.len()));
    Blocks::new().heading(heading).table(table).quiet(
        "Each example apart from what all of them have in common; false discovery rate 5 %, steps from 10 % on.",
    )
}

/// The word of the verdict; `none` where none is possible.
pub(super) fn verdict(of: &ComparisonSummary) -> &'static str {
    of.verdict.map_or("none", ComparisonVerdict::as_str)
}

/// `compile same-runner`, `same-runner against cold`, `same-runner over cold`.
pub(super) fn label(of: &ComparisonSummary) -> String {
    let mut label = of.regime.to_string();
    if of.against != of.regime {
        label = format!("{label} against {}", of.against);
    }
    if of.of == ComparisonOf::WarmOverCold {
        label.push_str(" over cold");
    }
    match &of.phase {
        Some(phase) => format!("{phase} {label}"),
        None => label,
    }
}

/// Candidate divided by baseline, in words.
pub(super) fn ratio(of: &ComparisonSummary) -> String {
    number(of, of.ratio, Infinite::Ratio)
}

/// `1.12-1.31x`; an end that time-outs leave open is named.
pub(super) fn interval(of: &ComparisonSummary) -> String {
    if of.level.is_none() {
        return NOTHING.to_owned();
    }
    let low = number(of, of.low, Infinite::Low);
    let high = number(of, of.high, Infinite::High);
    format!("{}-{high}", low.trim_end_matches('x'))
}

fn number(of: &ComparisonSummary, value: Option<f64>, which: Infinite) -> String {
    match value {
        Some(value) => units::ratio(value),
        None if of.infinite.contains(&which) => "infinite".to_owned(),
        None => NOTHING.to_owned(),
    }
}

/// `cold: 12.3 s against 10.1 s; 98.0 % interval; margin 5 %, floor 2 %; noise 3.1 %; ...`
fn remark(of: &ComparisonSummary) -> String {
    let value = |value: f64| match of.of {
        ComparisonOf::Time => units::seconds(value),
        ComparisonOf::WarmOverCold => format!("{value:.3}"),
    };
    let mut parts = Vec::new();
    if let (Some(candidate), Some(baseline)) = (of.candidate, of.baseline) {
        parts.push(format!("{} against {}", value(candidate), value(baseline)));
    }
    parts.extend(of.level.map(|level| format!("{} interval", units::level(level))));
    parts.push(format!(
        "margin {}, floor {}",
        units::stated_percent(of.margin),
        units::stated_percent(of.floor)
    ));
    parts.extend(of.noise.map(|noise| format!("noise {}", units::percent(noise))));
    parts.extend(of.mean_ratio.map(|mean| {
        let ends = units::ratio_range(mean.low, mean.high);
        format!("mean ratio {} ({ends})", units::ratio(mean.ratio))
    }));
    let undecided = of.verdict == Some(ComparisonVerdict::Inconclusive);
    // What the interval shows already would not show any better with the same number of pairs: what is missing is the
    // level, which several questions share.
    if undecided && of.low.is_some_and(|low| low > 1.0 + of.margin) {
        parts.push(format!(
            "slower by the interval, but {} pairs cannot raise an alarm where several questions share its level (hint: more blocks, or `--auto`)",
            of.n
        ));
    } else {
        parts.extend(
            of.mde
                .filter(|_| undecided)
                .map(|mde| format!("a slowdown of {} would probably show", units::percent(mde))),
        );
    }
    for (count, what) in [
        (of.dropped, "dropped: both timed out"),
        (of.failed, "dropped: failed"),
        (of.unpaired, "with one arm only"),
    ] {
        if count > 0 {
            parts.push(format!("{} {what}", units::counted(count as usize, "pair")));
        }
    }
    parts.extend(of.next_look.map(|next| format!("next look at {next} pairs")));
    parts.extend(of.reason.clone());
    format!("{}: {}", label(of), parts.join("; "))
}
