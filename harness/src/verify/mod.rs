//! Whether a warm build tells the truth: its outputs and outcomes against those of a cold build on the same
//! runner, with caches as they were saved and with damaged ones (`bench verify`).
//!
//! ```text
//! cold a, cold b (, cold a again) -> references, what is not reproducible by itself
//! snapshot -> same-runner, cross-runner -> right or wrong
//! copy of the snapshot + one fault -> run, next run -> heals, fails loudly, wrong output, slower for ever, not exercised
//! ```
//!
//! The method and what it cannot tell: `docs/VERIFY.md`.

mod damage;
mod fault;
mod fault_runs;
mod files;
mod full_disk;
mod kinds;
mod normalise;
mod outputs;
mod sequence;
mod stale;
mod stores;
mod touched;
mod undamaged;
mod verifier;

pub use fault::Fault;
pub use sequence::verify;
pub use verifier::VerifyOptions;
