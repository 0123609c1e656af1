//! What is wrong with a report, and where.

use std::fmt;

/// Largest report that is read, in bytes.
pub const MAX_BYTES: u64 = 64 << 20;

/// A place in a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// A line, from 1.
    Line(u64),
    /// A line and a column, from 1.
    LineColumn(u64, u64),
    /// A byte offset, from 0.
    Byte(u64),
    /// A unit in the order of the report, from 1.
    Unit(u64),
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::LineColumn(line, column) => write!(f, "line {line}, column {column}"),
            Self::Byte(offset) => write!(f, "byte {offset}"),
            Self::Unit(number) => write!(f, "unit {number}"),
        }
    }
}

/// Why no times could be read.
#[derive(Debug, thiserror::Error)]
pub enum ExtractError {
    /// The report could not be read to its end.
    #[error("cannot read report `{file}`")]
    Read {
        /// The report.
        file: String,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// It is larger than [`MAX_BYTES`].
    #[error(
        "report `{file}` is larger than {} MiB (hint: leave captured output out of it)",
        MAX_BYTES >> 20
    )]
    TooLarge {
        /// The report.
        file: String,
    },
    /// It is not what its format demands.
    #[error("report `{file}`, {at}: {message}")]
    Malformed {
        /// The report.
        file: String,
        /// The place.
        at: Position,
        /// What is wrong there.
        message: String,
    },
}

/// [`ExtractError::Malformed`] before the file's name is known.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) at: Position,
    pub(crate) message: String,
}

impl Malformed {
    pub(crate) fn new(at: Position, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// What a JSON reader found wrong; `line` is added to its own line number.
    pub(crate) fn json(error: &serde_json::Error, line: u64) -> Self {
        let at = Position::LineColumn(line + error.line() as u64, error.column() as u64);
        let text = error.to_string();
        // The place is in front of the message already.
        let message = text.split(" at line ").next().unwrap_or(&text);
        Self::new(at, message)
    }
}
