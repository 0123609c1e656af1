//! What a warm regime is worth, on figures that can be followed by hand.

mod common;

use bench_record::{Assumptions, Economics, LoadedRun, Regime, Transfer};
use bench_reports::report::ReportFormat;
use bench_reports::summary::{conclusion, summarise_with};
use common::{MS, close, normal, run, sample, set_wall, summary};
use proptest::prelude::*;

/// Six blocks; block `b` takes 10 s + b/10 cold, 2 s with the cache, 1 s to restore and 0.5 s to save
/// an archive of 1.26 MB.
fn six() -> LoadedRun {
    let mut run = run(&[Regime::Cold, Regime::CrossRunner], 6);
    for block in 1..=6 {
        let (mut cold, examples) = sample(Regime::Cold, block, &[10_000 + u64::from(block) * 100]);
        cold.caches.get_mut("ccache").unwrap().save_ns = Some(500 * MS);
        run.samples.push((cold, examples));
        let (mut warm, examples) = sample(Regime::CrossRunner, block, &[2_000]);
        warm.caches.get_mut("ccache").unwrap().restore_ns = Some(1_000 * MS);
        run.samples.push((warm, examples));
    }
    run
}

fn economics(run: &LoadedRun, assumptions: &Assumptions) -> Economics {
    let summary = summarise_with(run, assumptions);
    let found = summary.regimes.iter().find_map(|regime| regime.economics);
    found.expect("there is a warm regime with a cache")
}

#[track_caller]
#[test]
fn a_hit_saves_cold_minus_restore_and_warm_and_a_miss_costs_the_save() {
    let found = economics(&six(), &Assumptions::default());
    assert_eq!((found.transfer, found.blocks), (Transfer::Archive, 6));
    // Blocks: 10.1 - 3 = 7.1, 7.2, ... 7.6. Median (7.3 + 7.4) / 2; with 6 values smallest to largest.
    close(found.hit_saves_s.value, 7.35);
    close(found.hit_saves_s.low.unwrap(), 7.1);
    close(found.hit_saves_s.high.unwrap(), 7.6);
    close(found.hit_saves_s.level.unwrap(), 0.968_75);
    close(found.miss_costs_s.unwrap().value, 0.5);
    // h 7.35 = (1 - h) 0.5, so h = 0.5 / 7.85; the blocks' own from 0.5 / 8.1 to 0.5 / 7.6.
    let rate = found.break_even_hit_rate.unwrap();
    close(rate.value, 0.5 / 7.85);
    close(rate.low.unwrap(), 0.5 / 8.1);
    close(rate.high.unwrap(), 0.5 / 7.6);
    assert_eq!((found.job_saves_s, found.month), (None, None));
    assert_eq!(summary(&six()).assumptions, None);
}

#[test]
fn what_is_stated_is_added_and_multiplied() {
    let stated = Assumptions {
        transfer_bytes_per_s: Some(1_260_000.0),
        hit_rate: Some(0.8),
        jobs_per_month: Some(3_000.0),
        price_per_minute: Some(0.008),
    };
    let found = economics(&six(), &stated);
    // 1.26 MB at 1.26 MB/s: one second more to restore, and one more to save.
    close(found.hit_saves_s.value, 6.35);
    close(found.miss_costs_s.unwrap().value, 1.5);
    close(found.break_even_hit_rate.unwrap().value, 1.5 / 7.85);
    // 0.8 x 6.35 - 0.2 x 1.5 = 4.78 s a job; 3000 of them are 239 minutes, at 0.008 1.912.
    close(found.job_saves_s.unwrap(), 4.78);
    close(found.month.unwrap().minutes, 239.0);
    close(found.month.unwrap().money.unwrap(), 1.912);
    assert_eq!(summarise_with(&six(), &stated).assumptions, Some(stated));
}

