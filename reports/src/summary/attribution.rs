//! Where the difference between cold and a warm regime lies.

use bench_record::RegimeSummary;

use super::gain::Gain;

/// Fills in the share of the difference from cold that lies in each measured phase: difference of the
/// phase's medians, divided by the sum of these differences. Nothing where the regimes do not clearly differ.
pub(crate) fn share_out(cold: &RegimeSummary, warm: &mut RegimeSummary) {
    if !matches!(Gain::of(warm, Some(cold)), Gain::Faster | Gain::Slower) {
        return;
    }
    let difference = |name: &str, median: f64| Some(cold.phases.get(name)?.median - median);
    let sum: f64 =
        warm.phases.iter().filter_map(|(name, phase)| difference(name, phase.median)).sum();
    if sum == 0.0 {
        return;
    }
    for (name, phase) in &mut warm.phases {
        phase.difference_share = difference(name, phase.median).map(|part| part / sum);
    }
}
