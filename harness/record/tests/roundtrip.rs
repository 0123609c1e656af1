//! Writing and reading are inverse, and a line begins as readers of every version expect.

mod common;

use bench_record::{Outcome, Record, Regime, read};
use common::{end, every_kind, example, resume, run, sample, summary};
use proptest::prelude::*;

#[test]
fn every_kind_reads_back_and_begins_with_version_and_kind() {
    for (record, kind) in every_kind().iter().zip(["run", "example", "sample", "resume", "end"]) {
        let line = record.to_line().unwrap();
        assert!(line.starts_with(&format!("{{\"v\":2,\"kind\":\"{kind}\",\"")), "{line}");
        assert_eq!(line.matches('\n').count(), 1);
        assert_eq!(Record::from_line(&line).unwrap(), *record);
    }
    let file: String = every_kind().iter().map(|record| record.to_line().unwrap()).collect();
    assert_eq!(read(file).unwrap().samples.len(), 1);
}

#[test]
fn a_summary_reads_back() {
    let text = serde_json::to_string_pretty(&summary()).unwrap();
    assert_eq!(serde_json::from_str::<bench_record::Summary>(&text).unwrap(), summary());
}

#[test]
fn shares_of_absurd_records_do_not_overflow() {
    let huge = bench_record::TimeShares {
        wall_ns: u64::MAX,
        commands_ns: u64::MAX,
        transfer_ns: u64::MAX,
        layout_ns: 1,
    };
    assert_eq!(huge.own(), Some(0.0));
    assert_eq!(bench_record::TimeShares::default().own(), None);
    assert!((common::shares().own().unwrap() - 0.03).abs() < 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_and_any_number_survive(
        words in prop::collection::vec(any::<String>(), 6),
        numbers in prop::collection::vec(prop::option::of(any::<u64>()), 8),
        counts in prop::collection::vec(any::<u32>(), 4),
        load in prop::option::of(0_u32..1_000_000),
        regime in prop::sample::select(&Regime::ALL[..]),
        outcome in prop::sample::select(
            &[Outcome::Ok, Outcome::Failed, Outcome::TimedOut, Outcome::Unproven][..]
        ),
    ) {
        let number = |index: usize| numbers[index].unwrap_or(index as u64);
        let mut one = sample(&words[0]);
        (one.regime, one.outcome, one.block) = (regime, outcome, counts[0]);
        one.reason = numbers[0].map(|_| words[1].clone());
        one.wall_ns = number(1);
        one.phases[0].name.clone_from(&words[2]);
        let mut cache = one.caches.remove("ccache").unwrap();
        (cache.archive_bytes, cache.save_ns, cache.restore_ns) = (numbers[2], numbers[3], numbers[4]);
        one.caches.insert(words[3].clone(), cache);
        (one.evidence.hits, one.evidence.misses) = (numbers[5], numbers[6]);
        one.evidence.contradictions.clone_from(&words);
        // Load averages have two decimals wherever they come from.
        one.noise.load_before = load.map(|load| f64::from(load) / 100.0);
        let mut unit = example(&words[0], &words[4], counts[1]);
        unit.reason = numbers[7].map(|_| words[5].clone());
        let mut head = run();
        head.options.seed = number(2);
        head.params.insert(words[1].clone(), words[2].clone());
        head.examples = load;
        let mut last = end();
        last.shares.wall_ns = number(3);
        let records = [
            Record::Run(Box::new(head)),
            Record::Example(unit),
            Record::Sample(Box::new(one)),
            Record::Resume(resume(number(4))),
            Record::End(last),
        ];
        for record in &records {
            let line = record.to_line().unwrap();
            prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
            prop_assert_eq!(&Record::from_line(&line).unwrap(), record);
        }
    }
}
