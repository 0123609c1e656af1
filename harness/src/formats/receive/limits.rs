//! What an artifact may be at most. Far above what runs are, far below what hurts.

/// Upper limits of an artifact and of the run in it.
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
