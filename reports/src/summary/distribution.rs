//! All example times of a regime, for display and for merging shards; no interval comes from here.

use bench_record::{Distribution, Histogram, Outcome};

use super::Taken;

/// The `ok` times of the samples; `None` without one.
pub(crate) fn of(samples: &[Taken]) -> Option<Distribution> {
    let mut histogram = Histogram::new();
    for example in samples.iter().flat_map(|(_, examples)| *examples) {
        if example.outcome == Outcome::Ok {
            histogram.record_ns(example.wall_ns);
        }
    }
    Some(Distribution {
        count: histogram.count(),
        p50_s: histogram.quantile_s(0.5)?,
        p90_s: histogram.quantile_s(0.9)?,
        p99_s: histogram.quantile_s(0.99)?,
        max_s: histogram.max_s()?,
        histogram: histogram.encode(),
    })
}
