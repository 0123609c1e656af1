//! Two runs of different jobs side by side: to look at, never to judge by.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Arm, Host, LoadedRun, Regime, RunId, Tool};
use serde::Serialize;

use crate::summary::summarise;

/// Why there is no verdict, and what to do; the figure is from `docs/METHOD-statistics.md`.
pub const NO_VERDICT: &str = "No verdict is possible: the runs are two jobs, and machines of different jobs \
differ so much that the same code raised a false alarm in 31 % of simulated comparisons (hint: `bench run \
--baseline` measures both in one job)";

/// Digits of a hash that are shown: enough to tell two apart.
const HASH_DIGITS: usize = 12;

/// What two runs say, side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SideBySide {
    /// The run that is looked at as the base.
    pub base: RunId,
    /// The other run.
    pub candidate: RunId,
    /// One row per regime that either run measured, candidate arms.
    pub regimes: Vec<SideRow>,
    /// What of scenario, host and tools differs.
    pub differences: Vec<Difference>,
    /// Always null: no verdict is possible.
    pub verdict: Option<()>,
    /// Why, and what to do: [`NO_VERDICT`].
    pub reason: &'static str,
}

/// One regime of both runs. Seconds are medians of `ok` samples; null = not measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SideRow {
    /// Regime.
    pub regime: Regime,
    /// Median of the base run, s.
    pub base_s: Option<f64>,
    /// Its samples.
    pub base_samples: u32,
    /// Median of the candidate run, s.
    pub candidate_s: Option<f64>,
    /// Its samples.
    pub candidate_samples: u32,
    /// Candidate / base, for the eye only.
    pub ratio: Option<f64>,
}

/// A fact that the runs do not share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What differs.
    pub what: String,
    /// In the base run; `unknown` where it is not recorded.
    pub base: String,
    /// In the candidate run.
    pub candidate: String,
}

/// Sets two runs side by side.
#[must_use]
pub fn side_by_side(base: &LoadedRun, candidate: &LoadedRun) -> SideBySide {
    let medians = |run: &LoadedRun| -> BTreeMap<Regime, (Option<f64>, u32)> {
        let own = summarise(run).regimes.into_iter().filter(|row| row.arm == Arm::Candidate);
        own.map(|row| (row.regime, (row.wall_s.map(|wall| wall.median), row.samples))).collect()
    };
    let (left, right) = (medians(base), medians(candidate));
    let regimes: BTreeSet<Regime> = left.keys().chain(right.keys()).copied().collect();
    let row = |regime| {
        let (base_s, base_samples) = left.get(&regime).copied().unwrap_or_default();
        let (candidate_s, candidate_samples) = right.get(&regime).copied().unwrap_or_default();
        let ratio = base_s
            .zip(candidate_s)
            .filter(|(base, _)| *base > 0.0)
            .map(|(base, candidate)| candidate / base);
        SideRow { regime, base_s, base_samples, candidate_s, candidate_samples, ratio }
    };
    SideBySide {
        base: base.run.id.clone(),
        candidate: candidate.run.id.clone(),
        regimes: regimes.into_iter().map(row).collect(),
        differences: differences(base, candidate),
        verdict: None,
        reason: NO_VERDICT,
    }
}

fn differences(base: &LoadedRun, candidate: &LoadedRun) -> Vec<Difference> {
    let (left, right) = (facts(base), facts(candidate));
    // In the order of the lists; a name that only one of them has is a difference too.
    let mut names: Vec<&String> = left.iter().map(|(name, _)| name).collect();
    for (name, _) in &right {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let value = |facts: &[(String, String)], wanted: &str| {
        let found = facts.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone());
        found.unwrap_or_else(|| "unknown".to_owned())
    };
    names
        .into_iter()
        .map(|name| Difference {
            what: name.clone(),
            base: value(&left, name),
            candidate: value(&right, name),
        })
        .filter(|difference| difference.base != difference.candidate)
        .collect()
}

/// What has to agree before two runs are even looked at together, known facts only.
fn facts(run: &LoadedRun) -> Vec<(String, String)> {
    let run = &run.run;
    let mut facts = vec![
        ("scenario".to_owned(), run.scenario.name.clone()),
        ("scenario files".to_owned(), run.scenario.hash.chars().take(HASH_DIGITS).collect()),
        ("bench".to_owned(), run.bench.clone()),
    ];
    facts.extend(run.params.iter().map(|(name, value)| (format!("param {name}"), value.clone())));
    facts.extend(host(&run.host));
    facts.extend(run.tools.iter().map(|(name, tool)| (format!("tool {name}"), version(tool))));
    facts
}

fn version(tool: &Tool) -> String {
    tool.version.clone().unwrap_or_else(|| "unknown".to_owned())
}

fn host(host: &Host) -> impl Iterator<Item = (String, String)> {
    let Host {
        os,
        kernel,
        arch,
        cpu,
        cores,
        cgroup_cores,
        cgroup_memory_bytes,
        memory_bytes,
        governor,
        file_system,
        virtualisation,
        boot,
        isolation,
    } = host;
    let used: Vec<&str> =
        isolation.iter().filter(|(_, used)| **used).map(|(name, _)| name.as_str()).collect();
    let facts = [
        ("cpu", cpu.clone()),
        ("cores", cores.map(|n| n.to_string())),
        ("core limit", cgroup_cores.map(|n| n.to_string())),
        ("memory, bytes", memory_bytes.map(|n| n.to_string())),
        ("memory limit, bytes", cgroup_memory_bytes.map(|n| n.to_string())),
        ("architecture", Some(arch.clone())),
        ("operating system", os.clone()),
        ("kernel", kernel.clone()),
        ("governor", governor.clone()),
        ("file system", file_system.clone()),
        ("virtualisation", virtualisation.clone()),
        ("isolation", Some(used.join(" "))),
        ("boot", boot.clone()),
    ];
    facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)))
}
