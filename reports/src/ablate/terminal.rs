//! The report for people.

use super::document::{Ablation, Packed, TimeEstimate};
use super::findings::named;
use crate::document::text;
use crate::document::units;
use crate::grid::Grid;

/// The report, no line wider than `width` (at least 60).
pub fn terminal(ablation: &Ablation, width: usize) -> String {
    let width = width.max(60);
    let mut page = String::new();
    let paragraph = |lead: &str, words: &str, page: &mut String| {
        let indent = text::width(lead);
        for (index, line) in text::wrap(words, width - indent).iter().enumerate() {
            page.push_str(if index == 0 { lead } else { &"  "[..indent] });
            page.push_str(line);
            page.push('\n');
        }
    };
    paragraph("", &format!("{}: what is each cache worth?", ablation.scenario), &mut page);
    let params = ablation.params.iter().map(|(name, value)| format!("{name}={value}"));
    let facts: Vec<String> = [format!("run {}", ablation.run_id)]
        .into_iter()
        .chain(params)
        .chain([
            units::counted(ablation.blocks as usize, "block"),
            format!("seed {}", ablation.seed),
        ])
        .collect();
    paragraph("", &facts.join("; "), &mut page);
    for (title, table) in tables(ablation) {
        page.push('\n');
        paragraph("", &title, &mut page);
        page.push_str(&table.render(width));
    }
    let sentences = sentences(ablation);
    if !ablation.findings.is_empty() {
        page.push_str("\nFindings\n");
    }
    for finding in &ablation.findings {
        paragraph("- ", finding, &mut page);
    }
    if !sentences.is_empty() {
        page.push('\n');
    }
    for sentence in sentences {
        paragraph("", &sentence, &mut page);
    }
    page
}

/// Titles and tables.
pub(super) fn tables(ablation: &Ablation) -> Vec<(String, Grid)> {
    let mut tables = Vec::new();
    let mut sizes =
        Grid::new(&["cache", "files", "MB", "archive", "save", "restore", "growth"], "lrrrrrr");
    let time = |time: Option<f64>| time.map_or_else(|| "-".to_owned(), units::seconds);
    for cache in &ablation.caches {
        let growth = cache.growth_bytes.map_or_else(
            || "-".to_owned(),
            |growth| {
                let sign = if growth < 0 { "-" } else { "" };
                format!("{sign}{}", units::bytes(growth.unsigned_abs()))
            },
        );
        sizes.row([
            cache.name.clone(),
            cache.files.to_string(),
            units::megabytes(cache.bytes),
            units::megabytes(cache.archive_bytes),
            time(cache.save_s),
            time(cache.restore_s),
            growth,
        ]);
    }
    tables.push(("Sizes (archive: MB; growth: in a run that has all caches)".to_owned(), sizes));
    let mut worth =
        Grid::new(&["regime", "cache", "saved", "interval", "alone", "net", "per MB"], "llrrrrr");
    for cache in &ablation.caches {
        for of in &cache.regimes {
            worth.row([
                of.regime.to_string(),
                cache.name.clone(),
                time(of.saved.map(|saved| saved.seconds)),
                interval(of.saved),
                time(of.alone.map(|alone| alone.seconds)),
                time(of.net_s),
                time(of.net_s_per_mb),
            ]);
        }
    }
    worth.sort();
    let title = "Worth (saved: beside all that work; alone: with no other; net: less transfer)";
    tables.push((title.to_owned(), worth));
    let mut sets =
        Grid::new(&["regime", "caches", "n", "time", "net", "interval", "MB"], "llrrrrr");
    for set in &ablation.sets {
        sets.row([
            set.regime.to_string(),
            named(&set.caches),
            set.wall.map_or(0, |wall| wall.n).to_string(),
            time(set.wall.map(|wall| wall.seconds)),
            time(set.net_s),
            set.net_interval()
                .filter(|_| !set.caches.is_empty())
                .map_or_else(|| "-".to_owned(), |(low, high)| units::seconds_range(low, high)),
            units::megabytes(set.archive_bytes),
        ]);
    }
    tables.push(("Sets (net: against no cache; MB: archives)".to_owned(), sets));
    tables
}

fn interval(estimate: Option<TimeEstimate>) -> String {
    match estimate.and_then(|estimate| Some((estimate.low?, estimate.high?))) {
        Some((low, high)) => units::seconds_range(low, high),
        None => "-".to_owned(),
    }
}

/// What to keep and whether it fits, in words.
pub(crate) fn sentences(ablation: &Ablation) -> Vec<String> {
    let mut sentences = Vec::new();
    if !ablation.complete {
        sentences.push("Not every trial was made: the figures are of those that were.".to_owned());
    }
    for keep in &ablation.keep {
        let limit = keep
            .limit_bytes
            .map(|limit| format!(" under {}", units::bytes(limit)))
            .unwrap_or_default();
        let how = if keep.measured { "" } else { ", added up from single caches" };
        sentences.push(format!(
            "Keep{limit} ({}): {}, {} net a job, {}{how}.",
            keep.regime,
            named(&keep.caches),
            units::seconds(keep.net_s),
            units::bytes(keep.archive_bytes)
        ));
    }
    for quota in &ablation.quota {
        let keys = units::counted(quota.keys as usize, "key");
        let branches = match quota.branches {
            1 => "1 branch".to_owned(),
            n => format!("{n} branches"),
        };
        let evicted = if quota.kept < quota.wanted {
            format!(
                "only {} of {} entries fit, the least recently used are evicted",
                quota.kept, quota.wanted
            )
        } else {
            "all fit".to_owned()
        };
        sentences.push(format!(
            "Quota ({}): {keys} on {branches} take {} of {}: {evicted}.",
            quota.regime,
            units::bytes(quota.bytes),
            units::bytes(quota.limit_bytes)
        ));
    }
    if let Some(archives) = ablation.archives {
        let packed = |packed: Packed| {
            let restore = packed.restore_s.map_or_else(String::new, |restore| {
                format!(", {} to restore", units::seconds(restore))
            });
            let save = units::seconds(packed.save_s);
            format!("{}, {save} to save{restore}", units::bytes(packed.bytes))
        };
        sentences.push(format!(
            "All caches in one archive: {}. In one each: {}.",
            packed(archives.together),
            packed(archives.separate)
        ));
    }
    sentences
}
