//! `bench decide`: the verdict on pairs of times from any tool, read from standard input.

use std::io::{BufRead as _, Read as _, Write as _};

use anyhow::Context as _;
use bench_reports::stats::{Pairs, Rule, Schedule, Stage, Verdict, decide};
use serde::Deserialize;

use super::{Failure, Outcome, gate};
use crate::exit;
use crate::told::told;

/// Longest input, or line of a batch.
const MAX_BYTES: u64 = 16 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One question a line, one answer a line, each written at once; the exit code is 0
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
    /// Slowdown below which nothing is called real, as a fraction.
    #[serde(default = "floor")]
    floor: f64,
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

fn floor() -> f64 {
    Rule::FLOOR
}

pub(super) fn run(args: &Args) -> Outcome {
    let input = std::io::stdin().lock();
    if args.batch {
        let mut reader = std::io::BufReader::new(input);
        let mut out = std::io::stdout().lock();
        let mut line = String::new();
        let mut number = 0;
        loop {
            line.clear();
            number += 1;
            let read = (&mut reader)
                .take(MAX_BYTES)
                .read_line(&mut line)
                .with_context(|| format!("cannot read line {number} of standard input"))?;
            if read == 0 {
                return Ok(exit::OK);
            }
            // A question that is wrong costs its own answer, not those of the lines behind it.
            let answer = match answer(&line) {
                Ok((_, answer)) => answer,
                Err(error) => format!("error line {number}: {}", told(error.as_ref())),
            };
            writeln!(out, "{answer}")?;
            out.flush()?;
        }
    }
    let mut text = String::new();
    input.take(MAX_BYTES).read_to_string(&mut text).context("cannot read standard input")?;
    let (verdict, answer) = answer(&text).map_err(Failure::usage)?;
    super::print(&format!("{answer}\n"))?;
    Ok(match verdict {
        Verdict::Ok | Verdict::Improved | Verdict::Continue => exit::OK,
        Verdict::Inconclusive => args.inconclusive.code(),
        Verdict::Regressed => exit::REGRESSED,
    })
}

/// The answer: the verdict as its first word, then everything it rests on.
fn answer(text: &str) -> anyhow::Result<(Verdict, String)> {
    let question: Question = serde_json::from_str(text)
        .context("expected {\"pairs\":[{\"base\":SECONDS,\"new\":SECONDS},..]}")?;
    let (base, new): (Vec<_>, Vec<_>) =
        question.pairs.iter().map(|pair| (pair.base, pair.new)).unzip();
    let pairs = Pairs::from_seconds(&base, &new)?;
    let rule = Rule::new(question.margin, question.floor, Schedule::default())?;
    let stage = if question.last { Stage::Final } else { Stage::Running };
    let decision = decide(&pairs, &rule, stage);
    let details = serde_json::to_string(&decision)?;
    Ok((decision.verdict, format!("{} {details}", decision.verdict)))
}
