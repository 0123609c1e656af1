//! What will run, in which order: blocks of steps, decided before anything starts.
//!
//! The order inside a block is random from a recorded seed. Two things are not free: a cold sample comes
//! before the warm ones, because they start from its snapshot, and a hot sample comes right after a warm one on
//! the same runner. Everything else is shuffled. An arm without a cache has nothing that could be warm: it
//! runs once per block, before or after the other arm as a coin falls, so that neither side of any pair is
//! always the first.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bench_record::{Arm, CanonicalText, Cell, Regime, SampleId, Stage};

/// Which samples a run is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSpec {
    /// Regimes to measure.
    pub regimes: Vec<Regime>,
    /// Arms to measure.
    pub arms: Vec<PlannedArm>,
    /// Number of blocks.
    pub blocks: u32,
    /// Seed of the random order.
    pub seed: u64,
}

/// One arm, as far as the order is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedArm {
    /// Which.
    pub arm: Arm,
    /// Whether it has a cache, and so a warm state; else it is measured cold only.
    pub cached: bool,
}

impl PlanSpec {
    /// What every block consists of, in report order.
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells: Vec<Cell> = Vec::new();
        for planned in &self.arms {
            let regimes: &[Regime] = if planned.cached { &self.regimes } else { &[Regime::Cold] };
            cells.extend(regimes.iter().map(|&regime| Cell { arm: planned.arm, regime }));
        }
        cells.sort_by_key(|cell| (cell.regime, cell.arm));
        cells
    }
}

/// A sample that is to be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedSample {
    /// Names it.
    pub id: SampleId,
    /// Block, from 1.
    pub block: u32,
    /// Arm.
    pub arm: Arm,
    /// Regime.
    pub regime: Regime,
    /// Position among the block's samples, from 1.
    pub order: u32,
}

/// One step of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanStep {
    /// Runs the phases without taking a sample: cold to make a snapshot that no planned sample makes, or
    /// same-runner to bring a runner into the state in which hot starts.
    Prime {
        /// Arm.
        arm: Arm,
        /// `Cold` or `SameRunner`.
        regime: Regime,
    },
    /// Takes a sample.
    Sample(PlannedSample),
}

impl PlanStep {
    /// The arm.
    pub const fn arm(&self) -> Arm {
        match self {
            Self::Prime { arm, .. } => *arm,
            Self::Sample(sample) => sample.arm,
        }
    }

    /// The regime that it runs in.
    pub const fn regime(&self) -> Regime {
        match self {
            Self::Prime { regime, .. } => *regime,
            Self::Sample(sample) => sample.regime,
        }
    }
}

/// One randomised group of samples; those of an arm start from the same snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedBlock {
    /// Number, from 1.
    pub number: u32,
    /// Steps in order.
    pub steps: Vec<PlanStep>,
}

/// Everything that will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Blocks in order.
    pub blocks: Vec<PlannedBlock>,
}

impl Plan {
    /// The plan that `spec` asks for; the same for the same `spec`.
    pub fn new(spec: &PlanSpec) -> Self {
        Self::without(spec, &BTreeSet::new())
    }

    /// The part of the plan that is missing when the samples `done` exist. Each sample keeps its place in
    /// the order; primes are added where a snapshot or a warm state has to be made again.
    pub fn without(spec: &PlanSpec, done: &BTreeSet<SampleId>) -> Self {
        let mut random = fastrand::Rng::with_seed(spec.seed);
        let blocks = (1..=spec.blocks)
            .map(|number| {
                // Drawn for every block, whole or not: the order of a later block must not depend on
                // where an earlier process was stopped.
                let order = draw(spec, &mut random);
                PlannedBlock { number, steps: steps(number, &order, done) }
            })
            .filter(|block| !block.steps.is_empty())
            .collect();
        Self { blocks }
    }

    /// The part of the plan that consists of these blocks.
    #[must_use]
    pub fn only(mut self, blocks: Option<&[u32]>) -> Self {
        if let Some(blocks) = blocks {
            self.blocks.retain(|block| blocks.contains(&block.number));
        }
        self
    }

