//! `verify.json`: the verdict on a warm build, the runs that it rests on, and what each fault led to.

use std::collections::BTreeMap;
use std::fmt;

use bench_record::{Regime, RunId};
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Subject};
use crate::document::text::quoted;
use crate::document::units;

/// The schema of `verify.json`.
pub const SCHEMA: &str = "bench.verify/2";

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// [`SCHEMA`].
    pub schema: String,
    /// Names the run.
    pub run_id: RunId,
    /// The scenario.
    pub scenario: String,
    /// Its content hash; null in documents of earlier versions.
    #[serde(default)]
    pub scenario_hash: Option<String>,
    /// Its params.
    pub params: BTreeMap<String, String>,
    /// Seed of the choice of files.
    pub seed: u64,
    /// Whether everything was tried that was asked for.
    pub complete: bool,
    /// What follows from all of it.
    pub verdict: Truthfulness,
    /// Why, when the verdict is not `truthful`.
    pub reason: Option<String>,
    /// Output files of the first cold run.
    pub outputs: u64,
    /// Whether the build gives the same outputs without any cache.
    pub reproducible: Reproducible,
    /// Cold, same-runner and cross-runner, in the order in which they ran.
    pub runs: Vec<RunSeen>,
    /// Faults, in the order in which they were tried.
    pub faults: Vec<FaultSeen>,
    /// Kinds of files of each cache that no fault damaged, because there are more than were asked for.
    pub kinds_left_out: BTreeMap<String, Vec<String>>,
    /// What a person should know.
    pub findings: Vec<String>,
}

/// Whether the warm build tells the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Truthfulness {
    /// No warm run, damaged or not, gave anything but the outputs and outcomes of cold.
    Truthful,
    /// At least one did.
    WrongOutput,
    /// It could not be established.
    #[default]
    NotEstablished,
}

impl Truthfulness {
    /// The name in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Truthful => "truthful",
            Self::WrongOutput => "wrong output",
            Self::NotEstablished => "not established",
        }
    }
}

/// Whether two builds without a cache agree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reproducible {
    /// On the same runner; null when it did not have to be tried, because both runners agree.
    pub same_runner: Option<bool>,
    /// On another runner; null when there are no outputs to compare.
    pub other_runner: Option<bool>,
    /// Files that differ on the same runner: no cache is to blame, and nothing is concluded from them.
    pub unstable: Vec<Difference>,
    /// Files that differ only on another runner: the build depends on where it runs.
    pub placed: Vec<Difference>,
}

/// One file that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Relative to the workspace.
    pub file: String,
    /// `content`, `link`, `missing` or `only here`.
    pub what: String,
    /// Offset of the first byte that differs, after normalising; null when it is not the content.
    pub offset: Option<u64>,
}

/// One undamaged run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSeen {
    /// Which regime.
    pub regime: Regime,
    /// `a` for the runner that made the caches, `b` for the other one.
    pub runner: String,
    /// Time of the measured phases, seconds.
    pub wall_s: f64,
    /// Hits; null when unknown.
    pub hits: Option<u64>,
    /// Misses; null when unknown.
    pub misses: Option<u64>,
    /// How it compares with the cold run on the same runner.
    pub verdict: RunVerdict,
    /// Why it failed, or how it lies.
    pub reason: Option<String>,
    /// Outputs that differ from the cold run's.
    pub differences: Vec<Difference>,
    /// Outputs that name a directory of the runner that made the caches.
    pub foreign_paths: Vec<String>,
}

/// How an undamaged run compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunVerdict {
    /// It is what others are compared with.
    Reference,
    /// As the reference.
    Right,
    /// It passed and is not as the reference.
    Wrong,
    /// It failed where the reference did not.
    Failed,
}

impl RunVerdict {
    /// The name in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Right => "right",
            Self::Wrong => "WRONG",
            Self::Failed => "failed",
        }
    }
}

/// What a fault led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultOutcome {
    /// It passed, and the output is not that of a cold build.
    WrongOutput,
    /// It failed, and said so.
    FailsLoudly,
    /// The output is right, and the next run still does not reuse what it should.
    SlowerForEver,
    /// The output is right, and the next run reuses everything.
    Heals,
    /// Nothing looked at what was damaged.
    NotExercised,
    /// It could not be tried, or not be judged.
    NotTested,
}

