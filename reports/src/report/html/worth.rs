//! What a job is made of and what the cache is worth.

use super::super::{Input, economics as shared, quota as entries, table as words_of};
use super::markup::Markup;
use super::page::Section;
use super::table::{Cell, Table, numbers, words};
use super::{charts, figure, prose};
use crate::document::units;

/// A job from left to right, a regime each.
pub(super) fn job(input: &Input) -> Option<Section> {
    let jobs = charts::jobs(input.summary);
    let svg = charts::waterfall(&jobs)?;
    let mut table = Table::new(
        "Parts of a job",
        vec![words("regime"), words("part"), numbers("begins at"), numbers("takes")],
    );
    for (regime, steps) in &jobs {
        for step in steps {
            table.row(vec![
                words_of::label(regime).into(),
                Markup::default().name(&step.name).into(),
                Cell::from(units::seconds(step.from)),
                Cell::from(units::seconds(step.takes)),
            ]);
        }
    }
    let body = figure(
        &svg,
        &Markup::of("Medians of each part; they need not add up to the median of the whole."),
    )
    .raw("<details><summary>As a table</summary>")
    .add(&table.markup())
    .raw("</details>\n");
    Some(Section {
        id: "job",
        heading: "A job, part by part",
        lead: "Restore, then the measured phases, then save. Checkout and set-up are not in it.",
        body,
    })
}

/// Measured phases; `None` where there is but one.
pub(super) fn phases(input: &Input) -> Option<Section> {
    let svg = charts::phases(input.summary, input.run)?;
    let mut table = Table::new(
        "Measured phases",
        vec![
            words("phase"),
            words("regime"),
            numbers("median"),
            numbers("share of the difference from cold"),
        ],
    );
    for phase in &input.run.run.phases {
        for regime in &input.summary.regimes {
            let Some(time) = regime.phases.get(phase) else { continue };
            table.row(vec![
                Markup::default().name(phase).into(),
                words_of::label(regime).into(),
                units::seconds(time.median).into(),
                time.difference_share
                    .map_or_else(|| words_of::NOTHING.to_owned(), units::percent)
                    .into(),
            ]);
        }
    }
    let body = figure(&svg, &Markup::of("Medians."))
        .raw("<details><summary>As a table</summary>")
        .add(&table.without_empty_columns().markup())
        .raw("</details>\n");
    Some(Section { id: "phases", heading: "Phases", lead: "", body })
}

/// `None` where no warm regime has economics.
pub(super) fn economics(input: &Input) -> Option<Section> {
    let section = shared::section(input.summary)?;
    let body = prose("What a hit saves and a miss costs", &section);
    Some(Section {
        id: "economics",
        heading: "Economics",
        lead: "A hit saves cold minus restore and warm. A miss costs the save. The cache pays from the share of hits at which \
               both are even.",
        body,
    })
}

/// `None` where nobody fetched what the CI's cache holds.
pub(super) fn quota(input: &Input) -> Option<Section> {
    let section = entries::section(input.beside.quota)?;
    let body = prose("Entries by who saved them", &section);
    Some(Section {
        id: "quota",
        heading: "CI cache and its quota",
        lead: "As the provider's API listed it when the workflow asked.",
        body,
    })
}
