//! The one table of keys: what `scenario.toml` may hold, where, and why.
//!
//! The reader ([`super::wire`]) refuses what is not here, `bench schema` is made of it, and the reference in
//! `docs/SCENARIOS.md` is generated from it, so that the three cannot drift apart.

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Any text.
    Text,
    /// Text with placeholders.
    Template,
    /// A name that is safe in file names and after `--set`.
    Name,
    /// The name of an environment variable.
    EnvName,
    /// A path below one of the runner's directories.
    CachePath,
    /// A glob pattern.
    Glob,
    /// A regular expression.
    Regex,
    /// `10s`, `5m`, `500ms`.
    Duration,
    /// Dotted numbers.
    Version,
    /// `20MB`, `1GiB`, or a number of bytes.
    Size,
    /// `5%`, or a number from 0 to 1.
    Ratio,
    /// A number greater than 0.
    Factor,
    /// A port that needs no privilege.
    Port,
    /// `true` or `false`.
    Bool,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Text, a number or a boolean.
    Scalar,
    /// A list.
    List(&'static Shape),
    /// A list with at least one item.
    Filled(&'static Shape),
    /// One item, or a list with at least one.
    OneOrMore(&'static Shape),
    /// Program and arguments; with `shell = true`, text.
    Run,
    /// A table of variables to templates.
    Variables,
    /// A table of params to one or more values.
    When,
    /// A table of platforms to packages, and `note`.
    Install,
    /// A table of params: each a list of values or this table.
    Params(&'static TableShape),
    /// A table.
    Table(&'static TableShape),
    /// An array of tables.
    Tables(&'static TableShape),
    /// A table of named tables.
    Named(&'static TableShape),
}

/// A key of a table.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    /// What holds without it, as prose; empty when it is required or simply absent.
    pub(crate) default: &'static str,
    /// What it is for.
    pub(crate) doc: &'static str,
}

/// How many keys of a group a table must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// Exactly one.
    One,
    /// None or one.
    AtMostOne,
    /// One or more.
    AtLeastOne,
}

/// Keys of which a table needs a certain number.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) count: Count,
    pub(crate) keys: &'static [&'static str],
}

/// A table.
#[derive(Debug)]
pub(crate) struct TableShape {
    /// As messages and the reference write it: `[[cache]]`.
    pub(crate) title: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [Key],
    pub(crate) groups: &'static [Group],
    /// `(a, b)`: who has `a` needs `b`.
    pub(crate) needs: &'static [(&'static str, &'static str)],
    pub(crate) example: &'static str,
}

impl TableShape {
    /// The key of that name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// Names of extraction formats with what they stand for.
pub(crate) const FORMATS: &[&str] = &[
    "junit",
    "tsv",
    "csv",
    "libtest-json",
    "nox-report",
    "ninja-log",
    "cargo-timings",
    "jest-json",
    "go-test-json",
    "lines",
];

/// Platforms and package managers that `install` may name.
pub(crate) const PLATFORMS: &[&str] = &[
    "alpine", "arch", "cargo", "debian", "fedora", "go", "macos", "npm", "pip", "rustup", "uv",
    "venv", "windows",
];
