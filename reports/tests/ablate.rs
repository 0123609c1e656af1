//! What caches are worth: properties of the arithmetic, and a build whose caches have known worth.

use std::collections::BTreeMap;

use bench_record::{
    AblateSnapshot, AblateStart, AblateTrial, CacheSet, CombinedArchive, LoadedAblation, Outcome,
    Regime, RunId, SavedSize,
};
use bench_reports::ablate::{
    Candidate, Limits, best, designed, greedy, knapsack, markdown, overlap, planned, terminal,
    work_out,
};
use bench_reports::quota::room;
use proptest::prelude::*;

fn names(n: usize) -> Vec<String> {
    (0..n).map(|at| format!("c{at}")).collect()
}

fn set(names: &[&str]) -> CacheSet {
    names.iter().map(ToString::to_string).collect()
}

proptest! {
    #[test]
    fn the_design_has_every_set_that_an_answer_needs(n in 1_usize..9) {
        let caches = names(n);
        let all: CacheSet = caches.iter().cloned().collect();
        let sets = designed(&caches);
        prop_assert!(sets.contains(&CacheSet::new()) && sets.contains(&all));
        for cache in &caches {
            let mut without = all.clone();
            without.remove(cache);
            prop_assert!(sets.contains(&without) && sets.contains(&CacheSet::from([cache.clone()])));
        }
        let mut unique = sets.clone();
        unique.dedup();
        prop_assert_eq!(unique.len(), sets.len());
        if n <= 4 {
            prop_assert_eq!(sets.len(), 1 << n);
        }
    }

    #[test]
    fn the_greedy_chain_joins_the_most_valuable_first(worth in prop::collection::vec(-5.0..5.0_f64, 5..9)) {
        let caches = names(worth.len());
        let chain = greedy(&caches, &worth);
        prop_assert_eq!(chain.len(), worth.len() - 3, "one alone, all but one, and all are designed");
        for (index, set) in chain.iter().enumerate() {
            prop_assert_eq!(set.len(), index + 2);
            let least_in = caches.iter().zip(&worth).filter(|(c, _)| set.contains(*c)).map(|(_, w)| *w).fold(f64::MAX, f64::min);
            let most_out = caches.iter().zip(&worth).filter(|(c, _)| !set.contains(*c)).map(|(_, w)| *w).fold(f64::MIN, f64::max);
            prop_assert!(least_in >= most_out);
        }
    }

    #[test]
    fn the_knapsack_is_as_good_as_every_other_choice(
        items in prop::collection::vec((-2.0..10.0_f64, 0_u64..100), 0..10),
        limit in 0_u64..300,
    ) {
        let worth = |chosen: &[usize]| chosen.iter().map(|at| items[*at].0).sum::<f64>();
        let bytes = |chosen: &[usize]| chosen.iter().map(|at| items[*at].1).sum::<u64>();
        let found = knapsack(&items, limit);
        prop_assert!(bytes(&found) <= limit);
        for mask in 0..1_u32 << items.len() {
            let other: Vec<usize> = (0..items.len()).filter(|at| mask >> at & 1 == 1).collect();
            prop_assert!(bytes(&other) > limit || worth(&other) <= worth(&found) + 1e-9);
        }
    }

    #[test]
    fn many_items_still_fit_and_none_of_them_costs(
        items in prop::collection::vec((-2.0..10.0_f64, 0_u64..100), 21..60),
        limit in 0_u64..300,
    ) {
        let found = knapsack(&items, limit);
        prop_assert!(found.iter().map(|at| items[*at].1).sum::<u64>() <= limit);
        prop_assert!(found.iter().all(|at| items[*at].0 > 0.0));
    }

    #[test]
    fn the_best_set_fits_and_no_other_is_clearly_better(
        values in prop::collection::vec((-5.0..20.0_f64, 0_u64..100), 1..12),
        limit in 0_u64..100,
        tolerance in 0.0..3.0_f64,
    ) {
        let candidates: Vec<Candidate> = values
            .iter()
            .enumerate()
            .map(|(at, (net_s, bytes))| Candidate { caches: CacheSet::from([at.to_string()]), net_s: *net_s, bytes: *bytes })
            .collect();
        match best(&candidates, limit, tolerance) {
            None => prop_assert!(candidates.iter().all(|candidate| candidate.bytes > limit)),
            Some(found) => {
                prop_assert!(found.bytes <= limit);
                for other in candidates.iter().filter(|other| other.bytes <= limit) {
                    prop_assert!(other.net_s <= found.net_s + tolerance + 1e-9);
                    // A smaller one is only left out because it is clearly worse than the best.
                    let most = candidates.iter().filter(|c| c.bytes <= limit).map(|c| c.net_s).fold(f64::MIN, f64::max);
                    prop_assert!(other.bytes >= found.bytes || other.net_s < most - tolerance);
                }
            }
        }
    }

    #[test]
    fn an_overlap_is_a_share_of_the_smaller_saving(one in -5.0..20.0_f64, other in -5.0..20.0_f64, both in -5.0..40.0_f64) {
        let found = overlap(one, other, both);
        prop_assert!((found.overlap_s - (one + other - both)).abs() < 1e-9);
        prop_assert_eq!(found.share.is_some(), one > 0.0 && other > 0.0);
        prop_assert!(found.share.is_none_or(|share| (0.0..=1.0).contains(&share)));
        let mirrored = overlap(other, one, both);
        prop_assert!((mirrored.overlap_s - found.overlap_s).abs() < 1e-9);
        prop_assert_eq!(mirrored.share.is_some(), found.share.is_some());
    }

    #[test]
    fn what_is_kept_fits_into_the_quota(bytes in 0_u64..20_000_000_000, keys in 1_u64..20, branches in 1_u64..50) {
        let found = room(bytes, keys, branches, 10_000_000_000);
        prop_assert!(found.kept <= found.wanted);
        prop_assert!(found.kept * bytes <= 10_000_000_000);
        prop_assert!(found.kept == found.wanted || (found.kept + 1) * bytes > 10_000_000_000);
    }
}

