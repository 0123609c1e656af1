//! The entries of a CI's cache against its quota: what is there, who can restore it, and what fits.
//!
//! Everything here comes from the answer of the provider's API (GitHub's `actions/caches`), which a step of the workflow
//! fetched: nothing is asked over the network.

use std::collections::{BTreeMap, BTreeSet};

use bench_record::{Instant, LoadedRun, Outcome, Regime};
use serde::Deserialize;
use serde_json::Value;

use crate::document::text::quoted;
use crate::document::units;

/// GitHub's quota of a repository, in bytes.
pub const LIMIT: u64 = 10_000_000_000;
/// Uploads that GitHub takes of a repository in a minute.
const UPLOADS: usize = 200;
/// Days after which an entry that nobody restored is deleted.
const DAYS: f64 = 7.0;
/// Entries that are named.
const LARGEST: usize = 5;

/// An entry as the API lists it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedEntry {
    /// Its key.
    pub key: String,
    /// The ref whose jobs saved it, where the service knows refs.
    #[serde(default, rename = "ref")]
    pub scope: Option<String>,
    /// Bytes of the archive.
    #[serde(rename = "size_in_bytes")]
    pub bytes: u64,
    /// When it was saved.
    #[serde(default)]
    pub created_at: Option<Instant>,
}

/// One page of the answer.
#[derive(Clone, Debug, Deserialize)]
struct Page {
    /// Entries of all pages.
    total_count: usize,
    actions_caches: Vec<ListedEntry>,
}

/// The text is not an answer of the cache API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected objects with `total_count` and `actions_caches`, found {found} (hint: the output of `gh api --paginate \
     \"repos/OWNER/NAME/actions/caches?per_page=100\"`)"
)]
pub struct QuotaError {
    found: String,
}

impl QuotaError {
    fn not_json(error: &serde_json::Error) -> Self {
        Self { found: format!("text that is not JSON: {error}") }
    }

    /// What stands where a page should be.
    fn shape(value: &Value, error: &serde_json::Error) -> Self {
        let found = match value {
            Value::Object(keys) if keys.contains_key("actions_caches") => {
                format!("an answer that is damaged: {error}")
            }
            Value::Object(keys) if keys.is_empty() => "an empty object".to_owned(),
            Value::Object(keys) => {
                let names: Vec<String> = keys.keys().map(|name| quoted(name)).collect();
                // What the API says when it refuses.
                let said = keys.get("message").and_then(Value::as_str);
                let said = said.map(|text| format!(", which says {}", quoted(text)));
                format!("an object with {}{}", names.join(", "), said.unwrap_or_default())
            }
            Value::Array(_) => "a list of something else".to_owned(),
            Value::String(_) => "a string".to_owned(),
            Value::Number(_) => "a number".to_owned(),
            Value::Bool(_) | Value::Null => format!("`{value}`"),
        };
        Self { found }
    }
}

/// What is known about the cache of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Entries that the answer lists.
    pub entries: Vec<ListedEntry>,
    /// Entries that there are.
    pub total: usize,
    /// `GITHUB_REPOSITORY`.
    pub repository: Option<String>,
    /// The ref that this run's job is of: it restores its own entries, those of its base and of the default branch.
    pub own: Option<String>,
    /// The ref that a pull request is to be merged into.
    pub base: Option<String>,
    /// Bytes of one archive of everything that the run caches; `None` when it saved none.
    pub one: Option<u64>,
}

