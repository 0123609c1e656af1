//! Blocks of a section as HTML.

use maud::{Markup, PreEscaped, html};

use super::inline::{Inert, key};
use super::table::table;
use crate::document::block::{Block, Blocks, Card, Figure, ListKind, Weight};
use crate::document::chart::RowChart;
use crate::document::media::Media;
use crate::document::words::Words;

/// The blocks in their order.
pub(super) fn blocks(blocks: &Blocks) -> Markup {
    html! { @for one in blocks.shown(Media::HTML) { (block(one)) "\n" } }
}

fn block(block: &Block) -> Markup {
    match block {
        Block::Heading(words) => html! { h3 { (words) } },
        Block::Paragraph(weight, words) => paragraph(*weight, words),
        Block::List(kind, items) => list(*kind, items),
        Block::Labelled(items) => labelled(items, None),
        Block::Facts(facts) => html! {
            dl { @for (name, value) in facts { dt { (Inert(name)) } dd { (value) } "\n" } }
        },
        Block::Table(one) => table(one),
        Block::Cards(cards) => html! { div.cards { @for one in cards { (card(one)) "\n" } } },
        Block::Figure(one) => figure(one),
        Block::Listing { label, text, .. } => html! {
            h3 { (Inert(label)) }
            pre tabindex="0" aria-label=(Inert(label)) {
                @for line in text.lines() { (Inert(line)) "\n" }
            }
        },
        Block::Folded { summary, blocks: folded } => html! {
            details { summary { (Inert(summary)) } (blocks(folded)) }
        },
    }
}

pub(super) fn paragraph(weight: Weight, words: &Words) -> Markup {
    match weight {
        Weight::Plain => html! { p { (words) } },
        Weight::Quiet => html! { p.lead { (words) } },
        Weight::Strong => html! { p { b { (words) } } },
        Weight::Warning => html! { p.warning { (words) } },
    }
}

fn list(kind: ListKind, items: &[Words]) -> Markup {
    let items = html! { @for item in items { li { (item) } "\n" } };
    match kind {
        ListKind::Notes | ListKind::Remarks | ListKind::Items => html! { ul.notes { (items) } },
        ListKind::Findings => html! { ol.findings { (items) } },
        ListKind::Steps => html! { ol.steps { (items) } },
    }
}

/// Items that begin with a verdict or another label.
pub(super) fn labelled(items: &[(Words, Words)], label: Option<&str>) -> Markup {
    html! {
        ul.judged aria-label=[label] {
            @for (verdict, words) in items { li { (verdict) " " (words) } "\n" }
        }
    }
}

fn card(card: &Card) -> Markup {
    html! {
        div.card {
            h3 { (card.heading) }
            p.big { (card.answer) }
            @if let Some(basis) = &card.basis { p.spread { (basis) } }
            @for line in &card.lines { p { (line) } }
        }
    }
}

/// A chart with its caption; nothing where there is no chart to see.
fn figure(figure: &Figure) -> Markup {
    let Some(svg) = figure.chart.svg() else { return Markup::default() };
    let drawn = html! {
        figure {
            // Written by the chart itself, whose labels are escaped.
            div.scroll { (PreEscaped(svg.as_str())) }
            figcaption {
                @if !figure.legend.is_empty() {
                    span.legend { @for (mark, word) in &figure.legend { (key(*mark, word)) } }
                    " "
                }
                (figure.caption)
            }
        }
    };
    if figure.items.is_empty() {
        return drawn;
    }
    let order: Vec<String> = figure.items.iter().map(ToString::to_string).collect();
    html! {
        div.tall data-chart data-order=(order.join(" ")) data-top=(RowChart::top(order.len()))
            data-row=(RowChart::HEIGHT) {
            (drawn)
        }
    }
}
