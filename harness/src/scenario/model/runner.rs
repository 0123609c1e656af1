//! What the runner has: tools, environment, caches, and the processes beside the phases.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use regex::Regex;

use super::{Globs, When};
use crate::scenario::template::Template;

/// A required tool: part of the runner's image, not a cache.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolSpec {
    /// Name.
    pub name: String,
    /// Command that prints the version.
    pub version: Vec<String>,
    /// Smallest version that works (dotted numbers).
    pub min: Option<String>,
    /// First version that does not work any more.
    pub below: Option<String>,
    /// Packages by platform (`debian`, `fedora`, `macos`, `cargo`, `pip`).
    pub install: BTreeMap<String, Vec<String>>,
    /// What else a person should know.
    pub note: Option<String>,
    /// Command, run once in the user's own environment, that prints the installation prefix; its `bin`
    /// then comes first on the runner's PATH. For launchers that look for their home (rustup, pyenv).
    pub prefix: Option<Vec<String>>,
    /// Command that fills `{tools}`, run once before the first runner.
    pub provision: Vec<Template>,
    /// A file or directory that must exist (a library without a version command).
    pub exists: Option<PathBuf>,
    /// When it is needed.
    pub when: When,
}

/// The environment of every command.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EnvSpec {
    /// Variables taken from the environment of `bench`, when set there.
    pub pass: Vec<String>,
    /// Variables set for every command.
    pub set: BTreeMap<String, Template>,
    /// Variables set under a condition; later entries win.
    pub cases: Vec<EnvCase>,
}

/// Variables set under a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct EnvCase {
    /// The condition.
    pub when: When,
    /// The variables.
    pub set: BTreeMap<String, Template>,
    /// The phases whose commands get them; empty for every command.
    pub phases: Vec<String>,
}

/// The directory of the runner that a cache lies beneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// `{workspace}`
    Workspace,
    /// `{home}`
    Home,
    /// `{cache}`
    Cache,
}

/// A declared cache.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheSpec {
    /// Name.
    pub name: String,
    /// The directory of the runner that it lies beneath.
    pub root: Root,
    /// Path beneath `root`: relative, not empty, only normal components.
    pub path: PathBuf,
    /// Variable that points a tool to it.
    pub env: Option<String>,
    /// When it is active.
    pub when: When,
    /// How it reaches the same runner again; cross-runner is always an archive.
    pub transport: Transport,
    /// Paths beneath the cache that are not saved.
    pub exclude: Globs,
}

/// Caches that are saved and restored together, in one archive.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchiveSpec {
    /// Name.
    pub name: String,
    /// Its caches by name, in the order of the file; all have one transport.
    pub caches: Vec<String>,
    /// When it is active; otherwise each cache has an archive of its own.
    pub when: When,
}

/// How a cache reaches the same runner again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// It stays where it is.
    #[default]
    Directory,
    /// Saved to and restored from an archive, as for another runner.
    Archive,
}

/// A process that runs around the measured phases.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSpec {
    /// Name; `{port.NAME}` is its port.
    pub name: String,
    /// Command.
    pub run: Vec<Template>,
    /// Variables for this command only.
    pub env: BTreeMap<String, Template>,
    /// Its port in every sample; `None` for a free one each time.
    pub port: Option<u16>,
    /// How to know that it accepts work.
    pub ready: Option<Ready>,
    /// When it is started.
    pub when: When,
}

/// How to know that a service accepts work.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    /// What to check.
    pub check: ReadyCheck,
    /// Give up after this time.
    pub within: Duration,
}

/// What shows that a service is ready.
#[derive(Clone, Debug)]
pub enum ReadyCheck {
    /// A TCP connection to this port on loopback succeeds.
    Tcp(Template),
    /// This file exists.
    File(Template),
    /// A line of its output matches.
    Output(Regex),
}

impl PartialEq for ReadyCheck {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tcp(one), Self::Tcp(other)) | (Self::File(one), Self::File(other)) => {
                one == other
            }
            (Self::Output(one), Self::Output(other)) => one.as_str() == other.as_str(),
            _ => false,
        }
    }
}

/// How to stop a daemon.
#[derive(Clone, Debug, PartialEq)]
pub struct DaemonSpec {
    /// With a name, `{port.NAME}` is a free port chosen for it.
    pub name: Option<String>,
    /// Command; its failure is no error, since what still lives afterwards is killed.
    pub stop: Vec<Template>,
    /// When it applies.
    pub when: When,
}
