//! Example times of shards merge without loss, and damaged ones are refused.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench_record::{Histogram, HistogramError};
use proptest::prelude::*;

fn of(times: &[u64]) -> Histogram {
    let mut histogram = Histogram::new();
    for ns in times {
        histogram.record_ns(*ns);
    }
    histogram
}

fn close(found: Option<f64>, expected: f64) {
    let found = found.expect("there are times");
    assert!(found >= expected && found <= expected * 1.001 + 1e-6, "{found} for {expected}");
}

#[test]
fn quantiles_are_known_to_three_digits_and_never_too_small() {
    // 1 ms, 2 ms, ... 1000 ms.
    let histogram = of(&(1..=1_000).map(|ms| ms * 1_000_000).collect::<Vec<_>>());
    assert_eq!(histogram.count(), 1_000);
    close(histogram.quantile_s(0.5), 0.5);
    close(histogram.quantile_s(0.9), 0.9);
    close(histogram.quantile_s(0.99), 0.99);
    close(histogram.max_s(), 1.0);
}

#[test]
fn times_outside_of_the_range_count_at_its_ends() {
    let histogram = of(&[0, 499, u64::MAX]);
    assert_eq!(histogram.count(), 3);
    assert_eq!(histogram.quantile_s(0.5), Some(0.0));
    close(histogram.max_s(), 86_400.0);
    assert_eq!((Histogram::new().quantile_s(0.5), Histogram::new().max_s()), (None, None));
}

#[test]
fn what_is_no_histogram_of_ours_is_refused() {
    let text = of(&[1_000_000, 2_000_000_000]).encode();
    let bytes = STANDARD.decode(&text).unwrap();
    let with = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        Histogram::decode(&STANDARD.encode(bytes))
    };
    assert!(matches!(Histogram::decode("*"), Err(HistogramError::Text(_))));
    for length in [0, 10, 39] {
        let short = STANDARD.encode(&bytes[..length]);
        assert!(matches!(Histogram::decode(&short), Err(HistogramError::Damaged(_))), "{length}");
    }
    let cut = STANDARD.encode(&bytes[..bytes.len() - 1]);
    assert!(matches!(Histogram::decode(&cut), Err(HistogramError::Damaged(_))));
    assert!(matches!(with(0, 0), Err(HistogramError::Undecodable(_))), "cookie");
    // A stated length of 3 GB must not be made room for.
    assert!(matches!(with(4, 0xC0), Err(HistogramError::Damaged(_))), "length");
    assert!(matches!(with(15, 4), Err(HistogramError::Configuration)), "digits");
    assert!(matches!(with(24, 1), Err(HistogramError::Configuration)), "range");
    // The smallest 64-bit number, which the decoder would negate, and counts that overflow.
    for counts in [vec![0xFF; 9], [vec![0xFE], vec![0xFF; 6], vec![0x7F]].concat()] {
        let mut bytes = bytes[..40].to_vec();
        bytes[4..8].copy_from_slice(&(counts.len() as u32).to_be_bytes());
        bytes.extend(counts);
        assert!(Histogram::decode(&STANDARD.encode(bytes)).is_err());
    }
}

#[test]
fn errors_say_what_to_do() {
    let error = Histogram::decode("AAAA").unwrap_err().to_string();
    assert_eq!(
        error,
        "the histogram is damaged: it is shorter than its header (hint: make the summary again from its \
         records)"
    );
}

fn time() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..2_000_000, 1_000_000_u64..100_000_000_000, any::<u64>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shards_in_any_order_merge_to_the_histogram_of_all(
        shards in prop::collection::vec(prop::collection::vec(time(), 0..30), 1..6)
            .prop_flat_map(|shards| (Just(shards.clone()), Just(shards).prop_shuffle())),
    ) {
        let (recorded, shuffled) = shards;
        let all = of(&recorded.concat());
        let mut merged = Histogram::new();
        for shard in &shuffled {
            // As they come: out of another summary.
            let shard = Histogram::decode(&of(shard).encode()).unwrap();
            merged.merge(&shard).unwrap();
        }
        prop_assert_eq!(merged.encode(), all.encode());
        prop_assert_eq!(merged.max_s(), all.max_s());
        for quantile in [0.5, 0.9, 0.99] {
            prop_assert_eq!(merged.quantile_s(quantile), all.quantile_s(quantile));
        }
    }

    #[test]
    fn decoding_gives_back_what_was_encoded(times in prop::collection::vec(time(), 0..50)) {
        let text = of(&times).encode();
        let decoded = Histogram::decode(&text).unwrap();
        prop_assert_eq!(decoded.encode(), text);
        prop_assert_eq!(decoded.count(), times.len() as u64);
    }

    #[test]
    fn no_bytes_after_a_good_header_panic(counts in prop::collection::vec(any::<u8>(), 0..60)) {
        let mut bytes = STANDARD.decode(Histogram::new().encode()).unwrap();
        bytes.truncate(40);
        bytes[4..8].copy_from_slice(&(counts.len() as u32).to_be_bytes());
        bytes.extend(counts);
        if let Ok(decoded) = Histogram::decode(&STANDARD.encode(&bytes)) {
            let _ = decoded.quantile_s(0.5);
        }
    }
}
