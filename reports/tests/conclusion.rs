//! The one sentence that a person takes away.

mod common;

use bench_record::{Outcome, Regime};
use bench_reports::summary::conclusion;
use common::{MS, good, long, normal, set_wall, smallest, summary, with};

#[test]
fn conclusions_say_what_was_and_what_was_not_measured() {
    assert_eq!(
        conclusion(&summary(&normal())),
        "On this machine a cache restored to the same runner makes `compile` 13.2x faster (12.3 s -> \
         0.93 s; no interval from 5 samples); restored to another runner it makes no difference that could be shown \
         (12.3 s -> 12.3 s; no interval from 5 samples; below 1.10x shows nothing)."
    );
    assert_eq!(
        conclusion(&summary(&smallest())),
        "On this machine `compile` takes 38 ms cold; no cache is active, so this run says nothing \
         about caches."
    );
    let no_cold = with(normal(), Regime::Cold, |s| s.outcome = Outcome::Failed);
    assert_eq!(
        conclusion(&summary(&no_cold)),
        "No cold sample ended well, so this run says nothing about caches."
    );
    let slower = with(normal(), Regime::SameRunner, |s| set_wall(s, 24_600 * MS));
    assert!(
        conclusion(&summary(&slower)).contains("makes `compile` 2.00x slower (12.3 s -> 24.6 s;")
    );
    let unproven = with(normal(), Regime::CrossRunner, |s| s.outcome = Outcome::Unproven);
    assert!(
        conclusion(&summary(&unproven))
            .ends_with("restored to another runner it could not be judged: 5 samples unproven.")
    );
}

#[test]
fn a_cache_with_which_every_sample_fails_is_said_to_fail() {
    let failed = with(normal(), Regime::CrossRunner, |s| s.outcome = Outcome::Failed);
    let sentence = conclusion(&summary(&failed));
    assert!(sentence.ends_with("to another runner it fails in 5 of 5 samples."), "{sentence}");
    // Where cold fails too, it need not be the cache.
    let mut both = failed;
    both.samples[1].0.outcome = Outcome::Failed;
    let sentence = conclusion(&summary(&both));
    assert!(sentence.ends_with("it could not be judged: 5 samples failed."), "{sentence}");
}

#[test]
fn what_gets_faster_is_said_once() {
    assert_eq!(
        conclusion(&summary(&long())),
        "On this machine a cache restored to the same runner makes the measured phases 8.03x faster (19.8 s -> \
         2.47 s); restored to another runner 5.56x faster (19.8 s -> 3.57 s); left as it is, with daemons alive, \
         10.2x faster (19.8 s -> 1.95 s)."
    );
    // A clause without a change does not name it, so that the next one has to.
    let same = with(good(), Regime::SameRunner, |s| set_wall(s, 12_300 * MS));
    let sentence = conclusion(&summary(&same));
    assert!(
        sentence.contains("could be shown (12.3 s -> 12.3 s; no interval from 5 samples"),
        "{sentence}"
    );
    assert!(sentence.contains("to another runner it makes `compile` 12.3x faster"), "{sentence}");
}

#[test]
fn several_measured_phases_take_their_time_in_the_plural() {
    let mut run = smallest();
    run.run.phases.push("link".to_owned());
    for (sample, _) in &mut run.samples {
        let mut link = sample.phases[1].clone();
        "link".clone_into(&mut link.name);
        sample.phases.push(link);
    }
    let sentence = conclusion(&summary(&run));
    assert!(sentence.contains("the measured phases take 38 ms cold"), "{sentence}");
}
