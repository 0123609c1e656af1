//! Records in which every field says something: no `None`, no empty map. A new field does not compile
//! until it is added here, and then `documented` asks for its line in docs/RECORD.md.

#![allow(
    dead_code,
    unused_imports,
    clippy::allow_attributes,
    reason = "each test binary uses its own part of the builders"
)]

mod records;
mod summary;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub(crate) use records::{end, every_kind, example, resume, run, sample, shares};
pub(crate) use summary::summary;

fn text(text: &str) -> String {
    text.to_owned()
}

#[expect(clippy::unnecessary_wraps, reason = "every optional field is filled through it")]
fn some(some: &str) -> Option<String> {
    Some(some.to_owned())
}

fn map<V>(key: &str, value: V) -> BTreeMap<String, V> {
    BTreeMap::from([(key.to_owned(), value)])
}

pub(crate) fn instant() -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600, 250_000_000).expect("a valid time")
}