/// A build of 10 s: `deps` saves 4 s, `tools` 2 s, and each of `objects` and `twin` the same 3 s, of which the
/// other runner gets nothing from `twin`. Restoring takes 0.1 s a cache and saving 0.2 s.
fn seconds(regime: Regime, caches: &CacheSet, block: u32) -> f64 {
    let has = |name: &str| caches.contains(name);
    let twin = has("twin") && regime == Regime::SameRunner;
    let mut seconds = 10.0 + f64::from(block) / 100.0;
    seconds -= if has("deps") { 4.0 } else { 0.0 };
    seconds -= if has("tools") { 2.0 } else { 0.0 };
    seconds - if has("objects") || twin { 3.0 } else { 0.0 }
}

fn ledger(blocks: u32) -> LoadedAblation {
    let start = AblateStart {
        run_id: RunId("20260102T030405Z-fake-abcd".to_owned()),
        scenario: "fake".to_owned(),
        scenario_arg: "fake".to_owned(),
        hash: "00".to_owned(),
        params: BTreeMap::from([("jobs".to_owned(), "2".to_owned())]),
        caches: ["deps", "tools", "objects", "twin"].map(str::to_owned).to_vec(),
        regimes: vec![Regime::SameRunner, Regime::CrossRunner],
        blocks,
        seed: 7,
        source: None,
        examples: None,
        state: "/state".to_owned(),
    };
    let mut ledger = LoadedAblation::new(start);
    let size = |megabytes: u64| SavedSize {
        files: megabytes * 10,
        bytes: megabytes * 3_000_000,
        archive_bytes: megabytes * 1_000_000,
        save_ns: 200_000_000,
    };
    for block in 1..=blocks {
        let caches = [("deps", 400), ("tools", 20), ("objects", 100), ("twin", 300)];
        let caches = caches.map(|(name, megabytes)| (name.to_owned(), size(megabytes)));
        ledger.snapshots.push(AblateSnapshot {
            block,
            caches: BTreeMap::from(caches.clone()),
            together: Some(CombinedArchive {
                archive_bytes: 700_000_000,
                save_ns: 500_000_000 + u64::from(block),
                restore_ns: Some(300_000_000),
            }),
        });
        for regime in ledger.start.regimes.clone() {
            for set in planned(&ledger) {
                let cross = regime == Regime::CrossRunner;
                let restored = set.iter().filter(|_| cross);
                ledger.trials.push(AblateTrial {
                    block,
                    order: 1,
                    regime,
                    outcome: Outcome::Ok,
                    reason: None,
                    wall_ns: (seconds(regime, &set, block) * 1e9) as u64,
                    hits: None,
                    misses: None,
                    restore_ns: restored.map(|name| (name.clone(), 100_000_000)).collect(),
                    after_bytes: caches
                        .iter()
                        .map(|(name, size)| (name.clone(), size.bytes + 1_000_000))
                        .collect(),
                    caches: set,
                });
            }
        }
    }
    ledger
}

