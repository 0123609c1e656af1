//! What is advised, and in which order the reasons count.

use bench_record::Outcome;

use super::*;
use crate::common::{good, long, normal, smallest};

#[test]
fn the_advice_follows_harm_proof_hits_and_interval_in_this_order() {
    assert_eq!(advice(&long(), None), Advice::Cache);
    assert_eq!(advice(&good(), None), Advice::Provisional);
    assert_eq!(advice(&normal(), None), Advice::DoNot);
    assert_eq!(advice(&smallest(), None), Advice::DoNot);
    let mut stale = explanation();
    stale.stale.mtime_fresh = Some(true);
    assert_eq!(advice(&long(), Some(&stale)), Advice::DoNot);
    // Without controls its verdicts mean nothing.
    stale.valid = false;
    assert_eq!(advice(&long(), Some(&stale)), Advice::Cache);
    let mut unproven = long();
    for (sample, _) in &mut unproven.samples {
        if (sample.regime, sample.block) == (Regime::CrossRunner, 1) {
            sample.outcome = Outcome::Unproven;
        }
    }
    assert_eq!(advice(&unproven, None), Advice::Unknown);
    let mut one_regime = long();
    one_regime.samples.retain(|(sample, _)| sample.regime != Regime::CrossRunner);
    assert_eq!(advice(&one_regime, None), Advice::Unknown);
    // A transfer that takes longer than the cache saves.
    let slow = Assumptions { transfer_bytes_per_s: Some(1e4), ..Assumptions::default() };
    assert_eq!(decide(&summarise_with(&long(), &slow), None, None).advice, Advice::DoNot);
}
