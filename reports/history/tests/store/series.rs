//! What the history says: medians, kinds, steps, and which runs are asked for.

use bench_history::TrendQuery;
use bench_record::{Outcome, Regime, RunId};
use bench_reports::summary::summarise;
use bench_reports::trend::{Measure, RunKind, Series};

use crate::common::{MS, set_wall};
use crate::{night, place};

#[test]
fn medians_are_those_of_the_summary() {
    let place = place();
    let run = night(1, 9_000);
    place.add(&run);
    let summary = summarise(&run);
    let series = place.series(&TrendQuery::default());
    assert_eq!(series.len(), 3);
    for series in &series {
        let own = summary.regimes.iter().find(|of| of.regime == series.regime).unwrap();
        let [point] = series.points.as_slice() else { panic!("{series:?}") };
        let expected = own.wall_s.unwrap().median;
        assert!((point.median_s.unwrap() - expected).abs() < 1e-9, "{point:?}");
        assert_eq!(point.samples, own.samples);
        assert_eq!(point.source, run.run.arms[0].source.revision);
        assert_eq!((point.run.as_str(), point.started), ("night-001", run.run.started));
    }
    let examples =
        place.series(&TrendQuery { example: Some("Bl*".to_owned()), ..TrendQuery::default() });
    let blink = summary.examples.iter().find(|example| example.name == "Blink").unwrap();
    for series in &examples {
        assert_eq!(series.measure, Measure::Example("Blink".to_owned()));
        let expected = match series.regime {
            Regime::Cold => blink.cold_s,
            Regime::SameRunner => blink.same_runner_s,
            _ => blink.cross_runner_s,
        };
        assert!((series.points[0].median_s.unwrap() - expected.unwrap()).abs() < 1e-9);
    }
    assert_eq!(examples.len(), 3);
    // Unmeasured phases have no series.
    let phases = place.series(&TrendQuery { phase: Some("*".to_owned()), ..TrendQuery::default() });
    let names: Vec<&Measure> = phases.iter().map(|series| &series.measure).collect();
    assert!(names.iter().all(|name| **name == Measure::Phase("compile".to_owned())), "{names:?}");
}

#[test]
fn a_planted_step_is_found_at_its_run_and_noise_alone_has_none() {
    let place = place();
    // Within 2 % of each other, in no order.
    let noise = |day: u32| u64::from(day * 7919 % 13) * 15;
    for day in 0..24 {
        let slower = if day < 14 { 9_000 } else { 10_400 };
        place.add(&night(day, slower + noise(day)));
    }
    let series = place.series(&TrendQuery::default());
    for series in &series {
        let steps = series.steps();
        if series.regime == Regime::Cold {
            let [step] = steps.as_slice() else { panic!("{steps:?}") };
            assert_eq!((step.at.run.as_str(), step.last.run.as_str()), ("night-014", "night-013"));
            assert_eq!(step.at.source.as_deref(), Some(format!("{:040x}", 14).as_str()));
            assert!((step.ratio - 10_400.0 / 9_000.0).abs() < 0.02, "{}", step.ratio);
        } else {
            assert_eq!(steps, [], "{}", series.regime);
        }
    }
    // The newest runs alone are on one level.
    let newest =
        place.series(&TrendQuery { last: 10, regime: Some(Regime::Cold), ..TrendQuery::default() });
    assert_eq!((newest.len(), newest[0].points.len()), (1, 10));
    assert_eq!(newest[0].points[0].run, "night-014");
    assert_eq!(newest[0].steps(), []);
}

#[test]
fn runs_of_another_kind_are_apart_unless_asked_for() {
    let place = place();
    for day in 0..12 {
        let mut run = night(day, if day < 6 { 9_000 } else { 18_000 });
        if day >= 6 {
            "other".clone_into(&mut run.run.comparability);
            run.run.host.cpu = Some("Other CPU".to_owned());
        }
        place.add(&run);
    }
    let cold = TrendQuery { regime: Some(Regime::Cold), ..TrendQuery::default() };
    let (trend, _) = place.store.trend(&cold).unwrap();
    assert_eq!(trend.series.len(), 2);
    assert!(trend.series.iter().all(|series| series.steps().is_empty()));
    assert!(trend.notes.iter().any(|note| note.contains("2 kinds")), "{:?}", trend.notes);
    let (trend, _) = place.store.trend(&TrendQuery { across: true, ..cold }).unwrap();
    assert_eq!(trend.series.len(), 1);
    assert_eq!(trend.series[0].kind, RunKind::Several(2));
    let steps = trend.series[0].steps();
    assert!(steps.len() == 1 && steps[0].is_of_another_kind(), "{steps:?}");
    assert!(
        trend.notes.iter().any(|note| note.contains("may be due to the machine")),
        "{:?}",
        trend.notes
    );
}

