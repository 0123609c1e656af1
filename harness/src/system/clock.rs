//! Monotonic time in integer nanoseconds.

use std::time::Instant;

/// Runs from its creation; never goes back, whatever happens to the wall clock.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Nanoseconds since the start (`u64` holds 584 years).
    pub fn elapsed_ns(self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_readings_are_never_smaller_and_the_watch_keeps_running() {
        let watch = Stopwatch::start();
        let first = watch.elapsed_ns();
        let mut last = first;
        while last == first {
            let next = watch.elapsed_ns();
            assert!(next >= last);
            last = next;
        }
    }
}
