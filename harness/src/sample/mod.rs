//! One sample: puts the caches into the state that a regime claims, runs the phases, and collects what
//! proves the claim.

mod evidence;
mod examples;
mod finish;
mod job;
mod phases;
mod prepare;
mod reason;
mod services;
mod session;
mod take;
mod trial;

pub use examples::{ExampleValue, known as known_examples};
pub use prepare::ArmState;
pub use session::{ArmSetup, Now, Session, StepError, StepRequest};
pub use take::take_sample;
pub use trial::{Trial, Tried, try_out};
