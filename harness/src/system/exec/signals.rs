//! SIGINT, SIGTERM and SIGHUP end a run in order; a second Ctrl-C ends it at once.
//!
//! A thread of its own receives them, so that what happens then is ordinary code, and says so through a
//! pipe that is never emptied: whoever waits for a command polls it too.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

/// The state of this process.
#[derive(Debug)]
pub(crate) struct Signals {
    /// The first signal received, 0 for none.
    first: AtomicI32,
    #[cfg(unix)]
    wake: io::PipeReader,
}

static SIGNALS: OnceLock<Signals> = OnceLock::new();
/// Keeps two threads from installing the handlers at once.
static INSTALL: std::sync::Mutex<()> = std::sync::Mutex::new(());

impl Signals {
    /// Installs the handlers, once for the process.
    ///
    /// # Errors
    /// When the system refuses a handler, the pipe or the thread.
    pub(crate) fn install() -> io::Result<&'static Self> {
        let _guard = INSTALL.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(signals) = SIGNALS.get() {
            return Ok(signals);
        }
        install()
    }

    /// The signal that asked `bench` to stop, if one did.
    pub(crate) fn interrupted(&self) -> Option<i32> {
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
            if left.is_some_and(|left| left.is_zero()) || self.interrupted().is_some() {
                return;
            }
            self.nap(left);
        }
    }
}

#[cfg(unix)]
impl Signals {
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

#[cfg(unix)]
fn install() -> io::Result<&'static Signals> {
    use std::io::Write;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let wanted: Vec<i32> = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|signal| !super::platform::is_ignored(*signal))
        .collect();
    let mut incoming = signal_hook::iterator::Signals::new(wanted)?;
    let (wake, mut raise) = io::pipe()?;
    let signals = SIGNALS.get_or_init(|| Signals { first: AtomicI32::new(0), wake });
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in incoming.forever() {
            let first =
                signals.first.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
            if first.is_ok() {
                // One byte in an empty pipe: it neither blocks nor fails.
                let _ = raise.write_all(&[1]);
            } else if signal == SIGINT {
                super::sweep::kill_everything_now();
                // Not `exit`: whoever holds a lock on stdout may be what hangs.
                signal_hook::low_level::exit(128 + SIGINT);
            }
        }
    })?;
    Ok(signals)
}

#[cfg(not(unix))]
impl Signals {
    /// Sleeps for at most `left`, in slices since nothing wakes us.
    #[expect(clippy::unused_self, reason = "the signature is that of Unix")]
    fn nap(&self, left: Option<Duration>) {
        const SLICE: Duration = Duration::from_millis(20);
        std::thread::sleep(left.map_or(SLICE, |left| left.min(SLICE)));
    }
}

#[cfg(not(unix))]
fn install() -> io::Result<&'static Signals> {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use signal_hook::consts::{SIGINT, SIGTERM};

    let asked = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the second signal finds the flag that the first one raised.
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked))?;
        signal_hook::flag::register(signal, Arc::clone(&asked))?;
    }
    let signals = SIGNALS.get_or_init(|| Signals { first: AtomicI32::new(0) });
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        while !asked.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
        }
        signals.first.store(SIGINT, Ordering::SeqCst);
    })?;
    Ok(signals)
}
