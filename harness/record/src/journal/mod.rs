//! The journal: one file format for everything that is written down while it happens, and must survive a
//! crash at any moment. Runs, explanations and ablations are journals with different entries.
//!
//! * One JSON object per line, `v` (the version) and `kind` first. Lines are appended and synced, never
//!   rewritten and never cut off.
//! * The version is checked before anything else of a line is read, and over the whole file before anything
//!   else is complained about: a file of a newer `bench` is always called newer, never damaged.
//! * What a crash left at the end (a *torn* line) is skipped. A process that goes on ends it with a newline and
//!   says so in a `resume` entry; [`read`] has the exact rule.

mod line;
mod read;
mod upgrade;
mod write;

pub(crate) use line::journal_entries;
pub use line::{JournalEntry, LineError, VERSION, begins_journal, from_line, to_line};
pub use read::{Journal, JournalFile, LoadError, ReadError, load, read, read_file};
pub use upgrade::regime as upgrade_regime;
pub use write::{JournalWriter, WriteError};