impl Quota {
    /// Reads the answer: an object, several behind one another (`--paginate`), or a list of them (`--slurp`). `ci` are the
    /// CI variables of the run.
    ///
    /// # Errors
    /// When `text` is not such an answer.
    pub fn read(
        text: &str,
        run: &LoadedRun,
        ci: &BTreeMap<String, String>,
    ) -> Result<Self, QuotaError> {
        let mut pages: Vec<Page> = Vec::new();
        for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
            let listed = match value.map_err(|error| QuotaError::not_json(&error))? {
                Value::Array(pages) => pages,
                page => vec![page],
            };
            for page in listed {
                let read = Page::deserialize(&page);
                pages.push(read.map_err(|error| QuotaError::shape(&page, &error))?);
            }
        }
        let total = pages.iter().map(|page| page.total_count).max();
        let total = total.ok_or_else(|| QuotaError { found: "nothing".to_owned() })?;
        let mut entries: Vec<ListedEntry> =
            pages.into_iter().flat_map(|page| page.actions_caches).collect();
        entries.sort_by(|a, b| (b.bytes, &a.key, &a.scope).cmp(&(a.bytes, &b.key, &b.scope)));
        let variable = |name: &str| ci.get(name).cloned();
        Ok(Self {
            total: total.max(entries.len()),
            entries,
            repository: variable("GITHUB_REPOSITORY"),
            own: variable("GITHUB_REF"),
            base: variable("GITHUB_BASE_REF").map(|base| format!("refs/heads/{base}")),
            one: one_archive(run),
        })
    }

    /// Bytes of all listed entries.
    pub fn bytes(&self) -> u64 {
        self.entries.iter().map(|entry| entry.bytes).fold(0, u64::saturating_add)
    }

    /// Number and bytes of the entries by who saved them, in the order of a table.
    pub fn scopes(&self) -> Vec<(&'static str, usize, u64)> {
        let class = |entry: &ListedEntry| match &entry.scope {
            None => "unknown ref",
            scope if self.own.is_some() && *scope == self.own => "this ref",
            scope if self.base.is_some() && *scope == self.base => "its base",
            Some(_) if self.own.is_none() => "any ref",
            Some(_) => "other refs",
        };
        ["this ref", "its base", "other refs", "any ref", "unknown ref"]
            .into_iter()
            .filter_map(|name| {
                let of = || self.entries.iter().filter(|entry| class(entry) == name);
                let bytes = of().map(|entry| entry.bytes).fold(0, u64::saturating_add);
                (of().count() > 0).then(|| (name, of().count(), bytes))
            })
            .collect()
    }

    /// What follows, in sentences; foreign text stands in backticks.
    pub fn sentences(&self) -> Vec<String> {
        let mut sentences = vec![self.used()];
        if self.total > self.entries.len() {
            sentences.push(format!(
                "The answer lists {} of {} entries, so all figures here are underestimates (hint: `gh api --paginate`).",
                self.entries.len(),
                self.total
            ));
        }
        sentences.extend(self.scope());
        sentences.extend(self.largest());
        sentences.extend(self.forecast());
        sentences.extend(self.growth());
        sentences.extend(self.rate());
        sentences
    }

    fn used(&self) -> String {
        let of = self
            .repository
            .as_deref()
            .map_or_else(String::new, |name| format!(" of {}", quoted(name)));
        format!(
            "The cache{of} holds {} in {}, {} of the {} that GitHub gives a repository.",
            units::bytes(self.bytes()),
            entries(self.entries.len()),
            units::percent(self.bytes() as f64 / LIMIT as f64),
            units::bytes(LIMIT),
        )
    }

    fn scope(&self) -> Option<String> {
        let own = self.own.as_deref()?;
        let base = self
            .base
            .as_deref()
            .map_or_else(String::new, |base| format!(", those of {}", quoted(base)));
        Some(format!(
            "A job of {} restores entries of that ref{base} and of the default branch, and no others.",
            quoted(own)
        ))
    }

    fn largest(&self) -> Option<String> {
        let all = self.entries.iter().take(LARGEST);
        let all: Vec<String> = all
            .map(|entry| format!("{} {}", quoted(&entry.key), units::bytes(entry.bytes)))
            .collect();
        (!all.is_empty()).then(|| format!("The largest: {}.", all.join(", ")))
    }

    /// What the quota makes of one entry of this run's size for each ref that has entries.
    fn forecast(&self) -> Option<String> {
        let one = self.one.filter(|bytes| *bytes > 0)?;
        let refs: BTreeSet<&str> = self.entries.iter().filter_map(|e| e.scope.as_deref()).collect();
        let refs = refs.len().max(1) as u64;
        let room = room(one, 1, refs, LIMIT);
        let left = LIMIT.saturating_sub(self.bytes()) / one;
        let verdict = if room.kept < room.wanted {
            format!("only {} of {} are kept, the others are evicted", room.kept, room.wanted)
        } else if left < room.wanted {
            "that fits only when what is there is evicted".to_owned()
        } else {
            "that fits".to_owned()
        };
        let more = if left == 1 { "entry" } else { "entries" };
        Some(format!(
            "What this run caches is {} in archives: there is room for {left} more {more}. One entry for each of {} needs {}: {verdict}.",
            units::bytes(one),
            units::counted(refs as usize, "ref"),
            units::bytes(room.bytes),
        ))
    }

    /// What the pace of the newest day makes of the quota, if it goes on.
    fn growth(&self) -> Option<String> {
        let newest = self.entries.iter().filter_map(|entry| entry.created_at).max()?;
        let day = |entry: &&ListedEntry| {
            entry.created_at.is_some_and(|at| (newest - at).num_seconds() < 24 * 60 * 60)
        };
        let of_day: Vec<&ListedEntry> = self.entries.iter().filter(day).collect();
        let bytes = of_day.iter().map(|entry| entry.bytes).fold(0, u64::saturating_add);
        let week = (bytes as f64 * DAYS) as u64;
        let end = if week > LIMIT {
            let days = LIMIT as f64 / bytes as f64;
            format!("entries are evicted after {days:.1} days instead of 7")
        } else {
            "nothing is evicted before its 7 days".to_owned()
        };
        Some(format!(
            "The newest day saved {} of {}; at that pace seven days hold {}: {end}.",
            entries(of_day.len()),
            units::bytes(bytes),
            units::bytes(week),
        ))
    }

    fn rate(&self) -> Option<String> {
        let mut minutes: BTreeMap<i64, usize> = BTreeMap::new();
        for at in self.entries.iter().filter_map(|entry| entry.created_at) {
            *minutes.entry(at.timestamp().div_euclid(60)).or_default() += 1;
        }
        let busiest = minutes.into_values().max()?;
        Some(format!(
            "The busiest minute saved {} of the {UPLOADS} uploads that GitHub takes in one.",
            entries(busiest)
        ))
    }
}

fn entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// Bytes of the archives that a cold sample of the run saved, the largest of all.
fn one_archive(run: &LoadedRun) -> Option<u64> {
    run.samples
        .iter()
        .map(|(sample, _)| sample)
        .filter(|sample| sample.regime == Regime::Cold && sample.outcome == Outcome::Ok)
        .filter_map(|sample| {
            let archives = sample.caches.values().filter_map(|cache| cache.archive_bytes);
            archives.reduce(u64::saturating_add)
        })
        .max()
}

/// What a quota makes of archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes that all entries would take.
    pub bytes: u64,
    /// Entries that are wanted.
    pub wanted: u64,
    /// Entries that fit.
    pub kept: u64,
}

/// `keys` entries of `bytes` on each of `branches`, in a quota of `limit` bytes.
pub fn room(bytes: u64, keys: u64, branches: u64, limit: u64) -> Room {
    let wanted = keys.saturating_mul(branches);
    let kept = limit.checked_div(bytes).map_or(wanted, |fit| fit.min(wanted));
    Room { bytes: bytes.saturating_mul(wanted), wanted, kept }
}