#[test]
fn a_stated_network_that_eats_the_saving_is_in_the_conclusion() {
    // 1.26 MB at 0.126 MB/s: 10 s on top of the restore of 1 s, against 8.35 s saved.
    let slow = Assumptions { transfer_bytes_per_s: Some(126_000.0), ..Assumptions::default() };
    let near = summary(&six());
    let far = summarise_with(&six(), &slow);
    let eaten = "cross-runner: the transfer eats the saving: 8.35 s saved, 11.0 s to restore";
    assert!(far.findings.iter().any(|finding| finding == eaten), "{:?}", far.findings);
    assert!(!near.findings.iter().any(|finding| finding.contains("eats the saving")));
    assert!(conclusion(&far).contains("but restoring it takes longer than that saves"));
    assert!(!conclusion(&near).contains("restoring it"));
}

#[test]
fn at_the_break_even_hit_rate_nothing_is_saved_and_nothing_lost() {
    let rate = economics(&six(), &Assumptions::default()).break_even_hit_rate.unwrap().value;
    let at = Assumptions { hit_rate: Some(rate), ..Assumptions::default() };
    close(economics(&six(), &at).job_saves_s.unwrap(), 0.0);
}

#[test]
fn a_hit_that_saves_nothing_never_pays() {
    let mut run = six();
    for (sample, _) in &mut run.samples {
        if sample.regime == Regime::CrossRunner {
            // Slower than cold in all blocks but the last, where it is faster by 0.1 s after restore.
            let cold = 10_000 + u64::from(sample.block) * 100;
            let warm = if sample.block == 6 { cold - 1_100 } else { cold };
            set_wall(sample, warm * MS);
        }
    }
    let found = economics(&run, &Assumptions::default());
    close(found.hit_saves_s.value, -1.0);
    assert_eq!(found.break_even_hit_rate, None);
    // The other way round: one bad block leaves the upper end open, and the level says that it is an end.
    let mut run = six();
    let bad = run.samples.iter_mut().find(|(s, _)| s.regime == Regime::CrossRunner).unwrap();
    set_wall(&mut bad.0, 20_000 * MS);
    let rate = economics(&run, &Assumptions::default()).break_even_hit_rate.unwrap();
    assert_eq!((rate.high, rate.level), (None, Some(0.968_75)));
    close(rate.low.unwrap(), 0.5 / 8.1);
}

#[test]
fn files_that_stayed_cost_nothing_to_restore_and_nothing_to_save() {
    let summary = summary(&normal());
    let same = summary.regimes[1].economics.unwrap();
    assert_eq!(same.transfer, Transfer::Stayed);
    // The save of cold is for the other runner's archive. Its median block: 12.3 s cold, 0.93 s warm.
    close(same.miss_costs_s.unwrap().value, 0.0);
    close(same.break_even_hit_rate.unwrap().value, 0.0);
    close(same.hit_saves_s.value, 12.3 - 0.93);
    let cross = summary.regimes[2].economics.unwrap();
    assert_eq!(cross.transfer, Transfer::Archive);
    close(cross.miss_costs_s.unwrap().value, 0.06);
}

#[test]
fn only_the_caches_that_a_regime_restores_are_paid_for() {
    let mut run = six();
    for (sample, _) in &mut run.samples {
        let mut local = sample.caches["ccache"].clone();
        local.archive_bytes = None;
        local.restore_ns = local.restore_ns.map(|_| 0);
        local.save_ns = local.save_ns.map(|_| 9_000 * MS);
        sample.caches.insert("local".to_owned(), local);
    }
    close(economics(&run, &Assumptions::default()).miss_costs_s.unwrap().value, 0.5);
}

#[test]
fn a_save_that_was_not_measured_is_unknown_and_not_free() {
    let mut run = six();
    for (sample, _) in &mut run.samples {
        sample.caches.get_mut("ccache").unwrap().save_ns = None;
    }
    let stated = Assumptions { hit_rate: Some(0.5), ..Assumptions::default() };
    let found = economics(&run, &stated);
    assert_eq!((found.miss_costs_s, found.break_even_hit_rate), (None, None));
    assert_eq!(found.job_saves_s, None);
    close(found.hit_saves_s.value, 7.35);
}

