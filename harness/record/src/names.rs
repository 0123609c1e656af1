//! The words of the records: regimes, arms, outcomes and identifiers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A wall-clock moment as records have it.
pub type Instant = chrono::DateTime<chrono::Utc>;

/// The state of the caches when the measured phases start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Regime {
    /// A new runner; every declared cache is absent or empty; no earlier process is alive.
    Cold,
    /// The same runner again: same paths, inodes and mtimes, caches as the cold sample left them.
    SameRunner,
    /// Another runner of the same kind: the same paths, and nothing else of the first one. The checkout is fresh, the
    /// caches come from an archive.
    CrossRunner,
    /// Another runner with other paths, fresh mtimes, caches restored from an archive.
    MovedRunner,
    /// Immediately again on the same runner with daemons alive: the floor to reach.
    Hot,
    /// Not known: another tool took the sample and did not say. Nothing can be asked to run in it.
    Unknown,
}

impl Regime {
    /// Every regime that a run can be asked for, in the order in which reports list them.
    pub const ALL: [Self; 5] =
        [Self::Cold, Self::SameRunner, Self::CrossRunner, Self::MovedRunner, Self::Hot];

    /// The regimes that a run measures when it is not asked for others.
    pub const DEFAULT: [Self; 3] = [Self::Cold, Self::SameRunner, Self::CrossRunner];

    /// The name used in files, on the command line and in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::SameRunner => "same-runner",
            Self::CrossRunner => "cross-runner",
            Self::MovedRunner => "moved-runner",
            Self::Hot => "hot",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the regime claims that caches were put in place.
    pub const fn is_warm(self) -> bool {
        !matches!(self, Self::Cold | Self::Unknown)
    }

    /// Whether jobs of a CI start with restored caches in this regime: in cold there are none, and no job starts in hot.
    pub const fn is_restored(self) -> bool {
        matches!(self, Self::SameRunner | Self::CrossRunner | Self::MovedRunner)
    }

    /// Whether the regime claims another runner than the one that made the snapshot.
    pub const fn is_other_runner(self) -> bool {
        matches!(self, Self::CrossRunner | Self::MovedRunner)
    }
}

impl fmt::Display for Regime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is none of the expected ones.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{found}`, expected one of {expected}")]
pub struct UnknownName {
    what: &'static str,
    found: String,
    expected: String,
}

/// The one of `all` that has this name.
///
/// # Errors
/// [`UnknownName`], which lists the names of all; `what` says what they are names of.
pub fn by_name<T: Copy>(
    what: &'static str,
    all: &[T],
    name: fn(T) -> &'static str,
    text: &str,
) -> Result<T, UnknownName> {
    all.iter().copied().find(|one| name(*one) == text).ok_or_else(|| UnknownName {
        what,
        found: text.to_owned(),
        expected: all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", "),
    })
}

impl FromStr for Regime {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        by_name("regime", &Self::ALL, Self::as_str, text)
    }
}

/// Which side of a comparison a sample belongs to; both are measured in the same job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arm {
    /// What is being judged; the only arm of a run without a baseline.
    Candidate,
    /// What it is judged against.
    Baseline,
}

impl Arm {
    /// The name used in files and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Baseline => "baseline",
        }
    }
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a sample or an example ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It ran to its end and, for a sample, its regime is proven.
    Ok,
    /// A measured command ended with a failure.
    Failed,
    /// A measured command was killed at its time-out.
    TimedOut,
    /// Samples only: the evidence contradicts the regime, so the time enters no estimate.
    Unproven,
}

impl Outcome {
    /// The name used in files and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::TimedOut => "timed-out",
            Self::Unproven => "unproven",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a run ended.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum EndReason {
    /// Everything that was planned was measured.
    #[default]
    Done,
    /// More failed than was allowed.
    MaxFailures,
    /// A signal asked it to stop.
    Interrupted,
    /// `--auto`: a look decided before the last block.
    Decided,
    /// `--budget`: the next block would probably not have ended in time.
    Budget,
}

impl EndReason {
    /// The name used in files and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::MaxFailures => "max-failures",
            Self::Interrupted => "interrupted",
            Self::Decided => "decided",
            Self::Budget => "budget",
        }
    }
}

impl EndReason {
    /// Whether the run ended as it was meant to: everything that was wanted is there.
    pub const fn is_complete(self) -> bool {
        matches!(self, Self::Done | Self::Decided | Self::Budget)
    }
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The order in which the samples of a run were taken.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Design {
    /// Arms and regimes in random order inside each block, one block after the other, in one job.
    #[default]
    Randomised,
    /// One thing after the other, as tools that only repeat a command do: to look at, never to judge by.
    Sequential,
}

impl Design {
    /// The name used in files and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Randomised => "randomised",
            Self::Sequential => "sequential",
        }
    }
}

impl fmt::Display for Design {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

text_id! {
    /// Names a run: UTC start time, scenario and a few random characters; safe as a file name.
    RunId
}
text_id! {
    /// Names a sample inside its run (`b001-candidate-cold`); safe as a file name.
    SampleId
}
text_id! {
    /// Names one simulated or real CI machine inside a run (`b001-candidate-a`).
    RunnerId
}
