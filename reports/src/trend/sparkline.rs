//! A series in one line of text.

/// From lowest to highest.
const BLOCKS: [char; 8] = [
    '\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}', '\u{2588}',
];

/// Stands for a run without a value.
pub const GAP: char = '\u{b7}';

/// The ratio between the highest and the lowest block is never less, so that noise does not look like a step.
pub const LEAST_SPREAD: f64 = 1.2;

/// One character per value, the last `columns` of them. Heights are logarithmic: equal factors, equal steps.
/// A value that is not positive and finite counts as none.
pub fn sparkline(values: &[Option<f64>], columns: usize) -> String {
    let shown = &values[values.len().saturating_sub(columns)..];
    let log =
        |value: &Option<f64>| value.filter(|value| value.is_finite() && *value > 0.0).map(f64::ln);
    let logs: Vec<Option<f64>> = shown.iter().map(log).collect();
    let low = logs.iter().flatten().copied().reduce(f64::min).unwrap_or(0.0);
    let high = logs.iter().flatten().copied().reduce(f64::max).unwrap_or(0.0);
    let missing = (LEAST_SPREAD.ln() - (high - low)).max(0.0) / 2.0;
    let (low, spread) = (low - missing, high - low + 2.0 * missing);
    let block = |log: f64| {
        // A hair, so that rounding does not decide where a value on the edge of two blocks goes.
        let place = (log - low) / spread * BLOCKS.len() as f64 + 1e-9;
        BLOCKS[(place as usize).min(BLOCKS.len() - 1)]
    };
    logs.into_iter().map(|log| log.map_or(GAP, block)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> String {
        sparkline(&values.iter().copied().map(Some).collect::<Vec<_>>(), 80)
    }

    #[test]
    fn the_lowest_and_the_highest_value_have_the_outer_blocks() {
        assert_eq!(of(&[1.0, 2.0, 4.0, 16.0]), "\u{2581}\u{2583}\u{2585}\u{2588}");
    }

    #[test]
    fn noise_below_the_least_spread_stays_in_the_middle() {
        assert_eq!(of(&[10.0, 10.1, 9.9]), "\u{2585}\u{2585}\u{2584}");
        assert_eq!(of(&[5.0]), "\u{2585}");
    }

    #[test]
    fn a_run_without_a_value_is_a_gap_and_only_the_last_ones_are_shown() {
        let values = [Some(1.0), None, Some(f64::NAN), Some(0.0), Some(9.0)];
        assert_eq!(sparkline(&values, 4), "\u{b7}\u{b7}\u{b7}\u{2585}");
        assert_eq!(sparkline(&[None, None], 80), "\u{b7}\u{b7}");
        assert_eq!(sparkline(&[], 80), "");
    }
}
