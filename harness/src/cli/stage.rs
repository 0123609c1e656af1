//! `--stage`: two jobs share a plan, one for each stage. Its options, its part of the plan, and its output for the CI's
//! cache step.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use bench_record::{KeyMatch, LoadedRun, Run, SnapshotForm, Stage, StageOptions};

use super::{Failure, print};
use crate::cache::handoff::{self, Identity, SaveError, SnapshotReader, SnapshotWriter};
use crate::exit;
use crate::plan::{Plan, PlanSpec};
use crate::run::{Handoff, Prepared, Request};

#[derive(Clone, Debug, clap::Args)]
pub(super) struct StageArgs {
    /// Take a part of the samples, for two jobs on two machines: `prime` takes all but cross-runner or moved-runner and saves the
    /// snapshots, `measure` takes that one from snapshots that the CI's cache step restored
    #[arg(long, value_name = "prime|measure", requires = "seed", conflicts_with_all = ["auto", "budget"])]
    stage: Option<Stage>,
    /// Last part of the key of the snapshots, the same for both stages, such as "$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT"
    #[arg(long, value_name = "TAG", requires = "stage", conflicts_with = "snapshot_key")]
    snapshot_tag: Option<String>,
    /// The whole key, as `bench plan --stages` gives it
    #[arg(long, value_name = "KEY", requires = "stage")]
    snapshot_key: Option<String>,
    /// Directory in which prime saves the snapshots [default: .bench/snapshot]
    #[arg(long, value_name = "DIR", requires = "stage")]
    snapshot_dir: Option<PathBuf>,
    /// Form in which prime saves them: `tree` for a cache step that makes archives itself, `archive` for one that copies files
    /// [default: tree]
    #[arg(long, value_name = "tree|archive", requires = "stage")]
    snapshot_as: Option<SnapshotForm>,
    /// Directory in which measure finds the snapshots
    #[arg(long, value_name = "DIR", requires = "stage")]
    restored: Option<PathBuf>,
    /// Key that the cache step says it restored (`cache-matched-key`); empty when it found nothing
    #[arg(long, value_name = "KEY", requires = "stage")]
    matched_key: Option<String>,
    /// Seconds that the cache step took; with several snapshots NAME=S for each
    #[arg(long, value_name = "S|NAME=S,..", env = "BENCH_RESTORE_SECONDS")]
    restore_seconds: Option<String>,
}

impl StageArgs {
    /// What the command line asks for; `None` when one job takes all samples.
    pub(super) fn options(
        &self,
        request: &Request,
        spec: &PlanSpec,
    ) -> Result<Option<StageOptions>, Failure> {
        let Some(stage) = self.stage else { return Ok(None) };
        refuse_unstageable(request, spec)?;
        let of_other_stage = match stage {
            Stage::Prime => [
                ("--restored", self.restored.is_some()),
                ("--matched-key", self.matched_key.is_some()),
            ],
            Stage::Measure => [
                ("--snapshot-dir", self.snapshot_dir.is_some()),
                ("--snapshot-as", self.snapshot_as.is_some()),
            ],
        };
        if let Some((option, _)) = of_other_stage.into_iter().find(|(_, given)| *given) {
            return Err(usage(format!("`{option}` is not an option of `--stage {stage}`")));
        }
        let snapshots = match (stage, &self.restored) {
            (Stage::Prime, _) => {
                self.snapshot_dir.clone().unwrap_or_else(|| PathBuf::from(handoff::DEFAULT_DIR))
            }
            (Stage::Measure, Some(restored)) => restored.clone(),
            (Stage::Measure, None) => {
                return Err(usage(
                    "`--stage measure` needs `--restored DIR`: where the cache step put the snapshots"
                        .to_owned(),
                ));
            }
        };
        let blocks = blocks(request);
        let plan = Plan::new(spec);
        let hash = plan.hash();
        let identity = identity(request, &hash);
        let key = match (&self.snapshot_key, &self.snapshot_tag) {
            (Some(key), _) => identity.accept(key).map_err(Failure::usage)?,
            (None, Some(tag)) => identity.key(&blocks, tag).map_err(Failure::usage)?,
            (None, None) => {
                return Err(usage(format!(
                    "`--stage {stage}` needs `--snapshot-tag TAG`, the same for both stages (hint: \
                     \"$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT\")"
                )));
            }
        };
        let wanted: Vec<String> =
            wanted(&plan.only(Some(&blocks)).stage(Some(Stage::Measure), |_, _| false))
                .into_iter()
                .map(|(block, arm)| handoff::name(block, arm))
                .collect();
        let restore_ns = match (stage, &self.restore_seconds) {
            (Stage::Measure, Some(text)) => restore_times(text, &wanted)?,
            _ => BTreeMap::new(),
        };
        Ok(Some(StageOptions {
            stage,
            snapshots: std::path::absolute(&snapshots)?.to_string_lossy().into_owned(),
            key,
            form: (stage == Stage::Prime).then(|| self.snapshot_as.unwrap_or(SnapshotForm::Tree)),
            matched_key: self.matched_key.clone(),
            restore_ns,
        }))
    }

