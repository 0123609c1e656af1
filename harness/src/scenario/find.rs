//! Which scenario a name on the command line means.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::load::{FILE_NAME, folder_name};
use super::parts::Scenario;
use super::shipped;
use super::words::{closest, list as words};

/// The folder in which a project keeps its scenarios.
const FOLDER: &str = "scenarios";

/// Why no scenario was found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Nothing of that name.
    #[error(
        "there is no scenario `{wanted}`{near}, known are {} (hint: name one of them, or a directory with a `scenario.toml`)",
        words(known)
    )]
    Unknown {
        /// What was asked for.
        wanted: String,
        /// `, did you mean ...`, or nothing.
        near: String,
        /// Every name that would have been found.
        known: Vec<String>,
    },
    /// The shipped scenarios cannot be laid out.
    #[error("cannot lay out the shipped scenarios in `{}`", into.display())]
    Shipped {
        /// Where to.
        into: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

/// Where scenarios are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// The current directory: it and its parents may have a `scenarios/`.
    pub cwd: &'a Path,
    /// Where the shipped scenarios are laid out when they are needed.
    pub shipped: &'a Path,
}

/// One line of `bench list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Name.
    pub name: String,
    /// Folder.
    pub dir: PathBuf,
    /// Title; nothing where the file is invalid (`bench check` says why).
    pub title: Option<String>,
}

/// The folder of a scenario: a directory with a `scenario.toml`, else `scenarios/NAME` of the current
/// directory or the nearest parent that has it, else the shipped one of that name.
///
/// # Errors
/// When there is none, with all names there are; or when the shipped ones cannot be laid out.
pub fn find(wanted: &str, places: Places<'_>) -> Result<PathBuf, FindError> {
    let direct = places.cwd.join(wanted);
    if !wanted.is_empty() && direct.join(FILE_NAME).is_file() {
        // As it was named: messages then name files as the person knows them.
        return Ok(if Path::new(wanted).join(FILE_NAME).is_file() {
            wanted.into()
        } else {
            direct
        });
    }
    let plain =
        Path::new(wanted).components().count() == 1 && Path::new(wanted).file_name().is_some();
    if plain {
        for parent in places.cwd.ancestors() {
            let dir = parent.join(FOLDER).join(wanted);
            if dir.join(FILE_NAME).is_file() {
                return Ok(dir);
            }
        }
        if shipped::names().contains(&wanted) {
            return Ok(lay_out(places)?.join(wanted));
        }
    }
    let known: Vec<String> = names(places).into_keys().collect();
    let all: Vec<&str> = known.iter().map(String::as_str).collect();
    let near = closest(wanted, &all).map(|near| format!(", did you mean `{near}`?"));
    Err(FindError::Unknown { wanted: wanted.to_owned(), near: near.unwrap_or_default(), known })
}

/// Every scenario that [`find`] finds by its name, sorted by it.
///
/// # Errors
/// When the shipped ones cannot be laid out.
pub fn list(places: Places<'_>) -> Result<Vec<Listed>, FindError> {
    let mut shipped_dir: Option<PathBuf> = None;
    let mut listed = Vec::new();
    for (name, dir) in names(places) {
        let dir = match (dir, &shipped_dir) {
            (Some(dir), _) => dir,
            (None, Some(shipped)) => shipped.join(&name),
            (None, None) => shipped_dir.insert(lay_out(places)?).join(&name),
        };
        let title = Scenario::load(&dir).ok().map(|scenario| scenario.title);
        listed.push(Listed { name, dir, title });
    }
    Ok(listed)
}

/// Names and, of those that are not shipped, folders. What is nearer hides what is farther.
fn names(places: Places<'_>) -> BTreeMap<String, Option<PathBuf>> {
    let mut names: BTreeMap<String, Option<PathBuf>> = BTreeMap::new();
    for parent in places.cwd.ancestors() {
        let Ok(entries) = std::fs::read_dir(parent.join(FOLDER)) else { continue };
        for entry in entries.flatten() {
            let dir = entry.path();
            if let Some(name) = folder_name(&dir).filter(|_| dir.join(FILE_NAME).is_file()) {
                names.entry(name).or_insert(Some(dir));
            }
        }
    }
    for name in shipped::names() {
        names.entry(name.to_owned()).or_insert(None);
    }
    names
}

fn lay_out(places: Places<'_>) -> Result<PathBuf, FindError> {
    shipped::materialise(places.shipped)
        .map_err(|source| FindError::Shipped { into: places.shipped.to_owned(), source })
}
