//! What fits into a comment.

use std::fmt::Write as _;

/// Comments are cut at 65,536 characters; what a caller adds around the document needs room too.
const LIMIT: usize = 60_000;
/// Kept free for the counts of what was left out.
const RESERVE: usize = 2_000;
/// Rows of any list or table that is not long, so that none crowds the others out.
const LISTED: usize = 30;

/// A piece of a document.
pub(super) enum Piece {
    /// It is in the document whatever its length.
    Kept(String),
    /// It is left out where it does not fit.
    Fitting(String),
    /// As many of the rows as fit, then how many are left out.
    Rows { rows: Vec<String>, lead: &'static str, noun: &'static str, long: bool },
}

/// Counted as UTF-16, the largest of the ways in which the limit can be meant.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The pieces that fit: what must be there first, then paragraphs and short lists in their order, then long lists.
pub(super) fn fitted(pieces: &[Piece]) -> String {
    let kept = |piece: &Piece| match piece {
        Piece::Kept(text) => length(text),
        _ => 0,
    };
    let mut room = (LIMIT - RESERVE).saturating_sub(pieces.iter().map(kept).sum());
    let mut shown: Vec<usize> = vec![0; pieces.len()];
    for long_ones in [false, true] {
        for (piece, shown) in pieces.iter().zip(&mut shown) {
            let (rows, most) = match piece {
                Piece::Fitting(text) if !long_ones => (std::slice::from_ref(text), 1),
                Piece::Rows { rows, long, .. } if *long == long_ones => {
                    (rows.as_slice(), if *long { usize::MAX } else { LISTED })
                }
                _ => continue,
            };
            for row in rows.iter().take(most) {
                let length = length(row);
                if length > room || length > LIMIT / 4 && rows.len() > 1 {
                    break;
                }
                room -= length;
                *shown += 1;
            }
        }
    }
    let mut page = String::new();
    for (piece, shown) in pieces.iter().zip(shown) {
        match piece {
            Piece::Kept(text) => page.push_str(text),
            Piece::Fitting(text) if shown == 1 => page.push_str(text),
            Piece::Fitting(_) => {}
            Piece::Rows { rows, lead, noun, .. } => {
                page.extend(rows.iter().take(shown).map(String::as_str));
                if shown < rows.len() {
                    // Writing to a String cannot fail.
                    let left_out = rows.len() - shown;
                    let _ = writeln!(page, "{lead}{left_out} more {noun} are left out");
                }
            }
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_takes_what_all_others_leave() {
        let rows = |count: usize, long| Piece::Rows {
            rows: (0..count).map(|row| format!("* {row} {}\n", "x".repeat(90))).collect(),
            lead: "* ",
            noun: "rows",
            long,
        };
        let pieces = vec![
            rows(10_000, true),
            Piece::Fitting("y".repeat(5_000)),
            rows(40, false),
            Piece::Kept("end".to_owned()),
        ];
        let page = fitted(&pieces);
        assert!(length(&page) <= LIMIT && length(&page) > LIMIT - RESERVE - 200, "{}", page.len());
        assert!(page.contains(&"y".repeat(5_000)) && page.ends_with("end"));
        assert!(page.contains("* 10 more rows are left out"));
    }
}
