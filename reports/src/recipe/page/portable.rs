//! The remedies of an explanation.

use super::{LISTED, bullets, left_out};
use crate::document::text::{code, sentence};
use crate::document::units;
use crate::explain::{PropertySeen, ReuseVerdict};
use crate::recipe::document::Input;
use crate::recipe::places::Settings;
use crate::recipe::workflow::variables;

/// Which properties break reuse, and what to do about each.
pub(super) fn portable(page: &mut String, input: &Input, settings: &Settings, written: bool) {
    page.push_str("### Settings that make it portable\n\n");
    let Some(explanation) = input.explanation else {
        page.push_str("No explanation was given. `bench explain` says which property of a runner breaks reuse; `bench recipe RUN --explain EXPLAIN-RUN` then lists the remedies.\n\n");
        return;
    };
    if !explanation.valid {
        page.push_str(
            "A control of the explanation failed: its verdicts mean nothing and are left out.\n\n",
        );
        return;
    }
    page.push_str(&format!("{}.\n\n", sentence(&capitalised(&explanation.headline))));
    let causes: Vec<&PropertySeen> = explanation.causes().collect();
    if !causes.is_empty() {
        page.push_str("| property | reuse that is left | why | remedy | cost or risk |\n");
        page.push_str("| :-- | --: | :-- | :-- | :-- |\n");
        for cause in causes.iter().take(LISTED) {
            page.push_str(&format!("| {} |\n", remedy(cause, settings, written).join(" | ")));
        }
        page.push_str("\n");
    }
    let mut lines = Vec::new();
    if !explanation.complete {
        lines.push("The explanation was cut short: a cause may be missing.".to_owned());
    }
    for (verdict, words) in [
        (ReuseVerdict::Keeps, "Seen to change nothing"),
        (ReuseVerdict::NotTested, "Not tested"),
        (ReuseVerdict::Inconclusive, "Could not be told"),
    ] {
        let names: Vec<String> = explanation.with(verdict).map(|one| code(&one.name)).collect();
        if !names.is_empty() {
            lines.push(format!("{words}: {}.", names.join(", ")));
        }
    }
    lines.push(match (explanation.stale.mtime_kept, explanation.stale.mtime_fresh) {
        (_, Some(true)) => "**An old result is reused for a changed source: the build is wrong with this cache.**".to_owned(),
        (Some(true), _) => "A changed source whose mtime stays is not noticed. A checkout gives fresh mtimes; do not set them back (git restore-mtime) unless the key holds the commit and no restore key is used.".to_owned(),
        (Some(false), Some(false)) => "An edited source was noticed, with a kept mtime and with a fresh one.".to_owned(),
        _ => "Whether an old result is reused for a changed source was not tested.".to_owned(),
    });
    if explanation.stale.old_path == Some(true) {
        lines.push("**False green: at another path, while the old workspace is still there, the old sources are used, and an edited source gives the result of the unedited one.** Do not restore these caches on a machine that keeps its disk.".to_owned());
    }
    if left_out(input) {
        lines.push("This is the explanation of all caches of the run together; a cause may be one of a cache that is not kept.".to_owned());
    }
    let to_try = !written && settings.remedied(Some(explanation));
    if !causes.is_empty() && !written {
        lines.push("Measure again with the remedies in place before anything is cached: `bench run`, then `bench recipe`.".to_owned());
    }
    bullets(page, lines);
    if to_try {
        page.push_str("Variables of the run with the remedies among them, for a job:\n\n");
        page.push_str(&format!("```yaml\n{}```\n\n", variables("", &settings.env)));
    }
}

fn remedy(cause: &PropertySeen, settings: &Settings, written: bool) -> [String; 5] {
    let dash = || "-".to_owned();
    let left = match (cause.hits, cause.of, cause.saving_kept) {
        // One that failed has hits as well, and they are of no use.
        (_, _, None) if cause.reason.is_some() => {
            format!("none: {}", cause.reason.as_deref().map_or_else(String::new, sentence))
        }
        (Some(hits), Some(of), _) => format!("{hits} of {of} hits"),
        (_, _, Some(share)) => match (cause.low, cause.high) {
            (Some(low), Some(high)) => format!(
                "{} of the seconds (interval {} to {})",
                units::percent(share),
                units::percent(low),
                units::percent(high)
            ),
            _ => format!("{} of the seconds", units::percent(share)),
        },
        _ => dash(),
    };
    let Some(remedy) = &cause.remedy_details else {
        return [code(&cause.name), left, dash(), dash(), dash()];
    };
    let mut fix = sentence(&remedy.fix);
    if !remedy.env.is_empty() && remedy.env.keys().all(|name| settings.env.contains_key(name)) {
        let place = if written { " (in the steps above)" } else { " (see below)" };
        fix.push_str(place);
    }
    if let Some(link) = &remedy.link {
        fix = format!("{fix} ({})", linked(link));
    }
    match cause.remedied.as_ref().and_then(|remedied| remedied.verdict) {
        Some(ReuseVerdict::Keeps) => fix.push_str("; tried: reuse is back"),
        Some(_) => fix.push_str("; tried: reuse is not back"),
        None => {}
    }
    let risk = remedy.risk.as_deref().map_or_else(|| "none known".to_owned(), sentence);
    [code(&cause.name), left, sentence(&remedy.key), fix, risk]
}

/// A link where its text can be nothing else.
fn linked(link: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/#%=:".contains(c);
    if link.starts_with("https://") && link.len() <= 200 && link.chars().all(plain) {
        format!("[docs]({link})")
    } else {
        code(link)
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}