#[test]
fn a_report_gets_earlier_runs_of_its_own_kind_and_the_number_of_the_others() {
    let place = place();
    for day in [1, 2, 3, 5] {
        place.add(&night(day, 9_000));
    }
    let mut other = night(0, 9_000);
    "other".clone_into(&mut other.run.comparability);
    place.add(&other);
    let mut elsewhere = night(2, 9_000);
    elsewhere.run.id = RunId("params".to_owned());
    elsewhere.run.params.clear();
    place.add(&elsewhere);
    let (recent, damaged) = place.store.recent(&night(3, 9_000), 29).unwrap();
    assert_eq!(damaged, []);
    assert_eq!((recent.series.len(), recent.incomparable, recent.damaged), (3, 1, 0));
    for series in &recent.series {
        let runs: Vec<&str> = series.points.iter().map(|point| point.run.as_str()).collect();
        assert_eq!(runs, ["night-001", "night-002"], "{}", series.regime);
    }
}

#[test]
fn samples_that_are_not_proven_are_in_no_median_and_a_run_without_others_is_a_gap() {
    let place = place();
    let mut run = night(1, 9_000);
    for (sample, _) in &mut run.samples {
        if sample.regime == Regime::CrossRunner {
            sample.outcome = Outcome::Unproven;
        }
    }
    let first = run.samples.iter_mut().find(|(sample, _)| sample.regime == Regime::Cold).unwrap();
    first.0.outcome = Outcome::Failed;
    set_wall(&mut first.0, MS);
    let added = place.add(&run);
    assert_eq!(added.notes.len(), 2, "{:?}", added.notes);
    for series in place.series(&TrendQuery::default()) {
        let point = &series.points[0];
        match series.regime {
            Regime::CrossRunner => assert_eq!((point.median_s, point.samples), (None, 0)),
            Regime::Cold => {
                assert_eq!(point.samples, 4);
                assert!(point.median_s.unwrap() > 8.0);
            }
            _ => assert_eq!(point.samples, 5),
        }
    }
}

#[test]
fn merged_runs_of_the_same_machines_are_of_one_kind() {
    let place = place();
    let merged = |day, cpus: &[&str]| {
        let mut run = night(day, 9_000);
        run.run.comparability = String::new();
        run.run.parts = cpus
            .iter()
            .zip(1..)
            .map(|(cpu, block)| bench_record::Part {
                stage: None,
                snapshot_key: None,
                run: RunId(format!("part-{day}-{block}")),
                started: run.run.started,
                blocks: vec![block],
                host: bench_record::Host { cpu: Some((*cpu).to_owned()), ..run.run.host.clone() },
                shares: bench_record::TimeShares::default(),
            })
            .collect();
        run
    };
    place.add(&merged(1, &["a", "b"]));
    place.add(&merged(2, &["b", "a", "a"]));
    place.add(&merged(3, &["a", "c"]));
    let series = place.series(&TrendQuery { regime: Some(Regime::Cold), ..TrendQuery::default() });
    let mut lengths: Vec<usize> = series.iter().map(|series| series.points.len()).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [1, 2]);
}

#[test]
fn runs_stand_in_the_order_of_their_starts_whenever_they_were_added() {
    let place = place();
    // The later a run started, the earlier its id comes; of two that started together the ids decide.
    let started = |day: u32, more: &str| {
        let mut run = night(day, 9_000);
        run.run.id = RunId(format!("run-{}{more}", 9 - day));
        run
    };
    place.add(&started(4, "-again"));
    for day in [5, 2, 4, 1, 3] {
        place.add(&started(day, ""));
    }
    let expected = ["run-8", "run-7", "run-6", "run-5", "run-5-again", "run-4"];
    let runs = |series: &Series| -> Vec<String> {
        series.points.iter().map(|point| point.run.clone()).collect()
    };
    for series in place.series(&TrendQuery::default()) {
        assert_eq!(runs(&series), expected, "{}", series.regime);
    }
    // The newest are those at the end.
    for series in place.series(&TrendQuery { last: 2, ..TrendQuery::default() }) {
        assert_eq!(runs(&series), expected[4..], "{}", series.regime);
    }
}

#[test]
fn only_what_is_asked_for_is_found() {
    let place = place();
    place.add(&night(1, 9_000));
    let mut other = night(2, 9_000);
    "other".clone_into(&mut other.run.scenario.name);
    place.add(&other);
    let mut params = night(3, 9_000);
    params.run.params.clear();
    place.add(&params);
    let found = |query: TrendQuery| -> Vec<(String, Regime, usize)> {
        let series = place.series(&query);
        series.into_iter().map(|one| (one.scenario, one.regime, one.points.len())).collect()
    };
    assert_eq!(found(TrendQuery::default()).len(), 3 * 3, "scenarios and params are apart");
    let scenario = Some("other".to_owned());
    let of_other = found(TrendQuery { scenario: scenario.clone(), ..TrendQuery::default() });
    assert!(of_other.len() == 3 && of_other.iter().all(|one| one.0 == "other"), "{of_other:?}");
    let cold = found(TrendQuery { regime: Some(Regime::Cold), ..TrendQuery::default() });
    assert!(cold.len() == 3 && cold.iter().all(|one| one.1 == Regime::Cold), "{cold:?}");
    let both = found(TrendQuery { scenario, regime: Some(Regime::Cold), ..TrendQuery::default() });
    assert_eq!(both, [("other".to_owned(), Regime::Cold, 1)]);
}
