//! `bench decide`: the verdict on pairs of times from any tool, read from standard input.

use std::io::{BufRead as _, Read as _, Write as _};

use anyhow::Context as _;
use bench_record::{ComparisonVerdict, Infinite};
use bench_reports::stats::{Decision, Pairs, Rule, Sampling, decide};
use serde::{Deserialize, Serialize};

use super::{Failure, Outcome, gate};
use crate::error_text::with_causes;
use crate::exit;

/// Longest input, or line of a batch.
const MAX_BYTES: u64 = 16 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One question per line, one answer per line, each written at once; the exit code is 0
    #[arg(long)]
    batch: bool,
    /// What an inconclusive answer means for the exit code
    #[arg(long, value_enum, default_value_t)]
    inconclusive: gate::Inconclusive,
}

/// `{"margin":0.05,"floor":0.02,"final":true,"pairs":[{"base":1.0,"new":1.1},..]}`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    /// Slowdown that matters, as a fraction.
    #[serde(default = "margin")]
    margin: f64,
    /// Slowdown below which nothing is called real, as a fraction; without it the share of the margin that the
    /// defaults have, at most 0.02.
    floor: Option<f64>,
    /// No more pairs will come.
    #[serde(rename = "final", default)]
    last: bool,
    /// Times of both sides, measured in random order in one job.
    pairs: Vec<Pair>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    /// Seconds of the baseline; null = timed out.
    #[serde(deserialize_with = "present")]
    base: Option<f64>,
    /// Seconds of the candidate; null = timed out.
    #[serde(deserialize_with = "present")]
    new: Option<f64>,
}

/// A time that is null timed out; a time that is missing is a mistake.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Option::deserialize(deserializer)
}

fn margin() -> f64 {
    Rule::MARGIN
}

/// Everything that the verdict rests on.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    decision: &'a Decision,
    /// Which numbers are null because they are infinite: the estimate's ratio, the ends of the interval.
    infinite: Vec<Infinite>,
    /// The pairs do not show how they were measured.
    design: &'static str,
}

const DESIGN: &str = "as stated by the caller";

pub(super) fn run(args: &Args) -> Outcome {
    let input = std::io::stdin().lock();
    if args.batch {
        let mut reader = std::io::BufReader::new(input);
        let mut out = std::io::stdout().lock();
        let mut line = Vec::new();
        let mut number = 0;
        loop {
            number += 1;
            let cannot = || format!("cannot read line {number} of standard input");
            line.clear();
            let read =
                (&mut reader).take(MAX_BYTES).read_until(b'\n', &mut line).with_context(cannot)?;
            if read == 0 {
                return Ok(exit::OK);
            }
            let whole = line.ends_with(b"\n") || (read as u64) < MAX_BYTES;
            if !whole {
                // The rest of it is not a line of its own.
                reader.skip_until(b'\n').with_context(cannot)?;
            }
            // A question that is wrong costs its own answer, not those of the lines after it.
            let answer = if whole { answer_line(&line) } else { Err(too_long()) };
            match answer {
                Ok(answer) => writeln!(out, "{answer}")?,
                Err(error) => {
                    writeln!(out, "error line {number}: {}", with_causes(error.as_ref()))?;
                }
            }
            out.flush()?;
        }
    }
    let mut text = String::new();
    input.take(MAX_BYTES).read_to_string(&mut text).context("cannot read standard input")?;
    let (verdict, answer) = answer(&text, anyhow::Error::from).map_err(Failure::usage)?;
    super::print(&format!("{answer}\n"))?;
    Ok(match verdict {
        ComparisonVerdict::Ok | ComparisonVerdict::Improved | ComparisonVerdict::Continue => {
            exit::OK
        }
        ComparisonVerdict::Inconclusive => args.inconclusive.code(),
        ComparisonVerdict::Regressed => exit::REGRESSED,
    })
}

fn answer_line(line: &[u8]) -> anyhow::Result<String> {
    let text = std::str::from_utf8(line).context("expected UTF-8")?;
    // Each question is one line: its number is that in the batch.
    Ok(answer(text.trim_end_matches(['\n', '\r']), |error| {
        let at = format!(" at line {} column {}", error.line(), error.column());
        let text = error.to_string();
        match text.strip_suffix(&at) {
            Some(what) => anyhow::anyhow!("{what} at column {}", error.column()),
            None => anyhow::anyhow!(text),
        }
    })?
    .1)
}

fn too_long() -> anyhow::Error {
    anyhow::anyhow!("longer than {} MiB", MAX_BYTES >> 20)
}

/// The answer: the verdict as its first word, then everything it rests on.
fn answer(
    text: &str,
    place: impl Fn(serde_json::Error) -> anyhow::Error,
) -> anyhow::Result<(ComparisonVerdict, String)> {
    let question: Question = serde_json::from_str(text)
        .map_err(place)
        .context("expected {\"pairs\":[{\"base\":SECONDS,\"new\":SECONDS},..]}")?;
    let (base, new): (Vec<_>, Vec<_>) =
        question.pairs.iter().map(|pair| (pair.base, pair.new)).unzip();
    let pairs = Pairs::from_seconds(&base, &new)?;
    let floor = question.floor.unwrap_or_else(|| Rule::floor_of(question.margin));
    let rule = Rule::new(question.margin, floor)?;
    let sampling = if question.last { Sampling::Ended } else { Sampling::Ongoing };
    let decision = decide(&pairs, &rule, sampling).at_deciding_level(&pairs);
    let answer = Answer { infinite: infinite(&decision), decision: &decision, design: DESIGN };
    let details = serde_json::to_string(&answer)?;
    Ok((decision.verdict, format!("{} {details}", decision.verdict)))
}

fn infinite(decision: &Decision) -> Vec<Infinite> {
    let Some(look) = &decision.look else { return Vec::new() };
    let ends = look
        .interval
        .map(|interval| [(interval.low, Infinite::Low), (interval.high, Infinite::High)]);
    std::iter::once((look.estimate.ratio, Infinite::Ratio))
        .chain(ends.into_iter().flatten())
        .filter_map(|(value, name)| value.is_infinite().then_some(name))
        .collect()
}
