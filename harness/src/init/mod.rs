//! `bench init`: a first scenario for somebody's repository, out of the files that say how it is built.
//!
//! One file per tool or family of tools. Nothing is run, nothing is fetched, and what cannot be found out is said.

mod arduino;
mod cargo;
mod ci;
mod cmake;
mod detected;
mod go;
mod npm;
mod platformio;
mod project;
mod python;
mod write;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

pub use ci::CacheStep;
pub use detected::Detected;
pub use project::Project;

use crate::scenario::FILE_NAME;

type Detector = fn(&Project) -> Option<Detected>;

/// Every detector with what it looks for. The more special come first: nox and tox call pytest, nextest runs what
/// cargo builds.
const DETECTORS: [(&str, Detector); 10] = [
    ("nextest", cargo::nextest),
    ("cargo", cargo::cargo),
    ("nox", python::nox),
    ("tox", python::tox),
    ("pytest", python::pytest),
    ("PlatformIO", platformio::detect),
    ("Arduino", arduino::detect),
    ("CMake and ninja", cmake::detect),
    ("npm and jest", npm::detect),
    ("go", go::detect),
];

/// What is looked for, for a message.
pub fn known() -> String {
    DETECTORS.map(|(name, _)| name).join(", ")
}

/// What a repository is built and tested with, the best guess first.
pub fn detect(project: &Project) -> Vec<Detected> {
    DETECTORS.iter().filter_map(|(_, detector)| detector(project)).collect()
}

/// A scenario that is not written yet.
#[derive(Clone, Debug)]
pub struct Proposal {
    toml: String,
    files: Vec<(&'static str, &'static str)>,
    /// Cache steps of the workflows.
    pub steps: Vec<CacheStep>,
    /// What could not be found out, one sentence each.
    pub unknown: Vec<String>,
}

/// The scenario for one of the ways that were detected; `name` is what the title calls the project.
pub fn propose(project: &Project, name: &str, detected: &Detected) -> Proposal {
    let (steps, unread) = ci::steps(project);
    let mut unknown: Vec<String> = detected.unknown.iter().cloned().chain(unread).collect();
    for step in steps.iter().filter(|step| step.paths.is_empty()) {
        unknown.push(format!("what `{}` of `{}` saves: the action knows", step.uses, step.file));
    }
    if !project.is_git() {
        unknown.push(
            "which files are sources: this is not a git work tree, so everything in it is laid out, outputs of \
             builds too"
                .to_owned(),
        );
    }
    let toml = write::scenario(name, detected, &steps, &mut unknown);
    Proposal { toml, files: detected.files.clone(), steps, unknown }
}

impl Proposal {
    /// Writes the scenario into a directory that does not exist yet; its file.
    ///
    /// # Errors
    /// When the directory exists, or something cannot be written.
    pub fn write(&self, dir: &Path) -> io::Result<PathBuf> {
        if let Some(parent) = dir.parent() {
            fs::create_dir_all(parent)?;
        }
        // Fails where anything is in the way: nothing is ever overwritten.
        fs::create_dir(dir)?;
        let scenario = [(FILE_NAME, self.toml.as_str())];
        for (name, content) in scenario.into_iter().chain(self.files.iter().copied()) {
            fs::File::create_new(dir.join(name))?.write_all(content.as_bytes())?;
        }
        Ok(dir.join(FILE_NAME))
    }
}