    /// The directory as it was given: a cache step makes its entry's version from this very text.
    pub(super) fn path_text(&self) -> String {
        let given = self.snapshot_dir.as_deref().unwrap_or(Path::new(handoff::DEFAULT_DIR));
        given.to_string_lossy().into_owned()
    }
}

fn usage(text: String) -> Failure {
    Failure::usage(anyhow::anyhow!(text))
}

/// Refuses a plan that two jobs cannot share.
pub(super) fn refuse_unstageable(request: &Request, spec: &PlanSpec) -> Result<(), Failure> {
    match spec.regimes.iter().filter(|regime| regime.is_other_runner()).count() {
        1 => {}
        0 => {
            return Err(usage(
                "stages are for cross-runner or moved-runner, neither of which is among the regimes (hint: `--regime`, or params with \
                 an active cache)"
                    .to_owned(),
            ));
        }
        _ => {
            return Err(usage(
                "another machine has either the paths of the first one or other ones, so `--stage` takes cross-runner or moved-runner, \
                 not both (hint: cross-runner, if the state root has the same path on both)"
                    .to_owned(),
            ));
        }
    }
    if request.auto || request.budget.is_some() {
        return Err(usage(
            "`--auto` and `--budget` let the results decide when a run ends, so another job cannot know what to measure (hint: --blocks N)"
                .to_owned(),
        ));
    }
    if let Some(arm) = spec.arms.iter().find(|arm| !arm.cached) {
        return Err(usage(format!(
            "the {} has no active cache, so its cold samples are compared with the other arm's cross-runner samples, which another \
             job would take (hint: measure this comparison without stages)",
            arm.arm
        )));
    }
    Ok(())
}

/// The blocks that the request measures.
fn blocks(request: &Request) -> Vec<u32> {
    request.only_blocks.clone().unwrap_or_else(|| (1..=request.blocks).collect())
}

/// What the keys of a request's snapshots are made of; `plan_hash` is that of its whole plan.
pub(super) fn identity<'a>(request: &'a Request, plan_hash: &'a str) -> Identity<'a> {
    Identity {
        scenario: &request.scenario.name,
        hash: &request.hash,
        params: &request.params,
        baseline: request.baseline.as_ref(),
        examples: request.examples.as_deref(),
        plan_hash,
    }
}

/// The same of a recorded run.
pub(super) fn identity_of(run: &Run) -> Identity<'_> {
    Identity {
        scenario: &run.scenario.name,
        hash: &run.scenario.hash,
        params: &run.params,
        baseline: run.options.baseline.as_ref(),
        examples: run.options.examples.as_deref(),
        plan_hash: &run.plan_hash,
    }
}

/// The blocks that a recorded run measures.
fn options_blocks(run: &Run) -> Vec<u32> {
    run.options.only_blocks.clone().unwrap_or_else(|| (1..=run.options.blocks).collect())
}

/// The blocks and arms whose snapshots a measure job starts from.
fn wanted(plan: &Plan) -> Vec<(u32, bench_record::Arm)> {
    plan.samples().map(|sample| (sample.block, sample.arm)).collect()
}

