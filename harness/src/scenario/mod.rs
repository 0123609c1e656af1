//! Scenario files: the wire shape, the always-valid model, and the conversion that reports every problem.

pub mod model;
pub mod template;
