//! What a detector found: the parts of a scenario, and what it could not find out.

/// One way in which the project is built or tested.
#[derive(Clone, Debug, Default)]
pub struct Detected {
    /// The tool, by its usual name.
    pub what: &'static str,
    /// The file that says so.
    pub because: String,
    /// `[tools]`, `[[phase]]`, `[examples]` and `[[probe]]`, as TOML.
    pub(super) parts: String,
    /// Variables of every command.
    pub(super) env: Vec<(&'static str, &'static str)>,
    /// What CI would save.
    pub(super) caches: Vec<ProposedCache>,
    /// More files that the scenario ships.
    pub(super) files: Vec<(&'static str, &'static str)>,
    /// What to check or fill in, one sentence each.
    pub unknown: Vec<String>,
}

/// A cache that the scenario will declare.
#[derive(Clone, Debug)]
pub(super) struct ProposedCache {
    pub(super) name: String,
    pub(super) path: String,
    /// The variable that points the tool to it.
    pub(super) env: Option<&'static str>,
    /// Where the tool has it without that variable, as CI caches name it.
    pub(super) usual: &'static [&'static str],
    /// Why it is there, for a comment.
    pub(super) why: String,
}

impl ProposedCache {
    pub(super) fn new(name: &str, path: &str, why: &str) -> Self {
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            env: None,
            usual: &[],
            why: why.to_owned(),
        }
    }

    pub(super) fn env(self, variable: &'static str, usual: &'static [&'static str]) -> Self {
        Self { env: Some(variable), usual, ..self }
    }
}
