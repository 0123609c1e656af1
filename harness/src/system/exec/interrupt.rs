//! What cuts a wait short: a deadline, or a signal that asks `bench` to stop.
//!
//! The thread that receives signals writes one byte to a pipe that is never emptied: whoever waits for a command polls
//! it too.

use std::io;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

/// Why a wait returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// The process has ended; its status is still to be taken.
    Ended,
    /// The time is over.
    Deadline,
    /// A signal asked `bench` to stop.
    Interrupted,
}

/// How long to wait.
#[derive(Clone, Copy, Default)]
pub(crate) struct Until<'a> {
    /// No limit without it.
    pub(crate) deadline: Option<Instant>,
    /// Signals that cut the wait short.
    pub(crate) interrupt: Option<&'a Interrupt>,
}

impl<'a> Until<'a> {
    /// From now for `limit`, or until a signal.
    pub(crate) fn after(limit: Option<Duration>, interrupt: &'a Interrupt) -> Self {
        // A limit beyond the clock's range is none.
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        Self { deadline, interrupt: Some(interrupt) }
    }
}

/// Whether a signal asked `bench` to stop: one for the process.
#[derive(Debug)]
pub(crate) struct Interrupt {
    /// The first signal received, 0 for none.
    first: AtomicI32,
    #[cfg(unix)]
    wake: io::PipeReader,
}

impl Interrupt {
    /// Not interrupted yet; also the pipe that wakes whoever waits.
    #[cfg(unix)]
    pub(crate) fn new() -> io::Result<(Self, io::PipeWriter)> {
        let (wake, raise) = io::pipe()?;
        Ok((Self { first: AtomicI32::new(0), wake }, raise))
    }

    /// Not interrupted yet.
    #[cfg(not(unix))]
    pub(crate) fn new() -> Self {
        Self { first: AtomicI32::new(0) }
    }

    /// Notes a signal; false when another one came before.
    pub(crate) fn note(&self, signal: i32) -> bool {
        self.first.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// The signal that asked `bench` to stop, if one did.
    pub(crate) fn signal(&self) -> Option<i32> {
        match self.first.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(signal),
        }
    }

    /// Lets time pass, or less when a signal asks to stop.
    pub(crate) fn pause(&self, pause: Duration) {
        let end = Instant::now().checked_add(pause);
        loop {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) || self.signal().is_some() {
                return;
            }
            self.nap(left);
        }
    }
}

#[cfg(unix)]
impl Interrupt {
    /// Readable for ever once a signal came.
    #[cfg(target_os = "linux")]
    pub(crate) fn wake(&self) -> std::os::fd::BorrowedFd<'_> {
        std::os::fd::AsFd::as_fd(&self.wake)
    }

    /// Sleeps for at most `left`; may return early.
    fn nap(&self, left: Option<Duration>) {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};

        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        // An interrupted or failed poll only makes the nap shorter: the caller looks at the clock again.
        if poll(&mut [PollFd::new(&self.wake, PollFlags::IN)], timeout.as_ref()).is_err() {
            std::thread::yield_now();
        }
    }
}

#[cfg(not(unix))]
impl Interrupt {
    /// Sleeps for at most `left`, in slices since nothing wakes us.
    #[expect(clippy::unused_self, reason = "the signature is that of Unix")]
    fn nap(&self, left: Option<Duration>) {
        const SLICE: Duration = Duration::from_millis(20);
        std::thread::sleep(left.map_or(SLICE, |left| left.min(SLICE)));
    }
}
