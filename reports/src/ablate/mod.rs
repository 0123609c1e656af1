//! What each cache is worth: from the trials of `bench ablate` to seconds, megabytes and what to keep.

mod document;
mod findings;
mod sets;
mod sizes;
mod text;
mod times;
mod work;

pub use document::{
    Ablation, Archives, CacheWorth, Keep, Packed, PairSeen, QuotaForecast, RegimeWorth, SCHEMA,
    SetSeen, TimeEstimate,
};
pub(crate) use findings::named;
pub use sets::{ALL_SETS, Candidate, Overlap, best, designed, greedy, knapsack, overlap};
pub use text::{markdown, section, terminal};
pub use work::{Limits, chain, planned, work_out};
