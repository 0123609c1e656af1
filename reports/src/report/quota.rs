//! The CI's cache against its quota, where somebody fetched what it holds.

use super::section::Section;
use super::table::NOTHING;
use crate::document::units;
use crate::quota::{LIMIT, Quota};

/// `None` without an answer of the API.
pub(crate) fn section(quota: Option<&Quota>) -> Option<Section> {
    let quota = quota?;
    let row = |(scope, count, bytes): (&str, usize, u64)| {
        vec![
            scope.to_owned(),
            count.to_string(),
            units::bytes(bytes),
            units::percent(bytes as f64 / LIMIT as f64),
        ]
    };
    let mut rows: Vec<Vec<String>> = quota.scopes().into_iter().map(row).collect();
    if rows.is_empty() {
        rows.push(vec![
            "any ref".to_owned(),
            "0".to_owned(),
            NOTHING.to_owned(),
            NOTHING.to_owned(),
        ]);
    }
    Some(Section {
        heading: "CI cache and its quota",
        header: vec!["saved by", "entries", "size", "of the quota"],
        rows,
        sentences: quota.sentences(),
    })
}
