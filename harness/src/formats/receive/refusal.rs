//! What an artifact may be at most, and why one is refused.

use std::path::PathBuf;

use bench_record::ReadError;

/// Upper limits of an artifact and of the run in it: far above what runs are, far below what hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the archive, and of the records in it.
    pub bytes: u64,
    /// Planned blocks; the same limit that `bench run --blocks` has.
    pub blocks: u32,
    /// Samples.
    pub samples: usize,
    /// Example times, all samples together.
    pub examples: usize,
    /// Characters of one text.
    pub text: usize,
    /// Entries of one list or map.
    pub entries: usize,
    /// Levels of nesting of one line; records have 5.
    pub depth: usize,
    /// Nanoseconds of one time: two days.
    pub time_ns: u64,
    /// Bytes of one size: 16 TiB.
    pub size_bytes: u64,
    /// Any other count.
    pub count: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            blocks: 1_000,
            samples: 4_000,
            examples: 50_000,
            text: 4_096,
            entries: 4_096,
            depth: 12,
            time_ns: 2 * 24 * 3_600 * 1_000_000_000,
            size_bytes: 16 << 40,
            count: 1_000_000_000_000,
        }
    }
}

/// Why an artifact is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// It cannot be read at all.
    #[error("cannot read the artifact `{}`", path.display())]
    Io {
        /// The artifact.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// It is not an archive that can be read.
    #[error("the artifact `{}` is not a zip archive that can be read", path.display())]
    Archive {
        /// The artifact.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: zip::result::ZipError,
    },
    /// It contains something else, or more, than the records.
    #[error(
        "the artifact contains {found}; expected one regular file `records.ndjson` and nothing else"
    )]
    Shape {
        /// What was found, with foreign text made harmless.
        found: String,
    },
    /// It is larger than allowed.
    #[error("{what}: more than {limit} bytes (hint: `--max-bytes` allows more)")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Bytes that are allowed.
        limit: u64,
    },
    /// A value that no run has.
    #[error("line {line}: {what}")]
    Value {
        /// Line of the records, from 1.
        line: usize,
        /// Which value, with foreign text made harmless, and the limit.
        what: String,
    },
    /// The records cannot be read, those of a newer version among them.
    #[error("the records of the artifact cannot be used")]
    Records(#[source] ReadError),
    /// The records contradict what is known from elsewhere, or themselves.
    #[error("the records of the artifact {0}")]
    Contradiction(String),
}
