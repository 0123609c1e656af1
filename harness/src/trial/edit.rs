//! The scenario's edit of a source file, on the first runner.

use std::fs;
use std::path::{Path, PathBuf};

use filetime::FileTime;

use super::testbed::Testbed;
use crate::scenario::EditSpec;
use crate::system::fs::tree::TreeError;

/// An edit that the scenario declares.
#[derive(Clone, Debug)]
pub struct SourceEdit {
    spec: EditSpec,
    /// The file on the first runner.
    file: PathBuf,
    /// The same file in the source that runners are laid out from.
    original: PathBuf,
}

impl SourceEdit {
    /// The edit of the workspace that the first runner has now; `None` when the scenario declares no edit.
    pub fn declared(testbed: &Testbed<'_, '_>) -> Option<Self> {
        let spec = testbed.session.scenario.edit.clone()?;
        let file = testbed.first().workspace.join(&spec.file);
        let original = testbed.setup.golden.path().join(&spec.file);
        Some(Self { spec, file, original })
    }

    /// The file, relative to the workspace.
    pub fn path(&self) -> &Path {
        &self.spec.file
    }

    /// Why the edit does not apply to the source; `None` when it does.
    pub fn obstacle(&self) -> Option<String> {
        let name = self.spec.file.display();
        match fs::read_to_string(&self.original) {
            Ok(text) if text.contains(&self.spec.find) => None,
            Ok(_) => Some(format!("`edit`: `{name}` does not hold `{}`", self.spec.find)),
            Err(error) => Some(format!("`edit`: cannot read `{name}`: {error}")),
        }
    }

    /// Replaces the text, unless the file was edited before; the modification time that the file had.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn apply(&self) -> Result<FileTime, TreeError> {
        let change = || {
            let before = FileTime::from_last_modification_time(&fs::metadata(&self.file)?);
            let text = fs::read_to_string(&self.file)?;
            if text.contains(&self.spec.find) {
                fs::write(&self.file, text.replacen(&self.spec.find, &self.spec.replace, 1))?;
            }
            Ok(before)
        };
        change().map_err(TreeError::io("edit", &self.file))
    }

    /// Sets the modification time of the edited file.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn set_time(&self, time: FileTime) -> Result<(), TreeError> {
        filetime::set_file_mtime(&self.file, time)
            .map_err(TreeError::io("set the time of", &self.file))
    }

    /// Puts the source back, with the modification time that it had: cleaning takes a file with the old length and
    /// time for the old one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn put_back(&self, time: FileTime) -> Result<(), TreeError> {
        fs::copy(&self.original, &self.file)
            .and_then(|_| filetime::set_file_mtime(&self.file, time))
            .map_err(TreeError::io("put back", &self.file))
    }
}