impl FaultOutcome {
    /// Every outcome, the worst first.
    pub const ALL: [Self; 6] = [
        Self::WrongOutput,
        Self::FailsLoudly,
        Self::SlowerForEver,
        Self::Heals,
        Self::NotExercised,
        Self::NotTested,
    ];

    /// The name in documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongOutput => "wrong output",
            Self::FailsLoudly => "fails loudly",
            Self::SlowerForEver => "slower for ever",
            Self::Heals => "heals",
            Self::NotExercised => "not exercised",
            Self::NotTested => "not tested",
        }
    }
}

impl fmt::Display for FaultOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One fault and what it led to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultSeen {
    /// The fault, as `--fault` names it.
    pub fault: String,
    /// The cache; null for a fault that is in none.
    pub cache: Option<String>,
    /// The kind of file.
    pub kind: Option<String>,
    /// The damaged file, relative to the cache.
    pub file: Option<String>,
    /// What was done to it.
    pub damage: Option<String>,
    /// What it led to.
    pub outcome: FaultOutcome,
    /// How that is known, or why it is not.
    pub reason: String,
    /// Time with the fault, seconds; null when nothing was run.
    pub wall_s: Option<f64>,
    /// Hits with the fault; null when unknown.
    pub hits: Option<u64>,
    /// Time of the next run, seconds.
    pub again_wall_s: Option<f64>,
    /// Hits of the next run.
    pub again_hits: Option<u64>,
    /// Hits with the undamaged cache.
    pub expected_hits: Option<u64>,
    /// Outputs that are not those of a cold build.
    pub differences: Vec<Difference>,
}

impl FaultSeen {
    /// A fault before it was tried.
    pub fn new(fault: &str) -> Self {
        Self {
            fault: fault.to_owned(),
            cache: None,
            kind: None,
            file: None,
            damage: None,
            outcome: FaultOutcome::NotTested,
            reason: String::new(),
            wall_s: None,
            hits: None,
            again_wall_s: None,
            again_hits: None,
            expected_hits: None,
            differences: Vec::new(),
        }
    }
}

impl Answer for Verification {
    const SCHEMA: &'static str = SCHEMA;
    const EARLIER: Option<&'static str> = Some("bench.verify/1");
    const COMMAND: &'static str = "verify";
    const NOUN: &'static str = "verification";

    fn subject(&self) -> Subject<'_> {
        let Self { scenario, params, scenario_hash, .. } = self;
        Subject { scenario, params, hash: scenario_hash.as_deref() }
    }
}

impl Verification {
    /// Nothing is found yet.
    pub fn new(run_id: RunId, subject: Subject<'_>, seed: u64) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            run_id,
            scenario: subject.scenario.to_owned(),
            scenario_hash: subject.hash.map(str::to_owned),
            params: subject.params.clone(),
            seed,
            complete: false,
            verdict: Truthfulness::default(),
            reason: None,
            outputs: 0,
            reproducible: Reproducible::default(),
            runs: Vec::new(),
            faults: Vec::new(),
            kinds_left_out: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    /// What a fault was in: a kind of file, or a cache; both where several caches have faults.
    pub(crate) fn place(&self, fault: &FaultSeen) -> String {
        let mut caches = self.faults.iter().filter_map(|one| one.cache.as_deref());
        let first = caches.next();
        let several = caches.any(|cache| Some(cache) != first);
        match (fault.cache.as_deref(), fault.kind.as_deref()) {
            (Some(cache), Some(kind)) if several => format!("{cache} {kind}"),
            (cache, kind) => kind.or(cache).unwrap_or_default().to_owned(),
        }
    }

    /// How many faults led to `outcome`.
    pub fn count(&self, outcome: FaultOutcome) -> usize {
        self.faults.iter().filter(|fault| fault.outcome == outcome).count()
    }
}

/// The first difference as part of a sentence.
pub fn first_difference(differences: &[Difference]) -> String {
    let Some(difference) = differences.first() else { return "nothing differs".to_owned() };
    let what = match (difference.what.as_str(), difference.offset) {
        ("content", Some(offset)) => format!("differs from byte {offset} on"),
        ("content", None) => "differs".to_owned(),
        ("link", _) => "points elsewhere".to_owned(),
        ("missing", _) => "is missing".to_owned(),
        (_, _) => "is not made by a cold build".to_owned(),
    };
    let more = match differences.len() {
        1 => String::new(),
        n => format!(", and {} more", units::counted(n - 1, "file")),
    };
    format!("{} {what}{more}", quoted(&difference.file))
}
