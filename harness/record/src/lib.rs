//! The record contract of `bench`.
//!
//! A run is a file of lines, `records.ndjson`: one JSON object per line, `v` and `kind` first, appended
//! and never rewritten. It is the truth; everything else (`summary.json`, reports, verdicts) is derived
//! from it. This crate says what the lines mean and nothing more: no statistics, no processes.
//!
//! Units are in the names: `_ns` is integer nanoseconds, `bytes` and `_bytes` are bytes, `_s` (only in
//! the derived summary) is seconds.
//!
//! # Old and new
//! * A writer writes [`VERSION`].
//! * A reader accepts every version up to its own and refuses a newer one by name.
//! * Within one version fields may be added (a reader ignores fields it does not know, and new fields
//!   have defaults), never renamed or given another meaning: that is a new version.

mod ablate;
mod canonical;
mod comparison;
mod estimate;
mod explain;
pub mod files;
mod gate;
mod histogram;
pub mod journal;
mod names;
mod records;
mod run;
mod sample;
mod stage;
mod summary;

pub use ablate::{
    AblateEntry, AblateSnapshot, AblateStart, AblateTrial, CacheSet, CombinedArchive,
    LoadedAblation, SavedSize,
};
pub use canonical::CanonicalText;
pub use comparison::{
    Change, ComparisonOf, ComparisonSummary, ComparisonVerdict, ExampleChange, HostSummary,
    Infinite, MeanRatio,
};
pub use estimate::{
    Assumptions, CoresEstimate, Distribution, Economics, Estimate, ExampleModel, ExampleOrder,
    Makespan, Month, Transfer,
};
pub use explain::{
    ExplainEntry, ExplainOptions, ExplainTrial, LoadedExplain, OLD_PATH_STAYS, Property, TrialRole,
    Variation,
};
pub use gate::{Gate, GateRule, Percent};
pub use histogram::{Histogram, HistogramError};
pub use journal::{
    Journal, JournalEntry, JournalFile, JournalWriter, LineError, LoadError, ReadError, VERSION,
    WriteError, load,
};
pub use names::{
    Arm, Design, EndReason, Instant, Outcome, Regime, RunId, RunnerId, SampleId, UnknownName,
    by_name,
};
pub use records::{LoadedRun, Record, read};
pub use run::{
    ArmInfo, Baseline, Cell, End, Host, Ident, Imported, Part, Resume, Run, RunOptions, SourceInfo,
    TimeShares, Tool, Tools,
};
pub use sample::{
    CacheUse, Evidence, Example, Noise, PhaseTime, Pressure, ProbeReading, Sample, Usage,
};
pub use stage::{KeyMatch, RestoreTime, SnapshotForm, SnapshotUse, Stage, StageOptions};
pub use summary::{
    CacheSummary, ExampleSummary, GateSummary, GateVerdict, Interval, PhaseSummary, RegimeSummary,
    Speedup, Summary,
};