/// `2.5`, or `b001-candidate=2.5,b001-baseline=2.6`.
fn restore_times(text: &str, wanted: &[String]) -> Result<BTreeMap<String, u64>, Failure> {
    let wrong = |why: String| usage(format!("`--restore-seconds {text}`: {why}"));
    let nanos = |text: &str| {
        let seconds = text.trim().parse::<f64>().ok().filter(|s| s.is_finite() && *s > 0.0);
        // A restore that takes no time was not measured.
        seconds
            .map(|seconds| (seconds * 1e9).round() as u64)
            .ok_or_else(|| wrong(format!("expected seconds above 0, not `{text}`")))
    };
    if text.trim().is_empty() {
        return Ok(BTreeMap::new());
    }
    if !text.contains('=') {
        return match wanted {
            [only] => Ok(BTreeMap::from([(only.clone(), nanos(text)?)])),
            several => Err(wrong(format!(
                "one time for {} snapshots does not say how long each of them took (hint: {}=S,.., or leave it out)",
                several.len(),
                several.first().map_or("NAME", String::as_str)
            ))),
        };
    }
    let mut times = BTreeMap::new();
    for part in text.split(',') {
        let (name, seconds) =
            part.split_once('=').ok_or_else(|| wrong("expected NAME=S,..".to_owned()))?;
        if !wanted.iter().any(|wanted| wanted == name) {
            return Err(wrong(format!(
                "there is no snapshot `{name}` (expected {})",
                wanted.join(", ")
            )));
        }
        times.insert(name.to_owned(), nanos(seconds)?);
    }
    Ok(times)
}

/// The part of the plan that this process executes.
pub(super) fn plan(whole: Plan, request: &Request) -> Plan {
    let stage = request.stage.as_ref();
    let saved = |block, arm| {
        stage.is_some_and(|stage| handoff::is_saved(Path::new(&stage.snapshots), block, arm))
    };
    whole.only(request.only_blocks.as_deref()).stage(stage.map(|stage| stage.stage), saved)
}

/// What the run does with snapshots; whatever is wrong with them is an error before the first record is written.
pub(super) fn handoff(
    request: &Request,
    prepared: &Prepared,
    plan: &Plan,
    resumed: bool,
) -> Result<Handoff, Failure> {
    let Some(options) = &request.stage else { return Ok(Handoff::None) };
    let dir = Path::new(&options.snapshots);
    match options.stage {
        Stage::Prime => {
            handoff::refuse_foreign(dir, &options.key, resumed).map_err(|error| match error {
                SaveError::Foreign { .. } => Failure::usage(error),
                other => other.into(),
            })?;
            Ok(Handoff::Save(Box::new(SnapshotWriter {
                dir: dir.to_owned(),
                form: options.form.unwrap_or(SnapshotForm::Tree),
                key: options.key.clone(),
                run: prepared.run.clone(),
            })))
        }
        Stage::Measure => {
            let start = identity(request, &prepared.run.plan_hash).start();
            let arms = prepared.arms.iter();
            let params = arms.map(|(arm, setup)| (*arm, setup.params.clone())).collect();
            let reader = SnapshotReader {
                dir,
                key: &options.key,
                start: &start,
                matched_key: options.matched_key.as_deref(),
                restore_ns: &options.restore_ns,
                run: &prepared.run,
                scenario: &request.scenario,
                params: &params,
            };
            let loaded = reader.load(&wanted(plan)).map_err(|error| {
                let code = if error.is_usage() { exit::USAGE } else { exit::UNPROVEN };
                Failure { code, error: error.into() }
            })?;
            Ok(Handoff::Load(loaded))
        }
    }
}

/// Prints lines for `$GITHUB_OUTPUT`: what the CI's cache step needs, or what this job found. `path` is the directory as
/// it was given; a resumed run has only the recorded one.
pub(super) fn print_outputs(out: &Path, path: Option<&str>) -> Result<(), Failure> {
    let loaded = bench_record::load::<LoadedRun>(out)?;
    let Some(options) = &loaded.run.options.stage else { return Ok(()) };
    let mut text = format!("key={}\n", options.key);
    // Writing to a String cannot fail.
    let _ = match options.stage {
        Stage::Prime => {
            let dir = Path::new(&options.snapshots);
            let path = path.unwrap_or(&options.snapshots);
            let saved = handoff::count_saved(dir);
            let blocks = options_blocks(&loaded.run);
            let prefix = identity_of(&loaded.run).prefix(&blocks);
            write!(text, "prefix={prefix}\npath={path}\nsnapshots={saved}\n")
        }
        Stage::Measure => {
            let used = || {
                loaded.samples.iter().filter_map(|(sample, _)| sample.evidence.snapshot.as_ref())
            };
            let other = used().filter(|snapshot| snapshot.matched == KeyMatch::Prefix).count();
            if other > 0 {
                anstream::eprintln!(
                    "note: {other} of {} snapshots were made by another job than the one asked for: their key only has the same \
                     prefix",
                    used().count()
                );
            }
            let matched = if other > 0 { KeyMatch::Prefix } else { KeyMatch::Exact };
            write!(text, "matched={matched}\nsnapshots={}\n", used().count())
        }
    };
    print(&text)
}
