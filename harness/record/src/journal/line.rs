//! One line of a journal: the envelope and its version.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::upgrade;

use crate::run::Resume;

/// The version that this crate writes, and the newest that it reads.
pub const VERSION: u32 = 2;

/// Everything that a line of one kind of journal can be. [`journal_entries`] implements it.
pub trait JournalEntry: Sized {
    /// The entry as one line of JSON, newline included.
    ///
    /// # Errors
    /// Only when a map key cannot be JSON, which no entry of this crate can produce.
    fn to_line(&self) -> serde_json::Result<String>;

    /// Reads the line of an entry whose version was checked.
    ///
    /// # Errors
    /// When the kind is unknown, or the line is not what the kind asks for.
    fn parse(kind: &str, line: &str) -> Result<Self, LineError>;

    /// The entry by which a later process takes the journal up.
    fn resume(resume: Resume) -> Self;

    /// Whether it is such an entry.
    fn as_resume(&self) -> Option<&Resume>;
}

/// Why a line is not an entry.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The line is from a newer `bench`.
    #[error(
        "record version {found} is newer than {VERSION}, the newest this `bench` reads (hint: update bench)"
    )]
    Newer {
        /// The version that the line claims.
        found: u64,
    },
    /// The line's kind is unknown in its version.
    #[error("unknown record kind `{0}`")]
    UnknownKind(String),
    /// The line is not text.
    #[error("not UTF-8")]
    Encoding(#[from] std::str::Utf8Error),
    /// The line is not the JSON that its kind asks for.
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
}

/// The part of a line that is read first, to learn how to read the rest.
#[derive(Deserialize)]
struct Header {
    /// Absent in all but the first line of the ablations that early versions wrote.
    v: Option<u64>,
    /// Any value: what a newer version has there must not hide that it is newer.
    kind: Option<Value>,
}

/// Reads one line, with or without its newline.
///
/// # Errors
/// [`LineError::Newer`] before anything else is looked at, so that a newer format is never reported as a
/// damaged file.
pub fn from_line<E: JournalEntry>(line: &[u8]) -> Result<E, LineError> {
    let header = serde_json::from_slice::<Header>(line);
    if let Ok(Header { v: Some(found), .. }) = header
        && found > u64::from(VERSION)
    {
        return Err(LineError::Newer { found });
    }
    let text = std::str::from_utf8(line)?;
    let header = header?;
    match header.kind {
        // Read for ever.
        Some(Value::String(kind)) if header.v.is_none_or(|version| version < 2) => {
            let mut value = serde_json::from_str(text)?;
            upgrade::line(&kind, &mut value);
            E::parse(upgrade::kind(&kind), &value.to_string())
        }
        Some(Value::String(kind)) => E::parse(&kind, text),
        Some(other) => Err(LineError::UnknownKind(other.to_string())),
        None => Err(<serde_json::Error as serde::de::Error>::missing_field("kind").into()),
    }
}

/// A body in its envelope, as one line. Spliced rather than flattened: `v` and `kind` come first whatever the
/// body is, and a body that had a field of the same name would not silently lose it.
///
/// # Errors
/// When a map key of the body cannot be JSON.
pub fn to_line(kind: &str, body: &impl Serialize) -> serde_json::Result<String> {
    let body = serde_json::to_string(body)?;
    let fields = body.strip_prefix('{').unwrap_or(&body);
    Ok(format!("{{\"v\":{VERSION},\"kind\":\"{kind}\",{fields}\n"))
}

/// Whether this is the first line of some journal: enough to recognise a file of `bench`, of any version.
pub fn begins_journal(line: &[u8]) -> bool {
    serde_json::from_slice::<Header>(line).is_ok_and(|header| {
        let starts =
            |kind: Value| kind.as_str().is_some_and(|kind| crate::files::STARTS.contains(&kind));
        header.v.is_some() && header.kind.is_some_and(starts)
    })
}

/// Declares the entries of a journal by their kinds. One of them must be `Resume`.
macro_rules! journal_entries {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$kind_doc:meta])* $kind:literal => $variant:ident($body:ty),)+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $($(#[$kind_doc])* $variant($body),)+
        }

        impl $crate::journal::JournalEntry for $name {
            fn to_line(&self) -> serde_json::Result<String> {
                match self {
                    $(Self::$variant(body) => $crate::journal::to_line($kind, body),)+
                }
            }

            fn parse(kind: &str, line: &str) -> Result<Self, $crate::journal::LineError> {
                match kind {
                    $($kind => Ok(Self::$variant(serde_json::from_str(line)?)),)+
                    other => Err($crate::journal::LineError::UnknownKind(other.to_owned())),
                }
            }

            fn resume(resume: $crate::run::Resume) -> Self {
                Self::Resume(resume)
            }

            fn as_resume(&self) -> Option<&$crate::run::Resume> {
                match self {
                    Self::Resume(resume) => Some(resume),
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use journal_entries;
