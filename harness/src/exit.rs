//! Exit codes: documented constants, one place.

/// Done; gates `ok` or `improved`.
pub const OK: u8 = 0;
/// Internal error or I/O failure.
pub const INTERNAL: u8 = 1;
/// Wrong usage, invalid scenario or policy.
pub const USAGE: u8 = 2;
/// A gate is `inconclusive`.
pub const INCONCLUSIVE: u8 = 3;
/// A measured command failed or timed out.
pub const COMMAND_FAILED: u8 = 4;
/// A regime could not be proven, or arms were not measured in one job.
pub const UNPROVEN: u8 = 5;
/// A merge is incomplete.
pub const MERGE_INCOMPLETE: u8 = 6;
/// A gate is `regressed`, or an absolute limit is exceeded.
pub const REGRESSED: u8 = 10;

/// The code for a run that a signal ended: 130 for SIGINT, 143 for SIGTERM.
pub const fn signalled(signal: i32) -> u8 {
    128 + signal as u8
}
