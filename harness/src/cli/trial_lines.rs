//! Progress of trials on standard error.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::time::Instant;

use indicatif::ProgressBar;

use super::progress::{bar, hits, human};
use crate::sample::Now;
use crate::trial::{TrialEvent, TrialSummary};

/// What is done now, what is left and for how long: a bar on a terminal, otherwise one line per trial.
pub(super) struct TrialLines {
    bar: Option<ProgressBar>,
    quiet: bool,
    started: Instant,
    /// Trials that have started, and how many there are.
    trials: Cell<(usize, usize)>,
}

impl TrialLines {
    pub(super) fn new(quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        let bar = bar(terminal && !quiet, None, "{spinner} {prefix} {wide_msg}");
        Self { bar, quiet, started: Instant::now(), trials: Cell::default() }
    }

    /// Shows what happened.
    pub(super) fn show(&self, event: TrialEvent<'_>) {
        match event {
            TrialEvent::Started { what, done, total } => {
                self.trials.set((done + 1, total));
                if let Some(bar) = &self.bar {
                    let left = self.left(done, total);
                    bar.set_prefix(format!("[{}/{total}]{left} {what}", done + 1));
                }
            }
            TrialEvent::Finished(summary) => {
                let (done, total) = self.trials.get();
                let line = format!("[{done}/{total}] {}{}", text(&summary), self.left(done, total));
                match &self.bar {
                    Some(bar) => bar.println(line),
                    None if !self.quiet => anstream::eprintln!("{line}"),
                    None => {}
                }
            }
        }
    }

    /// The mean time of a trial, times those that are left.
    fn left(&self, done: usize, total: usize) -> String {
        if done == 0 || done >= total {
            return String::new();
        }
        let each = self.started.elapsed() / done as u32;
        format!("  ({} left)", human(each * (total - done) as u32))
    }

    /// Shows what happens inside a trial.
    pub(super) fn now(&self, now: Now<'_>) {
        if let Some(bar) = &self.bar {
            bar.set_message(super::progress::text(now));
        }
    }

    /// Nothing more happens.
    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn text(summary: &TrialSummary) -> String {
    let TrialSummary { what, wall_ns, hits: found, misses, result } = summary;
    let seconds = wall_ns.map(|ns| format!("{:>8.2} s", ns as f64 / 1e9)).unwrap_or_default();
    let result = result.as_ref().map(|result| format!("  {result}")).unwrap_or_default();
    format!("{what:<34}{seconds}{}{result}", hits(*found, *misses))
}