#[test]
fn cold_hot_and_a_run_without_caches_have_no_economics() {
    let mut run = run(&[Regime::Cold, Regime::Hot], 1);
    run.samples.push(sample(Regime::Cold, 1, &[1_000]));
    run.samples.push(sample(Regime::Hot, 1, &[100]));
    assert!(summary(&run).regimes.iter().all(|regime| regime.economics.is_none()));
    let mut without = six();
    for (sample, _) in &mut without.samples {
        sample.caches.clear();
    }
    assert!(summary(&without).regimes.iter().all(|regime| regime.economics.is_none()));
}

#[test]
fn the_pseudo_median_is_that_of_the_logarithms_with_wilcoxons_interval() {
    let mut run = run(&[Regime::Cold], 6);
    for (block, seconds) in (1..=6).zip([1, 2, 4, 8, 16, 32]) {
        run.samples.push(sample(Regime::Cold, block, &[seconds * 1_000]));
    }
    let found = summary(&run).regimes[0].pseudo_median_s.unwrap();
    // Powers of two: averages of exponents 0 to 5 are symmetric about 2.5.
    close(found.value, 2_f64.powf(2.5));
    // P(W = 0) = 1/64, P(W <= 1) = 2/64 > 2.5 %: the smallest and the largest average, at 1 - 2/64.
    close(found.low.unwrap(), 1.0);
    close(found.high.unwrap(), 32.0);
    close(found.level.unwrap(), 0.968_75);
    run.samples.pop();
    let found = summary(&run).regimes[0].pseudo_median_s.unwrap();
    close(found.value, 4.0);
    assert_eq!((found.low, found.high, found.level), (None, None, None));
}

#[test]
fn the_share_of_the_possible_saving_is_measured_from_cold_to_hot() {
    let mut run = run(&[Regime::Cold, Regime::SameRunner, Regime::Hot], 6);
    for block in 1..=6 {
        let drift = u64::from(block) * 100;
        run.samples.push(sample(Regime::Cold, block, &[11_000 + drift]));
        run.samples.push(sample(Regime::SameRunner, block, &[3_000 + drift]));
        run.samples.push(sample(Regime::Hot, block, &[1_000 + drift]));
    }
    let summary_of = summary(&run);
    // (11 - 3) / (11 - 1) in every block.
    let captured = summary_of.regimes[1].saving_captured.unwrap();
    close(captured.value, 0.8);
    close(captured.low.unwrap(), 0.8);
    close(captured.high.unwrap(), 0.8);
    assert_eq!(summary_of.regimes[0].saving_captured, None);
    assert_eq!(summary_of.regimes[2].saving_captured, None);
    // Hot that is not faster than cold is not a floor.
    for (sample, _) in &mut run.samples {
        if sample.regime == Regime::Hot {
            set_wall(sample, 11_500 * MS);
        }
    }
    assert!(summary(&run).regimes.iter().all(|regime| regime.saving_captured.is_none()));
}

