//! The key of a job's snapshots in a CI's cache.
//!
//! `bench-snapshot-1-SCENARIO-DIGEST-BLOCKS-TAG`: the digest stands for everything that the snapshots depend on and that is
//! known before a source is laid out; the tag distinguishes prime jobs of one plan. A cache step may fall back on
//! everything before the tag (`restore-keys`): snapshots of the same blocks of the same plan.

use std::collections::BTreeMap;

use bench_record::{Baseline, CanonicalText};

/// Start of every key; the number is the version of the manifest.
const START: &str = "bench-snapshot-1";
/// Longest tag.
const TAG: usize = 64;
/// Longest text of the scenario's name, and of the list of blocks, inside a key. GitHub allows 512 characters in all.
const NAME: usize = 100;
const BLOCKS: usize = 60;
/// Hex digits of the digest.
const DIGITS: usize = 16;

/// What the snapshots of a plan depend on.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// Its content hash.
    pub hash: &'a str,
    /// Params of the candidate.
    pub params: &'a BTreeMap<String, String>,
    /// What makes the baseline differ.
    pub baseline: Option<&'a Baseline>,
    /// `--examples`.
    pub examples: Option<&'a str>,
    /// Digest of the whole plan.
    pub plan_hash: &'a str,
}

/// A text that is not a key or a tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// A tag of other characters, or too long.
    #[error(
        "tag `{0}`: expected 1 to {TAG} letters, digits, `.`, `_` or `-` (hint: \"$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT\")"
    )]
    Tag(String),
    /// A key of another plan.
    #[error(
        "key `{key}`: keys of this plan start with `{start}` (hint: `bench plan --stages` prints them)"
    )]
    Foreign {
        /// As given.
        key: String,
        /// What it should start with.
        start: String,
    },
}

impl Identity<'_> {
    /// What all keys of the plan start with, whatever their blocks.
    pub fn start(&self) -> String {
        let text = CanonicalText::new("bench.snapshot-key/1")
            .with("scenario", self.hash)
            .with_map("param", self.params);
        let text = match self.baseline {
            // The path of a directory differs between machines; its content is checked later.
            Some(Baseline::Source(_)) => text.with("baseline", "source"),
            Some(Baseline::Params(params)) => {
                text.with("baseline", "params").with_map("baseline-param", params)
            }
            Some(Baseline::Same) => text.with("baseline", "same"),
            None => text.with_optional("baseline", None::<&str>),
        };
        let text = text.with_optional("examples", self.examples).with("plan", self.plan_hash);
        let digest: String = blake3::hash(text.as_bytes()).to_hex().chars().take(DIGITS).collect();
        let plain = |c: char| if allowed(c) { c } else { '-' };
        let name: String = self.scenario.chars().map(plain).take(NAME).collect();
        format!("{START}-{name}-{digest}-")
    }

    /// The prefix of the keys of one unit: snapshots of these blocks.
    pub fn prefix(&self, blocks: &[u32]) -> String {
        let list = blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(".");
        let list = if list.len() > BLOCKS {
            let digest = blake3::hash(list.as_bytes()).to_hex();
            format!("{}-more-{}", blocks.first().copied().unwrap_or_default(), &digest[..DIGITS])
        } else {
            list
        };
        format!("{}b{list}-", self.start())
    }

    /// The key of one unit.
    ///
    /// # Errors
    /// When `tag` cannot be part of a key.
    pub fn key(&self, blocks: &[u32], tag: &str) -> Result<String, KeyError> {
        check_tag(tag)?;
        Ok(format!("{}{tag}", self.prefix(blocks)))
    }

    /// Accepts a whole key from the command line.
    ///
    /// # Errors
    /// When it is not one of this plan.
    pub fn accept(&self, key: &str) -> Result<String, KeyError> {
        let start = self.start();
        if key
            .strip_prefix(&start)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(allowed))
        {
            return Ok(key.to_owned());
        }
        Err(KeyError::Foreign { key: key.to_owned(), start })
    }
}

fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

/// Whether `tag` can be the last part of a key.
///
/// # Errors
/// When it is empty, too long or has other characters: a comma would end a key of GitHub's cache.
pub fn check_tag(tag: &str) -> Result<(), KeyError> {
    if tag.is_empty() || tag.len() > TAG || !tag.chars().all(allowed) {
        return Err(KeyError::Tag(tag.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(scenario: &str, hash: &str, use_it: impl FnOnce(Identity<'_>) -> T) -> T {
        let params = BTreeMap::from([("mode".to_owned(), "fast".to_owned())]);
        use_it(Identity {
            scenario,
            hash,
            params: &params,
            baseline: None,
            examples: None,
            plan_hash: "p",
        })
    }

    #[test]
    fn a_key_is_its_prefix_and_the_tag_and_depends_on_the_scenario() {
        let key = with("demo", "h1", |id| id.key(&[1, 3], "77-1").unwrap());
        assert!(key.starts_with("bench-snapshot-1-demo-") && key.ends_with("-b1.3-77-1"), "{key}");
        with("demo", "h1", |id| {
            assert_eq!(id.prefix(&[1, 3]) + "77-1", key);
            assert_eq!(id.accept(&key).unwrap(), key);
        });
        with("demo", "h2", |id| {
            assert_ne!(id.key(&[1, 3], "77-1").unwrap(), key);
            assert!(matches!(id.accept(&key), Err(KeyError::Foreign { .. })));
        });
    }

    #[test]
    fn the_key_of_a_snapshot_is_the_same_in_every_version_of_bench() {
        // Another value here means that caches which CI kept are not found again: then `START` needs a new number.
        let baseline = Baseline::Params(BTreeMap::from([("mode".to_owned(), "slow".to_owned())]));
        let key = with("demo", "h1", |id| Identity { baseline: Some(&baseline), ..id }.start());
        assert_eq!(key, "bench-snapshot-1-demo-c5edcdd47f02fc87-");
    }

    #[test]
    fn a_key_is_never_longer_than_a_cache_takes_and_holds_no_comma() {
        let blocks: Vec<u32> = (1..=1000).collect();
        let key = with(&"é,x".repeat(200), "h", |id| id.key(&blocks, &"t".repeat(TAG)).unwrap());
        assert!(key.len() <= 512 && key.is_ascii() && !key.contains(','), "{key}");
        let other = with(&"é,x".repeat(200), "h", |id| id.prefix(&blocks[1..]));
        assert!(!key.starts_with(&other), "other blocks have another prefix");
    }

    #[test]
    fn a_tag_that_a_cache_would_misread_is_refused() {
        for tag in ["", "a,b", "a b", "ü", &"t".repeat(TAG + 1)] {
            assert_eq!(check_tag(tag), Err(KeyError::Tag(tag.to_owned())));
        }
    }
}
