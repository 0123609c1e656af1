//! The run in an artifact, held against what is known about it from elsewhere.

use std::path::Path;

use bench_record::{Arm, LoadedRun};
use chrono::{DateTime, TimeDelta, Utc};

use super::content::records;
use super::refusal::{Limits, Refused};
use super::values;

/// Reads an artifact: a zip archive, or a directory into which one was unpacked.
///
/// `head` is the commit that the records must say they measured as candidate. It is a check against mistakes,
/// such as the artifact of an earlier push; a fork can write any commit.
///
/// # Errors
/// [`Refused`], the first thing that is wrong.
pub fn receive(
    artifact: &Path,
    limits: &Limits,
    head: Option<&str>,
    now: DateTime<Utc>,
) -> Result<LoadedRun, Refused> {
    checked(&records(artifact, limits)?, limits, head, now)
}

/// The run in the content of a `records.ndjson`, with every value within the limits.
///
/// # Errors
/// As [`receive`].
pub fn checked(
    content: &[u8],
    limits: &Limits,
    head: Option<&str>,
    now: DateTime<Utc>,
) -> Result<LoadedRun, Refused> {
    check_lines(content, limits)?;
    // Newer records are refused by their version, whatever else is odd about them: so they are read first.
    let run = bench_record::read(content).map_err(Refused::Records)?;
    values::check(content, limits)?;
    check_counts(&run, limits)?;
    check_times(&run, now)?;
    if let Some(head) = head {
        check_head(&run, head)?;
    }
    Ok(run)
}

/// The reader keeps something of every line, also of those that are none: millions of them would fill the memory.
fn check_lines(content: &[u8], limits: &Limits) -> Result<(), Refused> {
    let found = content.split_inclusive(|byte| *byte == b'\n').count();
    // Besides samples and examples, a run has two lines, and one for each time that it was resumed.
    let most = limits.samples.saturating_add(limits.examples).saturating_add(limits.entries);
    if found > most {
        let what = format!("have {found} lines; expected at most {most}");
        return Err(Refused::Contradiction(what));
    }
    Ok(())
}

/// Whole-run counts: what is computed from records takes time that grows with them.
fn check_counts(run: &LoadedRun, limits: &Limits) -> Result<(), Refused> {
    let contradiction = |what: String| Err(Refused::Contradiction(what));
    let blocks = run.run.options.blocks;
    if blocks > limits.blocks {
        return contradiction(format!("plan {blocks} blocks; expected at most {}", limits.blocks));
    }
    if run.samples.len() > limits.samples {
        let found = run.samples.len();
        return contradiction(format!("have {found} samples; expected at most {}", limits.samples));
    }
    let examples: usize = run.samples.iter().map(|(_, examples)| examples.len()).sum();
    if examples > limits.examples {
        return contradiction(format!(
            "have {examples} example times; expected at most {}",
            limits.examples
        ));
    }
    let outside = run.samples.iter().find(|(sample, _)| !(1..=blocks).contains(&sample.block));
    if let Some((sample, _)) = outside {
        return contradiction(format!(
            "have a sample of block {} of {blocks} planned blocks",
            sample.block
        ));
    }
    if run.run.imported.is_some() {
        return contradiction(
            "were imported from another tool: they can be looked at, not judged".into(),
        );
    }
    Ok(())
}

/// Stamps far from now would overflow or empty every time axis.
fn check_times(run: &LoadedRun, now: DateTime<Utc>) -> Result<(), Refused> {
    let stamps = std::iter::once(run.run.started)
        .chain(run.samples.iter().map(|(sample, _)| sample.started))
        .chain(run.end.iter().map(|end| end.at))
        .chain(run.resumes.iter().map(|resume| resume.at))
        .chain(run.run.parts.iter().map(|part| part.started));
    // Clocks of runners differ a little; an artifact is kept for 400 days at most.
    let (first, last) = (now - TimeDelta::days(400), now + TimeDelta::days(1));
    for stamp in stamps {
        if !(first..=last).contains(&stamp) {
            return Err(Refused::Contradiction(format!(
                "have a time stamp of {stamp}; expected one between {first} and {last}"
            )));
        }
    }
    Ok(())
}

fn check_head(run: &LoadedRun, head: &str) -> Result<(), Refused> {
    let candidate = run.run.arms.iter().find(|arm| arm.arm == Arm::Candidate);
    let says =
        candidate.and_then(|arm| arm.source.head.as_deref().or(arm.source.revision.as_deref()));
    match says {
        Some(says) if says == head => Ok(()),
        says => Err(Refused::Contradiction(format!(
            "say that the candidate was {}; expected commit `{head}` (hint: BENCH_PR_HEAD_SHA names the commit \
             where the work tree is a merge of it)",
            says.map_or_else(
                || "not a commit".to_owned(),
                |says| format!("commit {}", bench_reports::document::text::quoted(says))
            )
        ))),
    }
}
