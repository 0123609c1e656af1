//! `JUnit` XML: one sample, its test cases are examples.
//!
//! The sample's time is the sum of the cases' own times: writers disagree on whether the `time` of a suite is
//! a sum or a duration, and leave it out at will. Where tests ran side by side the sum is more than the
//! duration.

use std::collections::BTreeMap;

use super::results::{ImportedSeries, Reading, Results};
use crate::formats::extract::{self, ExtractError, Position};

pub(super) fn read(text: &str, name: &str, file: &str) -> Result<Results, ExtractError> {
    let examples = extract::junit(&mut text.as_bytes(), file)?;
    if examples.is_empty() {
        return Err(ExtractError::Malformed {
            file: file.to_owned(),
            at: Position::Byte(text.len() as u64),
            message: "no test case ran, expected at least one".to_owned(),
        });
    }
    let wall_ns = examples.iter().map(|example| example.wall_ns).fold(0, u64::saturating_add);
    let samples = vec![Reading { examples, ..Reading::ok(wall_ns) }];
    let series = ImportedSeries { name: name.to_owned(), params: BTreeMap::new(), samples };
    Ok(Results { series: vec![series], notes: Vec::new() })
}
