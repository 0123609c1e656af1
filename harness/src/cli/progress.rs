//! Progress on standard error: a bar on a terminal, one line per sample elsewhere.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bench_record::{Arm, Outcome, Regime, Sample};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::log;
use crate::plan::{Plan, PlanStep};
use crate::sample::Now;

/// Shows what happens now, what is left and for how long.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    total: u64,
    done: u64,
    blocks: u32,
    left: BTreeMap<(Arm, Regime), u32>,
    seen: BTreeMap<(Arm, Regime), (Duration, u32)>,
    /// Whether there is a baseline, so that a line must say which arm it is about.
    several: bool,
    step: String,
    step_started: Instant,
    quiet: bool,
}

/// A bar on standard error where one is `wanted`, except beside a log, which would overwrite it.
pub(super) fn bar(wanted: bool, total: Option<u64>, template: &str) -> Option<ProgressBar> {
    (wanted && !log::is_on()).then(|| {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        // Templates are constants; if one were wrong the default style would do.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        bar
    })
}

impl Progress {
    /// Progress of `plan`, of whose samples `done` exist already.
    pub(crate) fn new(plan: &Plan, blocks: u32, done: u64, terminal: bool, quiet: bool) -> Self {
        let mut left: BTreeMap<(Arm, Regime), u32> = BTreeMap::new();
        for step in plan.blocks.iter().flat_map(|block| &block.steps) {
            *left.entry((step.arm(), step.regime())).or_default() += 1;
        }
        let total = done + plan.samples().count() as u64;
        let bar = bar(terminal && !quiet, Some(total), "{bar:20} {pos}/{len} {wide_msg}");
        if let Some(bar) = &bar {
            bar.set_position(done);
        }
        Self {
            bar,
            total,
            done,
            blocks,
            several: left.keys().any(|(arm, _)| *arm == Arm::Baseline),
            left,
            seen: BTreeMap::new(),
            step: String::new(),
            step_started: Instant::now(),
            quiet,
        }
    }

    /// A step starts.
    pub(crate) fn before(&mut self, block: u32, step: &PlanStep) {
        self.step = match step {
            PlanStep::Sample(sample) => {
                format!("block {block}/{} {}", self.blocks, self.label(sample.arm, sample.regime))
            }
            PlanStep::Prime { regime, .. } => {
                format!("block {block}/{} prime ({regime})", self.blocks)
            }
        };
        self.finish_step();
        self.step_started = Instant::now();
        if let Some(left) = self.left.get_mut(&(step.arm(), step.regime())) {
            *left = left.saturating_sub(1);
        }
        self.say("");
    }

    /// What happens inside the step.
    pub(crate) fn now(&mut self, now: Now<'_>) {
        self.say(&text(now));
    }

    /// A sample is recorded.
    pub(crate) fn after(&mut self, sample: &Sample) {
        self.done += 1;
        let (time, count) = self.seen.entry((sample.arm, sample.regime)).or_default();
        *time += self.step_started.elapsed();
        *count += 1;
        let what = self.label(sample.arm, sample.regime);
        let line = line(sample, &what, self.done, self.total, self.blocks, self.eta());
        match &self.bar {
            Some(bar) => {
                bar.set_position(self.done);
                bar.println(line);
            }
            None if !self.quiet => anstream::eprintln!("{line}"),
            None => {}
        }
    }

    /// Removes the bar: nothing more happens.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn finish_step(&mut self) {
        if let Some(bar) = &self.bar {
            bar.set_message(self.step.clone());
        }
    }

    fn say(&self, text: &str) {
        if let Some(bar) = &self.bar {
            let eta = self.eta().map(|eta| format!(", {} left", human(eta))).unwrap_or_default();
            bar.set_message(format!("{}: {text}{eta}", self.step));
        }
    }

    /// Time for the steps that are left, from the mean of those seen in the same regime; unknown until
    /// each regime that is left was seen once.
    fn eta(&self) -> Option<Duration> {
        let mut sum = Duration::ZERO;
        for (what, left) in self.left.iter().filter(|(_, left)| **left > 0) {
            let (time, count) = self.seen.get(what)?;
            sum += *time / *count * *left;
        }
        Some(sum)
    }

    /// The regime, and the arm where there are two.
    fn label(&self, arm: Arm, regime: Regime) -> String {
        if self.several { format!("{arm:<9} {regime:<12}") } else { format!("{regime:<12}") }
    }
}

fn line(
    sample: &Sample,
    what: &str,
    done: u64,
    total: u64,
    blocks: u32,
    eta: Option<Duration>,
) -> String {
    let width = total.to_string().len();
    let hits = hits(sample.evidence.hits, sample.evidence.misses);
    let outcome = match (&sample.outcome, &sample.reason) {
        (Outcome::Ok, _) => String::new(),
        (outcome, None) => format!("  {outcome}"),
        (outcome, Some(reason)) => format!("  {outcome}: {reason}"),
    };
    let eta = eta.filter(|_| done < total).map(|eta| format!("  ({} left)", human(eta)));
    format!(
        "[{done:>width$}/{total}] block {}/{blocks} {what} {:>8.2} s{hits}{outcome}{}",
        sample.block,
        sample.wall_ns as f64 / 1e9,
        eta.unwrap_or_default(),
    )
}

/// What happens inside a step or a trial.
pub(crate) fn text(now: Now<'_>) -> String {
    match now {
        Now::Preparing(what) | Now::Finishing(what) => what.to_owned(),
        Now::Phase(phase, None) => phase.to_owned(),
        Now::Phase(phase, Some((example, position, count))) => {
            format!("{phase} {example} ({position}/{count})")
        }
    }
}

/// Hits among all look-ups, as far as they are known.
pub(crate) fn hits(hits: Option<u64>, misses: Option<u64>) -> String {
    match (hits, misses) {
        (Some(hits), Some(misses)) => format!("  {hits}/{} hits", hits + misses),
        (Some(hits), None) => format!("  {hits} hits"),
        _ => String::new(),
    }
}

pub(crate) fn human(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}
