//! What is read in ten seconds: the answer, and what it is about.

use bench_record::{Design, Run, Summary};

use super::input::Input;
use super::judgements;
use crate::document::{Head, Media, Words, text, units};
use crate::summary::conclusion;

/// The head of the report. A comparison alone has no conclusion.
pub(super) fn head(input: &Input, with_conclusion: bool) -> Head {
    let summary = input.summary;
    let mut conclusion_of: Vec<Words> = Vec::new();
    if with_conclusion {
        let verdicts = judgements::sentence(summary);
        conclusion_of.extend(verdicts.map(|words| Words::new().only(Media::PLAIN, words)));
        conclusion_of.push(conclusion(summary).into());
    }
    Head {
        kind: "Cache report".to_owned(),
        facts: facts(&input.run.run),
        conclusion: conclusion_of,
        verdicts: judgements::list(summary),
        warnings: warnings(summary),
    }
}

/// Markdown has them in its last section.
fn facts(run: &Run) -> Vec<Words> {
    let on = |media, words: Words| Words::new().only(media, words);
    let count = run.options.blocks as usize;
    let blocks = match run.design {
        Design::Randomised => {
            format!("{}, seed {}", units::counted(count, "block"), run.options.seed)
        }
        Design::Sequential => format!("{}, {}", units::counted(count, "sample"), run.design),
    };
    let started = Words::new()
        .moment(run.started.to_rfc3339(), run.started.format("%-d %B %Y, %H:%M UTC").to_string());
    let mut facts = vec![
        on(Media::TERMINAL, Words::from("run ").name(run.id.as_str())),
        on(Media::HTML, started),
    ];
    let settings = run.params.iter().map(|(name, value)| Words::new().setting(name, value));
    facts.extend(settings.map(|words| on(Media::TERMINAL | Media::HTML, words)));
    facts.push(on(Media::TERMINAL, blocks.into()));
    facts.extend(machine(run).map(|words| on(Media::TERMINAL | Media::HTML, words)));
    let design = format!("{}, {}", units::counted(count, "block"), run.design);
    facts.push(on(Media::HTML, design.into()));
    facts
}

/// The processor and its cores, as far as they are known.
fn machine(run: &Run) -> Option<Words> {
    let cores = run.host.cores.map(|cores| units::counted(cores as usize, "core"));
    let cpu = run.host.cpu.as_deref().map(|cpu| text::fit(cpu, text::LONGEST));
    let known: Vec<String> = cpu.into_iter().chain(cores).collect();
    (!known.is_empty()).then(|| Words::new().text(known.join(", ")))
}

/// What makes everything below less than it seems.
fn warnings(summary: &Summary) -> Vec<Words> {
    let unproven: u32 = summary.regimes.iter().map(|regime| regime.unproven).sum();
    let failed: u32 = summary.regimes.iter().map(|regime| regime.failed).sum();
    let incomplete = (!summary.complete)
        .then(|| "This run is not complete: planned samples are missing.".to_owned());
    let counts = [(unproven, "not proven to be in its regime"), (failed, "failed or timed out")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| {
        format!("{}: {what}, in no estimate.", units::counted(count as usize, "sample"))
    });
    incomplete.into_iter().chain(counts).map(Words::from).collect()
}
