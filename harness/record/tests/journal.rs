//! The journal under every crash that it is made for, and under bytes that are none of its own.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::path::Path;

use bench_record::journal::{read, read_file};
use bench_record::{
    AblateEntry, AblateSnapshot, AblateStart, AblateTrial, ExplainEntry, Journal, JournalEntry,
    JournalWriter, LoadedAblation, LoadedExplain, LoadedRun, Outcome, ReadError, Record, Regime,
    Resume, RunId, SavedSize, TimeShares,
};
use proptest::prelude::*;

fn start(scenario: &str) -> AblateEntry {
    AblateEntry::Ablation(Box::new(AblateStart {
        run_id: RunId("r1".into()),
        scenario: scenario.into(),
        scenario_arg: "scenario".into(),
        hash: "5c1e".into(),
        params: BTreeMap::new(),
        caches: vec!["a".into()],
        regimes: vec![Regime::SameRunner],
        blocks: 1,
        seed: 7,
        source: None,
        examples: None,
        state: "state".into(),
    }))
}

fn trial(block: u32, reason: Option<String>) -> AblateEntry {
    AblateEntry::Trial(Box::new(AblateTrial {
        block,
        order: 1,
        regime: Regime::SameRunner,
        caches: BTreeSet::from(["a".into()]),
        outcome: Outcome::Ok,
        reason,
        wall_ns: 1,
        hits: None,
        misses: None,
        restore_ns: BTreeMap::new(),
        after_bytes: BTreeMap::new(),
    }))
}

fn snapshot(block: u32, cache: String) -> AblateEntry {
    let caches = BTreeMap::from([(cache, SavedSize::default())]);
    AblateEntry::Snapshot(AblateSnapshot { block, caches, together: None })
}

/// Entries with any text: control characters, quotes, and characters of several bytes.
fn entries() -> impl Strategy<Value = Vec<AblateEntry>> {
    let entry = prop_oneof![
        (any::<u32>(), prop::option::of(any::<String>())).prop_map(|(n, text)| trial(n, text)),
        (any::<u32>(), any::<String>()).prop_map(|(n, text)| snapshot(n, text)),
    ];
    (any::<String>(), prop::collection::vec(entry, 0..8))
        .prop_map(|(name, rest)| std::iter::once(start(&name)).chain(rest).collect())
}

fn text(entries: &[AblateEntry]) -> String {
    entries.iter().map(|entry| entry.to_line().unwrap()).collect()
}

fn resume(journal: &Journal<AblateEntry>) -> Resume {
    Resume {
        at: common::instant(),
        samples: 0,
        torn_bytes: journal.tail_bytes,
        shares: TimeShares::default(),
    }
}

/// What a reader of results sees: everything but the resumptions.
fn results(content: &[u8]) -> Vec<AblateEntry> {
    let journal: Journal<AblateEntry> = read(content).unwrap();
    let entries = journal.entries.into_iter().map(|(_, entry)| entry);
    entries.filter(|entry| entry.as_resume().is_none()).collect()
}