const LIMITS: Limits = Limits { size: None, keys: 2, branches: 10, quota: 10_000_000_000 };

#[track_caller]
fn close(found: Option<f64>, expected: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-6), "{found:?} {expected}");
}

#[test]
fn caches_of_known_worth_are_worth_that() {
    let ablation = work_out(&ledger(6), LIMITS);
    assert!(ablation.complete);
    let worth = |name: &str, regime: Regime| {
        let cache = ablation.caches.iter().find(|cache| cache.name == name).unwrap();
        cache.regimes.iter().find(|worth| worth.regime == regime).unwrap().clone()
    };
    for (name, regime, saved, alone, net) in [
        ("deps", Regime::SameRunner, 4.0, 4.0, 4.0),
        ("deps", Regime::CrossRunner, 4.0, 4.0, 3.7),
        ("objects", Regime::SameRunner, 0.0, 3.0, 0.0),
        ("objects", Regime::CrossRunner, 3.0, 3.0, 2.7),
        ("twin", Regime::SameRunner, 0.0, 3.0, 0.0),
        ("twin", Regime::CrossRunner, 0.0, 0.0, -0.3),
    ] {
        let found = worth(name, regime);
        close(found.saved.map(|saved| saved.seconds), saved);
        close(found.alone.map(|alone| alone.seconds), alone);
        close(found.net_s, net);
        assert!(found.saved.unwrap().low.is_some(), "6 blocks have an interval");
    }
    close(worth("tools", Regime::CrossRunner).net_s_per_mb, 1.7 / 20.0);
    assert!(ablation.caches.iter().all(|cache| cache.growth_bytes == Some(1_000_000)));
}

#[test]
fn one_archive_is_compared_with_one_each() {
    let archives = work_out(&ledger(3), LIMITS).archives.unwrap();
    assert_eq!((archives.together.bytes, archives.separate.bytes), (700_000_000, 820_000_000));
    close(Some(archives.together.save_s), 0.500_000_002);
    close(Some(archives.separate.save_s), 0.8);
    close(archives.together.restore_s, 0.3);
    close(archives.separate.restore_s, 0.4);

    // One that was never restored: the sum is not known.
    let mut partly = ledger(3);
    for trial in &mut partly.trials {
        trial.restore_ns.remove("twin");
    }
    assert_eq!(work_out(&partly, LIMITS).archives.unwrap().separate.restore_s, None);
    for seed in &mut partly.snapshots {
        seed.together = None;
    }
    assert_eq!(work_out(&partly, LIMITS).archives, None);
}

#[test]
fn only_the_redundant_pair_is_redundant() {
    let ablation = work_out(&ledger(3), LIMITS);
    for pair in &ablation.pairs {
        let twins = pair.one == "objects" && pair.other == "twin";
        if twins && pair.regime == Regime::SameRunner {
            close(pair.share, 1.0);
            close(Some(pair.overlap_s), 3.0);
        } else {
            assert!(pair.share.is_none_or(|share| share < 1e-6), "{pair:?}");
        }
    }
    let interval = ablation.caches.iter().flat_map(|cache| &cache.regimes);
    assert!(interval.filter_map(|worth| worth.saved).all(|saved| saved.low.is_none()));
}

