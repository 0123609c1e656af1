//! From a folder to a scenario, and from a policy file to gates.

use std::io::Read;
use std::path::{Path, PathBuf};

use bench_record::{Gate, LoadedRun};

use super::parts::{self, Scenario, TextOrigin};
use super::reader::Problems;

/// The file in a scenario's folder.
pub const FILE_NAME: &str = "scenario.toml";

/// A scenario is written by hand: beyond this many bytes it is something else.
const MAX_BYTES: u64 = 1 << 20;

/// Why a scenario could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {kind} `{}`", file.display())]
    Read {
        /// `scenario` or `policy`.
        kind: &'static str,
        /// The file.
        file: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The file is not UTF-8 text of a sensible size.
    #[error("{kind} `{}` is {what}", file.display())]
    NotText {
        /// `scenario` or `policy`.
        kind: &'static str,
        /// The file.
        file: PathBuf,
        /// What it is instead.
        what: &'static str,
    },
    /// The folder has no name that could name the scenario.
    #[error("`{}` has no name that a scenario could have (hint: name its folder)", dir.display())]
    Nameless {
        /// The folder.
        dir: PathBuf,
    },
    /// The file says something that makes no scenario.
    #[error("{0}")]
    Invalid(Problems),
}

impl Scenario {
    /// Reads `scenario.toml` of a folder. The folder's name is the scenario's.
    ///
    /// # Errors
    /// When it cannot be read, and every problem of the file at once.
    pub fn load(dir: &Path) -> Result<Self, LoadError> {
        Self::load_file(&dir.join(FILE_NAME))
    }

    /// Reads a scenario file, whatever its name; its folder is the scenario's.
    ///
    /// # Errors
    /// When it cannot be read, and every problem of the file at once.
    pub fn load_file(file: &Path) -> Result<Self, LoadError> {
        let dir = match file.parent() {
            Some(dir) if !dir.as_os_str().is_empty() => dir,
            _ => Path::new("."),
        };
        let name = folder_name(dir).ok_or_else(|| LoadError::Nameless { dir: dir.to_owned() })?;
        let text = read_text(file, "scenario")?;
        Self::parse(&text, file, dir, &name).map_err(LoadError::Invalid)
    }

    /// Reads a scenario from text. `file` is what messages name; in `dir` its `workspace/` and `uses` are
    /// looked for, and relative paths of its `[source]` begin there.
    ///
    /// # Errors
    /// Every problem of the text.
    pub fn parse(text: &str, file: &Path, dir: &Path, name: &str) -> Result<Self, Problems> {
        parts::read(TextOrigin { file, dir, name }, text)
    }
}

/// What the gates of a policy may refer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Measured phases of the run.
    pub phases: Vec<String>,
    /// Whether the run has times of examples.
    pub examples: bool,
}

impl Measured {
    /// What `run` measured.
    pub fn of(run: &LoadedRun) -> Self {
        Self {
            phases: run.run.phases.clone(),
            examples: run.run.examples.is_some()
                || run.samples.iter().any(|(_, examples)| !examples.is_empty()),
        }
    }
}

/// Reads a policy for a run.
///
/// # Errors
/// When it cannot be read, and every problem of the file at once, phases and examples that the run does not
/// have among them.
pub fn policy(file: &Path, measured: &Measured) -> Result<Vec<Gate>, LoadError> {
    let text = read_text(file, "policy")?;
    let specs = parts::read_policy(file, &text, &measured.phases, measured.examples)
        .map_err(LoadError::Invalid)?;
    Ok(specs.iter().map(Gate::from).collect())
}

/// The last component of a folder, `.` resolved.
pub(crate) fn folder_name(dir: &Path) -> Option<String> {
    let name = match dir.file_name() {
        Some(name) => name.to_owned(),
        None => dir.canonicalize().ok()?.file_name()?.to_owned(),
    };
    name.into_string().ok()
}

/// The text of a file that was written by hand; `kind` is what messages call it.
fn read_text(file: &Path, kind: &'static str) -> Result<String, LoadError> {
    let unreadable = |source| LoadError::Read { kind, file: file.to_owned(), source };
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|open| open.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    let not_text = |what| LoadError::NotText { kind, file: file.to_owned(), what };
    if bytes.len() as u64 > MAX_BYTES {
        return Err(not_text("larger than 1 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| not_text("not UTF-8 text"))
}