/// A process that goes on writes what is missing, and is killed after `survive` bytes of that.
fn go_on(path: &Path, all: &[AblateEntry], survive: Option<usize>) {
    let before = fs::read(path).unwrap();
    let journal: Journal<AblateEntry> = read(&before).unwrap();
    let done = results(&before).len();
    let mut writer = JournalWriter::resume(path, resume(&journal)).unwrap();
    for entry in &all[done..] {
        writer.append(std::slice::from_ref(entry)).unwrap();
    }
    let after = fs::read(path).unwrap();
    assert!(after.starts_with(&before), "what was written is never cut off");
    if let Some(survive) = survive {
        let written = after.len() - before.len();
        let length = before.len() + survive % (written + 1);
        OpenOptions::new().write(true).open(path).unwrap().set_len(length as u64).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cut_at_any_byte_it_reads_as_exactly_what_was_committed(all in entries(), at in any::<prop::sample::Index>()) {
        let whole = text(&all);
        let first = text(&all[..1]).len();
        let cut = first + at.index(whole.len() - first + 1);
        let content = &whole.as_bytes()[..cut];
        let committed = content.split(|byte| *byte == b'\n').count() - 1;
        prop_assert_eq!(results(content), &all[..committed]);
        let journal: Journal<AblateEntry> = read(content).unwrap();
        prop_assert_eq!(journal.intact_bytes as usize, text(&all[..committed]).len());
        prop_assert_eq!(journal.tail_bytes, cut as u64 - journal.intact_bytes);
        prop_assert_eq!(journal.torn_bytes, journal.tail_bytes);
    }

    #[test]
    fn after_any_number_of_crashes_nothing_is_lost_and_nothing_is_there_twice(
        all in entries(), crashes in prop::collection::vec(any::<usize>(), 0..4),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("trials.ndjson");
        drop(JournalWriter::create(&path, &all[..1]).unwrap());
        for crash in crashes {
            go_on(&path, &all, Some(crash));
        }
        go_on(&path, &all, None);
        prop_assert_eq!(results(&fs::read(&path).unwrap()), all);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        all in entries(), noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut spoilt = text(&all).into_bytes();
        for (at, byte) in noise {
            let at = at.index(spoilt.len());
            spoilt[at] = byte;
        }
        for content in [spoilt.clone(), bytes.clone(), [spoilt, bytes].concat()] {
            drop(read_file::<LoadedAblation>(&content));
            drop(read_file::<LoadedExplain>(&content));
            drop(read_file::<LoadedRun>(&content));
        }
    }
}

/// A file whose line 2 is of version 3 and whose line 3 is nothing at all.
fn newer(first: &str, second: &[u8]) -> Vec<u8> {
    [first.as_bytes(), second, b"\n\xff\xfe\n", first.as_bytes()].concat()
}

#[test]
fn a_newer_file_is_always_called_newer_whatever_else_is_odd_about_it() {
    let run = Record::Run(Box::new(common::run())).to_line().unwrap();
    let ablation = text(&[start("demo")]);
    let lines: [&[u8]; 4] = [
        b"{\"v\":3,\"kind\":\"trial\",\"block\":\"a word now\"}",
        b"{\"v\":3,\"kind\":{\"of\":\"trial\"}}",
        b"{\"v\":99999999999}",
        b"{\"reason\":\"not \xff UTF-8\",\"v\":3,\"kind\":\"trial\"}",
    ];
    for line in lines {
        let shown = String::from_utf8_lossy(line);
        let told = |error: ReadError| {
            assert!(matches!(error, ReadError::Newer { .. }), "{shown}: {error:?}");
            assert!(error.to_string().ends_with("(hint: update bench)"), "{error}");
        };
        told(read_file::<LoadedRun>(&newer(&run, line)).unwrap_err());
        told(read_file::<LoadedExplain>(&newer(&run, line)).unwrap_err());
        told(read_file::<LoadedAblation>(&newer(&ablation, line)).unwrap_err());
    }
}

#[test]
fn a_file_of_another_kind_is_refused_with_what_was_expected() {
    let run = Record::Run(Box::new(common::run())).to_line().unwrap();
    let error = read_file::<LoadedAblation>(b"").unwrap_err().to_string();
    assert_eq!(
        error,
        "line 1: expected the `ablation` record (hint: is this the `trials.ndjson` of a `bench` run?)"
    );
    assert!(matches!(
        read_file::<LoadedExplain>((run.clone() + &run).as_bytes()),
        Err(ReadError::SecondStart { line: 2, .. })
    ));
    let error = read_file::<LoadedAblation>(run.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::Line { line: 1, .. }), "{error:?}");
}

#[test]
fn every_entry_of_every_journal_begins_with_version_and_kind() {
    let entry = ExplainEntry::Explain(bench_record::ExplainOptions::default());
    assert!(entry.to_line().unwrap().starts_with("{\"v\":2,\"kind\":\"explain\",\""));
    assert!(
        snapshot(1, "a".into()).to_line().unwrap().starts_with("{\"v\":2,\"kind\":\"snapshot\",\"")
    );
}

#[test]
fn a_journal_is_never_started_twice() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("trials.ndjson");
    drop(JournalWriter::create(&path, &[start("one")]).unwrap());
    let error = JournalWriter::create(&path, &[start("two")]).unwrap_err().to_string();
    assert!(error.starts_with("cannot append to `"), "{error}");
    assert_eq!(results(&fs::read(&path).unwrap()), [start("one")]);
}