#[test]
fn a_block_without_a_possible_saving_leaves_the_share_without_an_interval() {
    let build = |last_hot: u64| {
        let mut run = run(&[Regime::Cold, Regime::SameRunner, Regime::Hot], 9);
        for block in 1..=9 {
            run.samples.push(sample(Regime::Cold, block, &[11_000]));
            run.samples.push(sample(Regime::SameRunner, block, &[3_000]));
            let hot = if block == 9 { last_hot } else { 1_000 };
            run.samples.push(sample(Regime::Hot, block, &[hot]));
        }
        summary(&run).regimes[1].saving_captured.unwrap()
    };
    // Sign test with 9 values: second to eighth, all 0.8; hot of 12 s in one block is slower than cold.
    assert!(build(1_000).low.is_some());
    let found = build(12_000);
    close(found.value, 0.8);
    assert_eq!((found.low, found.high, found.level), (None, None, None));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn times_scale_and_the_break_even_rate_does_not(
        blocks in prop::collection::vec((1_000_u64..20_000, 100_u64..20_000, 1_u64..5_000, 1_u64..5_000), 1..9),
        factor in 1_u64..500,
        order in any::<prop::sample::Index>(),
    ) {
        let build = |factor: u64| {
            let mut run = run(&[Regime::Cold, Regime::CrossRunner], blocks.len() as u32);
            for (block, (cold, warm, restore, save)) in (1..).zip(&blocks) {
                let (mut sample_cold, none) = sample(Regime::Cold, block, &[cold * factor]);
                sample_cold.caches.get_mut("ccache").unwrap().save_ns = Some(save * factor * MS);
                run.samples.push((sample_cold, none));
                let (mut sample_warm, none) = sample(Regime::CrossRunner, block, &[warm * factor]);
                sample_warm.caches.get_mut("ccache").unwrap().restore_ns = Some(restore * factor * MS);
                run.samples.push((sample_warm, none));
            }
            run
        };
        let (small, large) = (build(1), build(factor));
        let mut turned = small.clone();
        let at = order.index(turned.samples.len());
        turned.samples.rotate_left(at);
        prop_assert_eq!(summary(&turned), summary(&small));

        let before = economics(&small, &Assumptions::default());
        let after = economics(&large, &Assumptions::default());
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0);
        let scale = factor as f64;
        prop_assert!(near(before.hit_saves_s.value * scale, after.hit_saves_s.value));
        prop_assert!(near(before.miss_costs_s.unwrap().value * scale, after.miss_costs_s.unwrap().value));
        match (before.break_even_hit_rate, after.break_even_hit_rate) {
            (Some(a), Some(b)) => {
                prop_assert!(near(a.value, b.value));
                prop_assert!((0.0..=1.0).contains(&a.value));
            }
            (a, b) => prop_assert_eq!(a.is_none(), b.is_none()),
        }
        prop_assert_eq!(before.break_even_hit_rate.is_some(), before.hit_saves_s.value > 0.0);
    }
}

/// Six blocks like those of `six`, the warm samples as slow as this.
fn warm(ms: [u64; 6]) -> LoadedRun {
    let mut run = six();
    let warm = run.samples.iter_mut().filter(|(sample, _)| sample.regime == Regime::CrossRunner);
    for ((sample, _), ms) in warm.zip(ms) {
        set_wall(sample, ms * MS);
    }
    run
}

#[test]
fn a_share_of_hits_is_named_only_where_a_saving_is_shown() {
    let text = |run: &LoadedRun| common::render(ReportFormat::Terminal, run, 80, false);
    assert!(text(&six()).contains("6.4 % hits"), "{}", text(&six()));
    // Half of the blocks gain a lot, the others lose: the median gains, the interval spans 0.
    let unclear = warm([2_000, 2_000, 2_000, 8_000, 14_000, 14_000]);
    assert!(economics(&unclear, &Assumptions::default()).hit_saves_s.value > 0.0);
    assert!(text(&unclear).contains("not shown"), "{}", text(&unclear));
    // Without an interval the spreads of the samples decide.
    let mut few = unclear;
    few.samples.retain(|(sample, _)| sample.block < 6);
    assert!(text(&few).contains("not shown"), "{}", text(&few));
    let mut clear = six();
    clear.samples.retain(|(sample, _)| sample.block < 6);
    assert!(text(&clear).contains("6.4 % hits"), "{}", text(&clear));
}

#[test]
fn a_phase_without_a_share_in_the_difference_is_not_named() {
    let mut run = common::long();
    let named = |run: &LoadedRun| {
        let text = common::render(ReportFormat::Markdown, run, 80, false);
        let line =
            text.lines().find(|line| line.contains("Where the difference")).map(str::to_owned);
        line.unwrap_or_default()
    };
    assert!(named(&run).contains("sync"), "{}", named(&run));
    for (sample, _) in &mut run.samples {
        let was = std::mem::replace(&mut sample.phases[1].wall_ns, 500 * MS);
        sample.wall_ns = sample.wall_ns - was + 500 * MS;
    }
    assert!(named(&run).contains("compile") && !named(&run).contains("sync"), "{}", named(&run));
}
