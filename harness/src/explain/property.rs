//! What may differ between two runners, one name a thing, and the ways in which each is changed here.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use bench_record::{UnknownName, by_name};
use serde::{Deserialize, Serialize};

/// One thing that differs between two runners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Property {
    /// Where the workspace is.
    WorkspacePath,
    /// Modification times of the sources.
    SourceMtime,
    /// Inodes of the sources.
    SourceInode,
    /// HOME and what is derived from it.
    Home,
    /// Variables of the scenario that point beneath the home (`CARGO_HOME`).
    ToolHome,
    /// Where `{cache}` is.
    CachePath,
    /// Modification times inside the caches.
    CacheMtime,
    /// Caches saved to and restored from a pax tar through zstd.
    Archive,
    /// Modification times of the tools' executables, content unchanged.
    ToolMtime,
    /// Where the tools are.
    ToolPath,
    /// Variables that no tool should care about, and a longer PATH.
    Environment,
    /// `LC_ALL` and `LANG`.
    Locale,
    /// `TZ`.
    TimeZone,
    /// `TMPDIR`.
    TempDir,
    /// The workspace entered through a symbolic link.
    WorkingDirectory,
    /// The user id and its name.
    User,
    /// The machine's name.
    Hostname,
    /// Whether daemons were alive when the caches were saved.
    Daemon,
    /// The param `jobs`.
    Jobs,
}

impl Property {
    /// Every property, in the order in which they are tried and shown.
    pub const ALL: [Self; 19] = [
        Self::WorkspacePath,
        Self::SourceMtime,
        Self::SourceInode,
        Self::Home,
        Self::ToolHome,
        Self::CachePath,
        Self::CacheMtime,
        Self::Archive,
        Self::ToolMtime,
        Self::ToolPath,
        Self::Environment,
        Self::Locale,
        Self::TimeZone,
        Self::TempDir,
        Self::WorkingDirectory,
        Self::User,
        Self::Hostname,
        Self::Daemon,
        Self::Jobs,
    ];

    /// The name on the command line and in every document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WorkspacePath => "workspace-path",
            Self::SourceMtime => "source-mtime",
            Self::SourceInode => "source-inode",
            Self::Home => "home",
            Self::ToolHome => "tool-home",
            Self::CachePath => "cache-path",
            Self::CacheMtime => "cache-mtime",
            Self::Archive => "archive",
            Self::ToolMtime => "tool-mtime",
            Self::ToolPath => "tool-path",
            Self::Environment => "environment",
            Self::Locale => "locale",
            Self::TimeZone => "time-zone",
            Self::TempDir => "temp-dir",
            Self::WorkingDirectory => "working-directory",
            Self::User => "user",
            Self::Hostname => "hostname",
            Self::Daemon => "daemon",
            Self::Jobs => "jobs",
        }
    }

    /// The ways in which it is changed alone, each in a trial of its own; the worst one is its verdict.
    pub const fn variants(self) -> &'static [&'static str] {
        match self {
            Self::WorkspacePath => &["same-length", "other-length", "other-depth"],
            Self::SourceMtime => &["fresh", "past"],
            Self::Environment => &["variable", "path"],
            _ => &["changed"],
        }
    }

    /// The way in which it is changed together with others: as another runner would.
    pub const fn elsewhere(self) -> &'static str {
        match self {
            Self::WorkspacePath => "other-depth",
            Self::SourceMtime => "fresh",
            Self::Environment => "both",
            _ => "changed",
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Property {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        by_name("property", &Self::ALL, Self::as_str, text)
    }
}

/// The way of changing `workspace-path` that leaves the old workspace where it was. No way of its own to lose
/// reuse, hence not among the variants: it is tried with an edited source only.
pub(super) const OLD_PATH_STAYS: &str = "old-path-stays";

/// What is changed in a trial: properties with the way of each. Empty: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variation(pub BTreeMap<Property, String>);

impl Variation {
    /// One property, changed in one way.
    pub fn one(property: Property, variant: &str) -> Self {
        Self(BTreeMap::from([(property, variant.to_owned())]))
    }

    /// All of `properties`, as on another runner. Times inside the caches are not among them: what carries
    /// caches to another runner is an archive, which keeps them, and fresh ones would hide fresh sources.
    pub fn all(properties: impl IntoIterator<Item = Property>) -> Self {
        let carried = properties.into_iter().filter(|p| *p != Property::CacheMtime);
        Self(carried.map(|p| (p, p.elsewhere().to_owned())).collect())
    }

    /// Whether the property is changed at all.
    pub fn has(&self, property: Property) -> bool {
        self.0.contains_key(&property)
    }

    /// Whether the property is changed in this way.
    pub fn is(&self, property: Property, variant: &str) -> bool {
        self.0.get(&property).is_some_and(|found| found == variant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_property_is_listed_once_in_order_and_reads_back() {
        assert!(Property::ALL.is_sorted());
        for property in Property::ALL {
            assert_eq!(property.as_str().parse(), Ok(property));
            let json = serde_json::to_string(&property).unwrap();
            assert_eq!(json, format!("\"{property}\""));
            assert!(!property.variants().is_empty());
        }
        let error = "workspacepath".parse::<Property>().unwrap_err().to_string();
        assert!(error.contains("workspace-path"), "{error}");
    }
}
