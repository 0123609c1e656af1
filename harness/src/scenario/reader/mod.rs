//! Reading TOML along a table of keys. Every problem of a file is collected with its place; nothing stops at the
//! first one.

mod diagnostics;
mod fields;
mod keys;
mod problem;

pub(crate) use diagnostics::{Diagnostics, Text, is_name, number};
pub(crate) use fields::{Fields, KeyValue, all};
pub(crate) use keys::{
    Count, Group, Key, Shape, TableShape, one_of, optional, required, word_of, words_of,
};
pub use problem::{Problem, Problems};
