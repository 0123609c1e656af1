//! One line of `records.ndjson`: the envelope and its versions.

use serde::{Deserialize, Serialize};

use crate::run::{End, Resume, Run};
use crate::sample::{Example, Sample};

/// The version that this crate writes, and the newest that it reads.
pub const VERSION: u32 = 1;

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// First line: what is run, where and with what.
    Run,
    /// One time of a named unit inside a sample; written before the sample that owns it.
    Example,
    /// One execution of the measured phases; this line commits the examples before it.
    Sample,
    /// A later process took the run up again; what lies uncommitted before it does not count.
    Resume,
    /// Last line; its absence means that the run was cut short.
    End,
}

/// One record of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// See [`Run`].
    Run(Box<Run>),
    /// See [`Example`].
    Example(Example),
    /// See [`Sample`].
    Sample(Box<Sample>),
    /// See [`Resume`].
    Resume(Resume),
    /// See [`End`].
    End(End),
}

/// Why a line is no record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The line is from a newer `bench`.
    #[error(
        "record version {found} is newer than {VERSION}, the newest this `bench` reads (hint: update bench)"
    )]
    Newer {
        /// The version that the line claims.
        found: u32,
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
    v: u32,
    kind: String,
}

impl Record {
    /// The record as one line of JSON, newline included.
    ///
    /// # Errors
    /// Only when a map key cannot be JSON, which none of the record types can produce.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        // Spliced rather than flattened: `v` and `kind` come first whatever the body is, and a body
        // that had a field of the same name would not silently lose it.
        fn line<T: Serialize>(kind: Kind, body: &T) -> Result<String, serde_json::Error> {
            let kind = serde_json::to_string(&kind)?;
            let body = serde_json::to_string(body)?;
            let fields = body.strip_prefix('{').unwrap_or(&body);
            Ok(format!("{{\"v\":{VERSION},\"kind\":{kind},{fields}\n"))
        }
        match self {
            Self::Run(body) => line(Kind::Run, body),
            Self::Example(body) => line(Kind::Example, body),
            Self::Sample(body) => line(Kind::Sample, body),
            Self::Resume(body) => line(Kind::Resume, body),
            Self::End(body) => line(Kind::End, body),
        }
    }

    /// Reads one line.
    ///
    /// # Errors
    /// [`RecordError::Newer`] before anything else is looked at, so that a newer format is never
    /// reported as a damaged file.
    pub fn from_line(line: &str) -> Result<Self, RecordError> {
        let header: Header = serde_json::from_str(line)?;
        if header.v > VERSION {
            return Err(RecordError::Newer { found: header.v });
        }
        Ok(match header.kind.as_str() {
            "run" => Self::Run(serde_json::from_str(line)?),
            "example" => Self::Example(serde_json::from_str(line)?),
            "sample" => Self::Sample(serde_json::from_str(line)?),
            "resume" => Self::Resume(serde_json::from_str(line)?),
            "end" => Self::End(serde_json::from_str(line)?),
            other => return Err(RecordError::UnknownKind(other.to_owned())),
        })
    }
}
