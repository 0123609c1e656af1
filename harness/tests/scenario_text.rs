//! No text makes the reader panic, and what it accepts survives being shown.

use std::path::{Path, PathBuf};

use bench::scenario::Scenario;
use bench::scenario::show;
use proptest::prelude::*;

const FULL: &str = include_str!("scenario/full/scenario.toml");
const BROKEN: &str = include_str!("scenario/broken.toml");

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario/full")
}

/// Reads, renders what is wrong, and shows what is right.
fn exercise(text: &str) {
    match Scenario::parse(text, Path::new("x.toml"), &dir(), "x") {
        Ok(scenario) => {
            let shown = show(&scenario, None);
            let again = Scenario::parse(&shown, Path::new("shown"), &dir(), "x");
            match again {
                Ok(again) => assert_eq!(again, scenario, "{shown}"),
                Err(problems) => panic!("{}\n{shown}", problems.render(false)),
            }
        }
        Err(problems) => {
            assert!(!problems.0.is_empty());
            let lines = text.lines().count().max(1);
            for problem in &problems.0 {
                assert!(problem.line <= lines + 1 && problem.column > 0, "{problem}");
                assert!(!problem.message.is_empty());
            }
            let rendered = problems.render(false);
            assert!(rendered.matches("error: ").count() >= problems.0.len());
        }
    }
}

/// Bits of text that break scenarios in interesting ways.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,12}",
        prop::sample::select(vec![
            "",
            "\n",
            "\r\n",
            "\t",
            "\"",
            "'",
            "\"\"\"",
            "[",
            "]",
            "[[",
            "]]",
            "{",
            "}",
            "{{",
            "=",
            ",",
            "#",
            ".",
            "..",
            "~",
            "/",
            "\\",
            "\\u0000",
            "\u{0}",
            "\u{feff}",
            "{example}",
            "{param.x}",
            "{port.}",
            "true",
            "1e999",
            "-0",
            "0x",
            "1979-05-27",
            "nan",
            "ß",
            "\u{202e}",
            "[phase]",
            "[[scenario]]",
            "name = \"a\"",
            "when = {}",
            "run = []",
            "a.b.c = 1",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "(?s).{0,400}") {
        exercise(&text);
    }

    #[test]
    fn any_pieces_are_read_or_refused(pieces in prop::collection::vec(piece(), 0..40)) {
        exercise(&pieces.concat());
        exercise(&pieces.join("\n"));
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(
        broken in any::<bool>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..20, piece()), 1..6),
    ) {
        let mut text: Vec<char> = if broken { BROKEN } else { FULL }.chars().collect();
        for (at, cut, insert) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + cut).min(text.len());
            text.splice(at..end, insert.chars());
        }
        exercise(&text.into_iter().collect::<String>());
    }

    #[test]
    fn a_file_without_some_lines_is_read_or_refused(
        seed in any::<u64>(),
        swaps in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 0..4),
    ) {
        let mut lines: Vec<&str> = FULL.lines().collect();
        for (one, other) in swaps {
            let (one, other) = (one.index(lines.len()), other.index(lines.len()));
            lines.swap(one, other);
        }
        let drop = seed as usize % lines.len();
        lines.remove(drop);
        exercise(&lines.join("\n"));
    }
}
