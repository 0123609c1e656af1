//! What each cache is worth: from the trials of `bench ablate` to seconds, megabytes and what to keep.

mod document;
mod findings;
mod markdown;
mod sets;
mod sizes;
mod terminal;
mod times;
mod work;

pub use document::{
    Ablation, Archives, CacheWorth, Keep, Packed, PairSeen, QuotaForecast, RegimeWorth, SCHEMA,
    SetSeen, TimeEstimate,
};
pub use markdown::markdown;
pub use sets::{ALL_SETS, Candidate, Overlap, best, designed, greedy, knapsack, overlap};
pub use terminal::terminal;
pub use work::{Limits, chain, planned, work_out};
pub(crate) use {findings::named, terminal::sentences};
