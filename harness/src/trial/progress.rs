//! What happens during trials, for a person who waits.

/// Something that happened.
#[derive(Clone, Debug)]
pub enum TrialEvent<'a> {
    /// A trial starts.
    Started {
        /// What is tried.
        what: &'a str,
        /// Trials before it.
        done: usize,
        /// Trials in all, as far as is known.
        total: usize,
    },
    /// There is something to say about the trial that started last.
    Finished(TrialSummary),
}

/// One line about a finished trial.
#[derive(Clone, Debug, Default)]
pub struct TrialSummary {
    /// What was tried.
    pub what: String,
    /// Wall time of the measured phases, in nanoseconds.
    pub wall_ns: Option<u64>,
    /// Hits.
    pub hits: Option<u64>,
    /// Misses.
    pub misses: Option<u64>,
    /// How it ended, where that has to be said.
    pub result: Option<String>,
}

/// Counts the trials of a command and reports each to a listener.
pub struct Progress<'p> {
    listener: &'p mut dyn FnMut(TrialEvent<'_>),
    done: usize,
    total: usize,
}

impl<'p> Progress<'p> {
    /// Nothing is done and nothing is planned.
    pub fn new(listener: &'p mut dyn FnMut(TrialEvent<'_>)) -> Self {
        Self { listener, done: 0, total: 0 }
    }

    /// `more` trials follow those that have started, as far as is known.
    pub fn expect(&mut self, more: usize) {
        self.total = self.done + more;
    }

    /// A trial starts.
    pub fn started(&mut self, what: &str) {
        // Some trials are known only when others have failed.
        self.total = self.total.max(self.done + 1);
        (self.listener)(TrialEvent::Started { what, done: self.done, total: self.total });
        self.done += 1;
    }

    /// The trial that started last is over.
    pub fn finished(&mut self, summary: TrialSummary) {
        (self.listener)(TrialEvent::Finished(summary));
    }
}
