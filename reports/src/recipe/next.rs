//! The recipe in short, for a report of the run.

use super::caches::{self, TOGETHER};
use super::decide::decide;
use super::document::{Advice, Input};
use super::places::{Place, settings};
use super::sizes::Archives;
use super::workflow::variables;
use crate::document::units;
use crate::report::{Next, NextCache};

/// What to do with the caches of a run; `None` where it had none, or does not say what they held.
pub fn next(input: &Input) -> Option<Next> {
    let archives = Archives::new(input);
    if archives.all.is_empty() || input.run.run.imported.is_some() {
        return None;
    }
    let decision = decide(input.summary, input.explanation, input.ablation);
    let rows = caches::rows(input, &decision, &archives);
    let mut remarks: Vec<String> = input.changed().collect();
    for row in &rows {
        // Where the scenario is not at hand the table has no paths, and that is all there is to say.
        let remark = row.place.as_ref().and_then(|place| caches::remark(Some(place)));
        if let Some(remark) = remark.filter(|remark| !remarks.iter().any(|known| known == *remark))
        {
            remarks.push(remark.to_owned());
        }
    }
    let worths = caches::worths(input);
    if worths.first().is_some_and(|one| one == TOGETHER) {
        remarks.push(format!("{TOGETHER} `bench ablate` does."));
    } else {
        remarks.extend(worths);
    }
    let stated = input.summary.assumptions.and_then(|stated| stated.transfer_bytes_per_s);
    if let Some(rate) = stated.filter(|_| decision.advice != Advice::Unknown) {
        remarks.push(format!(
            "The advice assumes a network of {} MB/s; the figures below have none unless they say so.",
            units::megabytes(rate as u64)
        ));
    }
    if input.explanation.is_none() && decision.advice != Advice::Cache {
        remarks.push(
            "`bench explain` names the properties of a runner that break reuse, and their remedies (hint: show them \
             here with `--with explain.json`)."
                .to_owned(),
        );
    }
    let settings = input
        .declared
        .map(|declared| settings(declared, &input.summary.params, input.explanation))
        .unwrap_or_default();
    let wanted = decision.advice.is_for() || settings.remedied(input.explanation);
    let variables = (wanted && !settings.env.is_empty()).then(|| variables("", &settings.env));
    let caches = rows
        .iter()
        .map(|row| NextCache {
            name: row.name.to_owned(),
            declared: row.declared.map(|cache| format!("{}/{}", cache.root.as_str(), cache.path)),
            path: row.place.as_ref().and_then(Place::path),
            files: row.size.files,
            bytes: row.size.bytes,
            archive_bytes: row.size.archive,
            archived_with: row.size.with.map(str::to_owned),
            archived: row.size.holds,
            advice: row.advice.to_string(),
        })
        .collect();
    Some(Next {
        advice: decision.advice.as_str(),
        reason: decision.reason,
        caches,
        variables,
        remarks,
    })
}
