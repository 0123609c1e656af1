//! Which property of a runner breaks reuse, and what to do about it (`bench explain`).

mod document;

pub use document::{
    Control, DecidedBy, Explanation, Measurement, NamedInCache, PropertySeen, Remedy, ReuseVerdict,
    SCHEMA, Staleness,
};
