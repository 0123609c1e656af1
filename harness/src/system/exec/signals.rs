//! SIGINT, SIGTERM and SIGHUP end a run in order; a second Ctrl-C ends it at once.
//!
//! A thread of its own receives them, so that what happens then is ordinary code.

use std::io;
use std::sync::OnceLock;

use super::interrupt::Interrupt;
#[cfg(unix)]
use super::{platform, sweep};

static INTERRUPT: OnceLock<Interrupt> = OnceLock::new();
/// Keeps two threads from installing the handlers at once.
static INSTALL: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Installs the handlers, once for the process.
///
/// # Errors
/// When the system refuses a handler, the pipe or the thread.
pub(crate) fn handled() -> io::Result<&'static Interrupt> {
    let _guard = INSTALL.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match INTERRUPT.get() {
        Some(interrupt) => Ok(interrupt),
        None => install(),
    }
}

#[cfg(unix)]
fn install() -> io::Result<&'static Interrupt> {
    use std::io::Write;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let wanted: Vec<i32> = [SIGINT, SIGTERM, SIGHUP]
        .into_iter()
        .filter(|signal| !platform::is_ignored(*signal))
        .collect();
    let mut incoming = signal_hook::iterator::Signals::new(wanted)?;
    let (interrupt, mut raise) = Interrupt::new()?;
    let interrupt = INTERRUPT.get_or_init(|| interrupt);
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in incoming.forever() {
            if interrupt.note(signal) {
                // One byte in an empty pipe: it neither blocks nor fails.
                let _ = raise.write_all(&[1]);
            } else if signal == SIGINT {
                sweep::kill_everything_now();
                // Not `exit`: whoever holds a lock on stdout may be what hangs.
                signal_hook::low_level::exit(128 + SIGINT);
            }
        }
    })?;
    Ok(interrupt)
}

#[cfg(not(unix))]
fn install() -> io::Result<&'static Interrupt> {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use signal_hook::consts::{SIGINT, SIGTERM};

    let asked = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the second signal finds the flag that the first one raised.
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&asked))?;
        signal_hook::flag::register(signal, Arc::clone(&asked))?;
    }
    let interrupt = INTERRUPT.get_or_init(Interrupt::new);
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        while !asked.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
        }
        interrupt.note(SIGINT);
    })?;
    Ok(interrupt)
}
