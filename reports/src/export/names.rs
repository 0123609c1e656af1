//! Foreign names in documents that other tools show.

use std::collections::BTreeSet;

use bench_record::{Arm, LoadedRun, Regime};

use crate::document::text::visible;

/// Longest name, in characters: test identifiers fit, and no dashboard drowns in one.
const LONGEST: usize = 200;

/// The text without what a terminal, browser or XML 1.0 reader would obey or refuse.
pub(super) fn shown(text: &str) -> String {
    // The two characters besides the control characters that XML 1.0 refuses.
    visible(text).replace(['\u{fffe}', '\u{ffff}'], "")
}

/// The name without what can only be obeyed, cut to a length that can be shown. The other
/// tools put names into Markdown in backticks, so that one of its own becomes an apostrophe.
pub(super) fn plain(text: &str) -> String {
    let text = shown(text).replace('`', "'");
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        None => text.to_owned(),
        Some(_) => text.chars().take(LONGEST - 1).chain(['\u{2026}']).collect(),
    }
}

/// What is measured, as one line of a history: `fastled-uno/Blink [cold]`. Other params are another line.
pub(super) fn series(run: &LoadedRun, example: Option<&str>, regime: Regime, arm: Arm) -> String {
    let mut name = plain(&run.run.scenario.name);
    if let Some(example) = example {
        name.push('/');
        name.push_str(&plain(example));
    }
    let mut brackets = vec![regime.to_string()];
    if arm == Arm::Baseline {
        brackets.push(arm.to_string());
    }
    let own = run.run.arms.iter().find(|info| info.arm == arm);
    for (key, value) in &run.run.params {
        let value = own.and_then(|info| info.params.get(key)).unwrap_or(value);
        brackets.push(format!("{}={}", plain(key), plain(value)));
    }
    format!("{name} [{}]", brackets.join(", "))
}

/// Tells names apart that became the same when they were made plain.
#[derive(Debug, Default)]
pub(super) struct Unique(BTreeSet<String>);

impl Unique {
    /// The name, or with the first number that makes it new.
    pub(super) fn take(&mut self, name: &str) -> String {
        let mut unique = name.to_owned();
        let mut number = 2_u32;
        while !self.0.insert(unique.clone()) {
            unique = format!("{name} ({number})");
            number += 1;
        }
        unique
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_what_can_be_shown() {
        assert_eq!(plain(" a\u{202e}b\u{0}`c\nd "), "ab'c d");
        assert_eq!(plain(&"x".repeat(10_000)).chars().count(), LONGEST);
    }

    #[test]
    fn equal_names_become_different_ones() {
        let mut unique = Unique::default();
        let names = ["a", "a", "a (2)", "a"].map(|name| unique.take(name));
        assert_eq!(names, ["a", "a (2)", "a (2) (2)", "a (3)"]);
    }
}