    /// The part of the plan that a job of `stage` carries out; all of it without one. A block of which only
    /// the snapshots are wanted is left out where `saved` knows them.
    #[must_use]
    pub fn stage(mut self, stage: Option<Stage>, saved: impl Fn(u32, Arm) -> bool) -> Self {
        let Some(stage) = stage else { return self };
        for block in &mut self.blocks {
            block.steps.retain(|step| match step {
                PlanStep::Sample(sample) => stage.takes(sample.regime),
                // A sample of another job starts from the snapshot that this one makes.
                PlanStep::Prime { .. } => stage == Stage::Prime,
            });
        }
        self.blocks.retain(|block| {
            block.steps.iter().any(|step| match step {
                PlanStep::Sample(_) => true,
                PlanStep::Prime { arm, .. } => !saved(block.number, *arm),
            })
        });
        self
    }

    /// The planned samples, in order.
    pub fn samples(&self) -> impl Iterator<Item = &PlannedSample> {
        self.blocks.iter().flat_map(|block| &block.steps).filter_map(|step| match step {
            PlanStep::Sample(sample) => Some(sample),
            PlanStep::Prime { .. } => None,
        })
    }

    /// Digest (blake3, hex) of every step in order, as the form `bench.plan/1`: `block`, `step` (`prime` or
    /// `sample`), `arm` and `regime` of each; for a sample `id` and `order`, too.
    pub fn hash(&self) -> String {
        let mut text = CanonicalText::new("bench.plan/1");
        for block in &self.blocks {
            for step in &block.steps {
                let word = if matches!(step, PlanStep::Sample(_)) { "sample" } else { "prime" };
                text = text
                    .with("block", block.number)
                    .with("step", word)
                    .with("arm", step.arm())
                    .with("regime", step.regime());
                if let PlanStep::Sample(sample) = step {
                    text = text.with("id", &sample.id).with("order", sample.order);
                }
            }
        }
        blake3::hash(text.as_bytes()).to_hex().to_string()
    }
}

/// The random order of one block: cold samples first, then for each arm its chain on the same runner and
/// its samples on other ones; an arm without a cache before or after all of these.
fn draw(spec: &PlanSpec, random: &mut fastrand::Rng) -> Vec<(Arm, Regime)> {
    let wants = |regime| spec.regimes.contains(&regime);
    let mut cold = Vec::new();
    let mut warm: Vec<Vec<(Arm, Regime)>> = Vec::new();
    for PlannedArm { arm, .. } in spec.arms.iter().copied().filter(|arm| arm.cached) {
        if wants(Regime::Cold) {
            cold.push((arm, Regime::Cold));
        }
        let chain: Vec<_> = [Regime::SameRunner, Regime::Hot]
            .into_iter()
            .filter(|&regime| wants(regime))
            .map(|regime| (arm, regime))
            .collect();
        if !chain.is_empty() {
            warm.push(chain);
        }
        let others = Regime::ALL.into_iter().filter(|regime| regime.is_other_runner());
        warm.extend(others.filter(|regime| wants(*regime)).map(|regime| vec![(arm, regime)]));
    }
    random.shuffle(&mut cold);
    random.shuffle(&mut warm);
    let mut order: Vec<_> = cold.into_iter().chain(warm.into_iter().flatten()).collect();
    for PlannedArm { arm, .. } in spec.arms.iter().copied().filter(|arm| !arm.cached) {
        // Only a side to choose costs a draw: the order of a run with one arm stays what it was.
        let at = if !order.is_empty() && random.bool() { order.len() } else { 0 };
        order.insert(at, (arm, Regime::Cold));
    }
    order
}

fn steps(number: u32, order: &[(Arm, Regime)], done: &BTreeSet<SampleId>) -> Vec<PlanStep> {
    let mut steps: Vec<PlanStep> = Vec::new();
    for (index, &(arm, regime)) in order.iter().enumerate() {
        let id = sample_id(number, arm, regime);
        if done.contains(&id) {
            continue;
        }
        let ran = |wanted: Regime| {
            steps.iter().any(|step: &PlanStep| step.arm() == arm && step.regime() == wanted)
        };
        let needs_snapshot = regime.is_warm() && !ran(Regime::Cold);
        let needs_warm = regime == Regime::Hot && !ran(Regime::SameRunner);
        if needs_snapshot {
            steps.push(PlanStep::Prime { arm, regime: Regime::Cold });
        }
        if needs_warm {
            steps.push(PlanStep::Prime { arm, regime: Regime::SameRunner });
        }
        steps.push(PlanStep::Sample(PlannedSample {
            id,
            block: number,
            arm,
            regime,
            order: index as u32 + 1,
        }));
    }
    steps
}

