//! Reads hits and misses out of text. What cannot be read is unknown, never 0.

use bench_record::ProbeReading;
use regex::Regex;

use crate::scenario::{Counter, ProbeSpec};
use crate::system::exec::Captured;

/// The reading of `probe` from `text`; `before` holds the counters that came with the cache.
pub fn read(probe: &ProbeSpec, text: &str, before: Option<&ProbeReading>) -> ProbeReading {
    let hits = match total(&probe.hits, text) {
        Ok(Some(hits)) => hits,
        Ok(None) => {
            return unknown(format!("`hits` of probe `{}` matched nothing", probe.name));
        }
        Err(error) => return unknown(format!("`hits` of probe `{}`: {error}", probe.name)),
    };
    let misses = match probe.misses.as_ref().map(|misses| total(misses, text)) {
        None => None,
        // Hits were found, so the text is the right one: no line about misses means none were counted.
        Some(Ok(misses)) => Some(misses.unwrap_or(0)),
        Some(Err(error)) => {
            return unknown(format!("`misses` of probe `{}`: {error}", probe.name));
        }
    };
    match probe.counter {
        Counter::Sample => ProbeReading {
            hits: Some(hits),
            misses,
            hits_counter: Some(hits),
            misses_counter: misses,
            error: None,
        },
        Counter::Cache | Counter::Daemon => since(probe, hits, misses, before),
    }
}

/// The reading of a probe command that ended as `captured` says.
pub fn read_command(
    probe: &ProbeSpec,
    captured: &Captured,
    before: Option<&ProbeReading>,
) -> ProbeReading {
    if captured.ended.success() {
        return read(probe, &captured.stdout, before);
    }
    let stderr = captured.stderr.lines().next().unwrap_or_default();
    unknown(format!("probe `{}` ended with {:?}: {stderr}", probe.name, captured.ended))
}

/// A reading that could not be made.
pub fn unknown(error: String) -> ProbeReading {
    ProbeReading { error: Some(error), ..ProbeReading::default() }
}

fn since(
    probe: &ProbeSpec,
    hits: u64,
    misses: Option<u64>,
    before: Option<&ProbeReading>,
) -> ProbeReading {
    let reading = ProbeReading {
        hits_counter: Some(hits),
        misses_counter: misses,
        ..ProbeReading::default()
    };
    let base = match before {
        None => Some((0, Some(0))),
        Some(before) => before.hits_counter.map(|hits| (hits, before.misses_counter)),
    };
    let Some((hits_before, misses_before)) = base else {
        let error =
            format!("probe `{}`: its counters at the time of the snapshot are unknown", probe.name);
        return ProbeReading { error: Some(error), ..reading };
    };
    let Some(added) = hits.checked_sub(hits_before) else {
        let error = format!(
            "probe `{}`: its counter fell from {hits_before} to {hits} (hint: does it travel with the cache? else set counter = \"sample\")",
            probe.name
        );
        return ProbeReading { error: Some(error), ..reading };
    };
    let added_misses = misses.zip(misses_before).and_then(|(now, then)| now.checked_sub(then));
    ProbeReading { hits: Some(added), misses: added_misses, ..reading }
}

/// The sum of all captured integers; without a group, the number of matches. `None` when a group exists
/// and nothing matched: the text is not what was expected.
fn total(pattern: &Regex, text: &str) -> Result<Option<u64>, std::num::ParseIntError> {
    if pattern.captures_len() == 1 {
        return Ok(Some(pattern.find_iter(text).count() as u64));
    }
    let mut sum = None;
    for captures in pattern.captures_iter(text) {
        for group in captures.iter().skip(1).flatten() {
            sum = Some(sum.unwrap_or(0) + group.as_str().parse::<u64>()?);
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{ProbeFrom, When};

    fn probe(hits: &str, misses: &str, counter: Counter) -> ProbeSpec {
        ProbeSpec {
            name: "ccache".to_owned(),
            from: ProbeFrom::Command(Vec::new()),
            hits: Regex::new(hits).unwrap(),
            misses: Some(Regex::new(misses).unwrap()),
            counter,
            when: When::default(),
        }
    }

    const STATS: &str = "direct_cache_hit\t5\npreprocessed_cache_hit\t2\ncache_miss\t48\n";

    fn ccache() -> ProbeSpec {
        probe(
            r"(?m)^(?:direct|preprocessed)_cache_hit\s+(\d+)",
            r"(?m)^cache_miss\s+(\d+)",
            Counter::Cache,
        )
    }

    #[test]
    fn all_matches_are_added_up() {
        let reading = read(&ccache(), STATS, None);
        assert_eq!((reading.hits, reading.misses), (Some(7), Some(48)));
    }

    #[test]
    fn counters_that_travel_with_the_cache_are_subtracted() {
        let cold = read(&ccache(), STATS, None);
        let warm = "direct_cache_hit\t60\npreprocessed_cache_hit\t2\ncache_miss\t48\n";
        let reading = read(&ccache(), warm, Some(&cold));
        assert_eq!((reading.hits, reading.misses), (Some(55), Some(0)));
    }

    #[test]
    fn a_text_without_the_counter_is_unknown_and_not_zero() {
        let reading = read(&ccache(), "ccache: error: permission denied\n", None);
        assert_eq!((reading.hits, reading.misses), (None, None));
        assert!(reading.error.unwrap().contains("matched nothing"));
    }

    #[test]
    fn a_falling_counter_is_unknown() {
        let cold = read(&ccache(), STATS, None);
        let reading = read(&ccache(), "direct_cache_hit\t0\ncache_miss\t3\n", Some(&cold));
        assert_eq!(reading.hits, None);
        assert!(reading.error.unwrap().contains("fell from 7 to 0"));
    }

    #[test]
    fn an_unknown_snapshot_counter_makes_the_difference_unknown() {
        let reading = read(&ccache(), STATS, Some(&unknown("no such file".to_owned())));
        assert_eq!(reading.hits, None);
        assert_eq!(reading.hits_counter, Some(7), "the raw counter is kept for the next sample");
    }

    #[test]
    fn without_a_group_matches_are_counted() {
        let cargo = probe("\"fresh\":true", "\"fresh\":false", Counter::Sample);
        let reading = read(&cargo, "{\"fresh\":true}\n{\"fresh\":false}\n{\"fresh\":true}\n", None);
        assert_eq!((reading.hits, reading.misses), (Some(2), Some(1)));
    }

    #[test]
    fn a_number_that_is_too_large_is_unknown() {
        let reading = read(&ccache(), "direct_cache_hit\t99999999999999999999999\n", None);
        assert_eq!(reading.hits, None);
        assert!(reading.error.is_some());
    }
}
