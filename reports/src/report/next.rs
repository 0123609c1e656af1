//! What a report says is to be done: filled in by whoever knows what the scenario declares.

/// What to do with the caches of a run, as `bench recipe` has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// The advice in a few words.
    pub advice: &'static str,
    /// Why, with the figures: a clause without a full stop.
    pub reason: String,
    /// Each cache of the run.
    pub caches: Vec<NextCache>,
    /// Variables of a job as YAML: those of the run, those that point to its caches, and the remedies that are
    /// variables. `None` where there is no use for them yet.
    pub variables: Option<String>,
    /// What should be known besides, a sentence each.
    pub remarks: Vec<String>,
}

/// One cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextCache {
    /// Its name.
    pub name: String,
    /// As the scenario declares it: `{cache}/ccache`.
    pub declared: Option<String>,
    /// As a workflow names it; `None` where that is not known or not safe.
    pub path: Option<String>,
    /// Files, the most of a cold sample.
    pub files: Option<u64>,
    /// Bytes, the most of a cold sample.
    pub bytes: Option<u64>,
    /// Bytes of its archive, the most of a cold sample.
    pub archive_bytes: Option<u64>,
    /// The cache whose archive holds this one, too; `None` where it has an archive of its own.
    pub archived_with: Option<String>,
    /// Caches that its own archive holds, itself included.
    pub archived: usize,
    /// Whether to cache it, in words.
    pub advice: String,
}