/// The plan as text, before anyone pays for it: one line per block, its steps in order; `(prime)` marks a run
/// of the phases that takes no sample.
pub fn show(plan: &Plan) -> String {
    let mut text = String::new();
    let arms: BTreeSet<_> = plan.samples().map(|sample| sample.arm).collect();
    for block in &plan.blocks {
        let steps: Vec<String> = block
            .steps
            .iter()
            .map(|step| {
                let arm = if arms.len() > 1 { format!("{} ", step.arm()) } else { String::new() };
                match step {
                    PlanStep::Prime { regime, .. } => format!("{arm}{regime} (prime)"),
                    PlanStep::Sample(sample) => format!("{arm}{}", sample.regime),
                }
            })
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "block {}: {}", block.number, steps.join(", "));
    }
    text
}

/// The blocks of part `index` (from 1) of `of` parts: every `of`-th, so that a long and a short part differ by one
/// block at most.
pub fn shard(blocks: u32, index: u32, of: u32) -> Vec<u32> {
    (1..=blocks).filter(|block| block % of == index % of).collect()
}

/// The id of a sample: sorts by block, says what it is, is safe as a file name.
pub fn sample_id(block: u32, arm: Arm, regime: Regime) -> SampleId {
    SampleId(format!("b{block:03}-{arm}-{regime}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(regimes: &[Regime]) -> PlanSpec {
        PlanSpec { regimes: regimes.to_vec(), arms: vec![arm(Arm::Candidate)], blocks: 6, seed: 7 }
    }

    fn arm(arm: Arm) -> PlannedArm {
        PlannedArm { arm, cached: true }
    }

    fn pair(baseline_cached: bool) -> PlanSpec {
        PlanSpec {
            arms: vec![
                arm(Arm::Candidate),
                PlannedArm { arm: Arm::Baseline, cached: baseline_cached },
            ],
            blocks: 400,
            ..spec(&Regime::ALL)
        }
    }

    /// Blocks in which the candidate's sample of `new` comes before the baseline's of `base`.
    fn candidate_first(plan: &Plan, new: Regime, base: Regime) -> usize {
        let place = |block: &PlannedBlock, arm, regime| {
            block.steps.iter().position(|step| step.arm() == arm && step.regime() == regime)
        };
        plan.blocks
            .iter()
            .filter(|block| {
                place(block, Arm::Candidate, new).unwrap()
                    < place(block, Arm::Baseline, base).unwrap()
            })
            .count()
    }

    #[test]
    fn either_arm_comes_first_in_about_half_of_the_blocks_of_every_regime() {
        let plan = Plan::new(&pair(true));
        for regime in Regime::ALL {
            let first = candidate_first(&plan, regime, regime);
            // 400 fair coins: 6 standard deviations are 60.
            assert!((140..=260).contains(&first), "{regime}: {first} of 400");
        }
    }

    #[test]
    fn an_arm_without_a_cache_runs_once_a_block_on_either_side_of_the_other() {
        let plan = Plan::new(&pair(false));
        assert!(plan.blocks.iter().all(|block| block.steps.len() == 6));
        for regime in Regime::ALL {
            let first = candidate_first(&plan, regime, Regime::Cold);
            assert!((140..=260).contains(&first), "{regime}: {first} of 400");
        }
    }

    #[test]
    fn each_arm_of_a_block_has_its_own_cold_before_its_warm_samples() {
        for block in &Plan::new(&pair(true)).blocks {
            for arm in [Arm::Candidate, Arm::Baseline] {
                let own: Vec<_> = block
                    .steps
                    .iter()
                    .filter(|step| step.arm() == arm)
                    .map(PlanStep::regime)
                    .collect();
                assert_eq!(own[0], Regime::Cold);
                assert_eq!(own.len(), 5);
            }
        }
    }

    fn regimes(block: &PlannedBlock) -> Vec<Regime> {
        block.steps.iter().map(PlanStep::regime).collect()
    }

    #[test]
    fn cold_comes_first_and_hot_follows_same_runner() {
        let plan = Plan::new(&spec(&Regime::ALL));
        assert_eq!(plan.blocks.len(), 6);
        for block in &plan.blocks {
            let order = regimes(block);
            assert_eq!(order[0], Regime::Cold);
            let same = order.iter().position(|&r| r == Regime::SameRunner).unwrap();
            assert_eq!(order[same + 1], Regime::Hot);
        }
    }

    #[test]
    fn the_order_of_the_warm_regimes_varies_between_blocks() {
        let plan = Plan::new(&PlanSpec { blocks: 60, ..spec(&Regime::ALL) });
        let orders: BTreeSet<_> = plan.blocks.iter().map(regimes).collect();
        // The runner that was cold, another one at its paths, and one at other paths: in every order.
        assert_eq!(orders.len(), 6, "{orders:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_plan_and_another_seed_another() {
        let one = spec(&Regime::ALL);
        assert_eq!(Plan::new(&one), Plan::new(&one));
        assert_eq!(Plan::new(&one).hash(), Plan::new(&one).hash());
        let others = (0..20).map(|seed| Plan::new(&PlanSpec { seed, ..one.clone() }).hash());
        assert!(others.collect::<BTreeSet<_>>().len() > 1);
    }

    #[test]
    fn the_hash_of_a_plan_is_the_same_in_every_version_of_bench() {
        // With primes and samples, two arms and all regimes of version 1. Another value here means that interrupted runs cannot be
        // resumed, and parts not merged, across the change: then the form needs a new number.
        let regimes = vec![Regime::Cold, Regime::SameRunner, Regime::CrossRunner, Regime::Hot];
        let mut spec = PlanSpec { blocks: 2, regimes, ..pair(true) };
        assert_eq!(
            Plan::new(&spec).hash(),
            "fb19b40fbb313dca9bc1c0c48f9176b8bf40b1dfc17a10719150d91bdb23cbee"
        );
        spec.regimes = vec![Regime::CrossRunner];
        assert_eq!(
            Plan::new(&spec).hash(),
            "82d4b0fbf9f5cc1788a35d7993a30a3d7f480bdad22f6f9a34a3e60ea6474961"
        );
    }

    #[test]
    fn warm_regimes_without_cold_are_given_a_snapshot_by_a_prime() {
        let plan = Plan::new(&spec(&[Regime::CrossRunner]));
        for block in &plan.blocks {
            assert_eq!(regimes(block), [Regime::Cold, Regime::CrossRunner]);
            assert!(matches!(block.steps[0], PlanStep::Prime { .. }));
        }
    }

    #[test]
    fn hot_alone_is_given_a_snapshot_and_a_warm_state() {
        let plan = Plan::new(&spec(&[Regime::Hot]));
        assert_eq!(regimes(&plan.blocks[0]), [Regime::Cold, Regime::SameRunner, Regime::Hot]);
        assert_eq!(plan.samples().count(), 6);
    }

    #[test]
    fn the_two_stages_are_the_plan_and_only_prime_makes_snapshots() {
        let plan = Plan::new(&pair(true));
        let never = |_, _| false;
        let prime = plan.clone().stage(Some(Stage::Prime), never);
        let measure = plan.clone().stage(Some(Stage::Measure), never);
        let ids = |plan: &Plan| plan.samples().map(|s| s.id.clone()).collect::<BTreeSet<_>>();
        assert!(ids(&prime).is_disjoint(&ids(&measure)));
        assert_eq!(&ids(&prime) | &ids(&measure), ids(&plan));
        assert!(measure.samples().all(|sample| sample.regime.is_other_runner()));
        assert_eq!(plan.clone().stage(None, never), plan);

        let warm = Plan::new(&spec(&[Regime::CrossRunner]));
        let prime = warm.clone().stage(Some(Stage::Prime), never);
        assert!(prime.blocks.iter().all(|block| regimes(block) == [Regime::Cold]));
        assert!(warm.clone().stage(Some(Stage::Prime), |_, _| true).blocks.is_empty());
        let measure = warm.stage(Some(Stage::Measure), never);
        assert!(measure.blocks.iter().all(|block| regimes(block) == [Regime::CrossRunner]));
    }

    #[test]
    fn what_is_done_is_not_planned_again_and_everything_else_is() {
        let spec = spec(&Regime::ALL);
        let all: Vec<_> = Plan::new(&spec).samples().cloned().collect();
        for cut in 0..=all.len() {
            let done: BTreeSet<_> = all[..cut].iter().map(|s| s.id.clone()).collect();
            let rest = Plan::without(&spec, &done);
            let planned: Vec<_> = rest.samples().cloned().collect();
            assert_eq!(planned, all[cut..], "after {cut} samples");
            for block in &rest.blocks {
                assert_eq!(
                    block.steps[0].regime(),
                    Regime::Cold,
                    "a block starts with its cold sample"
                );
            }
        }
    }
}