#[test]
fn what_to_keep_is_the_smallest_of_the_best_and_obeys_the_limit() {
    let kept = |size: Option<u64>| {
        let ablation = work_out(&ledger(3), Limits { size, ..LIMITS });
        let sets = ablation.keep.iter().map(|keep| keep.caches.clone()).collect::<Vec<_>>();
        (sets, ablation)
    };
    let best = set(&["deps", "objects", "tools"]);
    let (sets, ablation) = kept(None);
    assert_eq!(sets, [best.clone(), best]);
    // 520 MB x 2 keys x 10 branches.
    assert_eq!((ablation.quota[0].bytes, ablation.quota[0].kept), (10_400_000_000, 19));
    // On the same runner 6 s either way; on the other one transfer costs, but less than 5 % of the build.
    let (sets, _) = kept(Some(450_000_000));
    assert_eq!(sets, [set(&["deps", "tools"]), set(&["deps", "tools"])]);
    let (sets, _) = kept(Some(120_000_000));
    assert_eq!(sets, [set(&["objects", "tools"]), set(&["objects", "tools"])]);
    let (sets, _) = kept(Some(0));
    assert_eq!(sets, [set(&[]), set(&[])]);
}

#[test]
fn a_trial_that_failed_enters_nothing_and_is_told() {
    let mut ledger = ledger(3);
    for trial in ledger.trials.iter_mut().filter(|trial| trial.caches == set(&["deps"])) {
        trial.outcome = Outcome::Failed;
        trial.reason = Some("exit code 1: `x` | y".to_owned());
        trial.wall_ns = 1;
    }
    let ablation = work_out(&ledger, LIMITS);
    assert_eq!(ablation.failed, 6);
    assert!(ablation.caches[0].regimes.iter().all(|worth| worth.alone.is_none()));
    assert!(
        ablation.findings.iter().any(|finding| finding.contains("fails with deps: exit code 1"))
    );
}

#[test]
fn documents() {
    let mut ledger = ledger(6);
    insta::assert_snapshot!("ablate-terminal", terminal(&work_out(&ledger, LIMITS), 80));
    insta::assert_snapshot!("ablate-markdown", markdown(&work_out(&ledger, LIMITS)));
    let json = serde_json::to_value(work_out(&ledger, LIMITS)).unwrap();
    assert_eq!(json["schema"], "bench.ablate/2");
    ledger.trials.truncate(9);
    let cut_short = terminal(&work_out(&ledger, Limits { size: Some(150_000_000), ..LIMITS }), 80);
    assert!(cut_short.contains("Not every trial was made"), "{cut_short}");
    assert!(cut_short.lines().all(|line| line.chars().count() <= 80), "{cut_short}");
}

#[test]
fn a_cache_that_every_job_fails_with_is_named_once_and_the_others_are_priced_without_it() {
    let mut ledger = ledger(6);
    let fails =
        |trial: &AblateTrial| trial.regime == Regime::CrossRunner && trial.caches.contains("twin");
    for trial in ledger.trials.iter_mut().filter(|trial| fails(trial)) {
        trial.outcome = Outcome::Failed;
        trial.reason = Some("exit code 1: no such file".to_owned());
    }
    let ablation = work_out(&ledger, LIMITS);
    let cross = |name: &str| {
        let cache = ablation.caches.iter().find(|cache| cache.name == name).unwrap();
        cache.regimes.iter().find(|worth| worth.regime == Regime::CrossRunner).unwrap().clone()
    };
    assert!(cross("twin").fails && cross("twin").saved.is_none());
    assert!(!cross("deps").fails);
    close(cross("deps").saved.map(|saved| saved.seconds), 4.0);
    close(cross("deps").net_s, 3.7);
    assert!(ablation.caches.iter().all(|cache| !cache.regimes[0].fails), "same-runner is well");
    let failures: Vec<&String> =
        ablation.findings.iter().filter(|finding| finding.contains("fails")).collect();
    assert_eq!(
        failures,
        [
            "cross-runner: `twin` is not worth it: every trial with it fails: exit code 1: no such file"
        ]
    );
    let keep = ablation.keep.iter().find(|keep| keep.regime == Regime::CrossRunner).unwrap();
    assert_eq!(keep.caches, set(&["deps", "objects", "tools"]));
}

#[test]
fn what_a_set_saves_has_an_interval_net_of_its_transfer() {
    let ablation = work_out(&ledger(6), LIMITS);
    let found = ablation
        .sets
        .iter()
        .find(|one| one.regime == Regime::CrossRunner && one.caches == set(&["deps"]));
    let (low, high) = found.unwrap().net_interval().unwrap();
    assert!((3.69..=3.7).contains(&low) && (3.7..=3.71).contains(&high), "{low} {high}");
    let few = work_out(&ledger(3), LIMITS);
    assert!(few.sets.iter().all(|one| one.net_interval().is_none()));
}
