//! Tables: numbers to the right, a caption for who cannot see, and what the script needs to sort.

use maud::{Markup, html};

use super::inline::Inert;
use crate::document::media::Media;
use crate::document::table::{Column, Content, Table, TableRow};

/// The table in a box that scrolls where it must.
pub(super) fn table(table: &Table) -> Markup {
    let columns = table.shown(Media::HTML);
    let body = html! {
        div.scroll {
            table data-table[table.sortable] {
                caption { (Inert(&table.caption)) }
                thead {
                    tr {
                        @for (_, column) in &columns {
                            th scope="col" class=[class(column)] { (Inert(&column.name)) }
                        }
                    }
                }
                tbody { @for one in &table.rows { (row(one, &columns, table.sortable)) "\n" } }
            }
        }
    };
    if table.tall {
        html! { div.tall { (body) } }
    } else {
        body
    }
}

fn row(row: &TableRow, columns: &[(usize, &Column)], sortable: bool) -> Markup {
    let cells = columns.iter().enumerate().map(|(place, (index, column))| {
        let cell = row.cells.get(*index);
        let value = cell.and_then(|cell| cell.value).filter(|_| sortable);
        let value = value.map(|value| format!("{value:.6}"));
        let words = cell.map(|cell| &cell.words);
        html! {
            @if place == 0 {
                th scope="row" class=[class(column)] data-v=[value] { @if let Some(words) = words { (words) } }
            } @else {
                td class=[class(column)] data-v=[value] { @if let Some(words) = words { (words) } }
            }
        }
    });
    html! { tr id=[row.anchor.as_deref().map(Inert)] { @for cell in cells { (cell) } } }
}

const fn class(column: &Column) -> Option<&'static str> {
    match column.content {
        Content::Words | Content::Names => None,
        Content::Prose => Some("p"),
        Content::Signs => Some("c"),
        Content::Numbers => Some("n"),
    }
}
