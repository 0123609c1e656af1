//! What will run, in which order, and how parts of it become one run again.

mod blocks;
pub mod merge;

pub use blocks::{
    Plan, PlanSpec, PlanStep, PlannedArm, PlannedBlock, PlannedSample, sample_id, shard, show,
};
