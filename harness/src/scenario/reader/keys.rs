//! How a table of the file declares its keys.
//!
//! The reader refuses every other key, `bench schema` is made of these declarations, and the reference in
//! `docs/SCENARIOS.md` is generated from them, so that the three cannot drift apart.

use crate::formats::extract::FormatInfo;

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
    /// A path inside one of the runner's directories.
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
    /// One of these formats of reports.
    Format(&'static [FormatInfo]),
    /// A table of these platforms to packages, and `note`.
    Install(&'static [&'static str]),
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
    /// What applies without it, as prose; empty when it is required or simply absent.
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

/// A table: its keys, and how many of them it needs.
#[derive(Debug)]
pub(crate) struct TableShape {
    /// How messages and the reference call it: `[[cache]]`.
    pub(crate) title: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [Key],
    pub(crate) groups: &'static [Group],
    /// `(a, b)`: a table that has `a` needs `b` too.
    pub(crate) needs: &'static [(&'static str, &'static str)],
    pub(crate) example: &'static str,
}

impl TableShape {
    /// The key of that name.
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// A key that every such table has.
pub(crate) const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Key {
    Key { name, shape, required: true, default: "", doc }
}

/// A key that may be left out; `default` says what applies then.
pub(crate) const fn optional(
    name: &'static str,
    shape: Shape,
    default: &'static str,
    doc: &'static str,
) -> Key {
    Key { name, shape, required: false, default, doc }
}

/// Exactly one of these keys.
pub(crate) const fn one_of(keys: &'static [&'static str]) -> Group {
    Group { count: Count::One, keys }
}

/// The words of a table of words and values, for [`Shape::Choice`].
pub(crate) const fn words_of<T, const N: usize>(
    table: &[(&'static str, T); N],
) -> [&'static str; N] {
    let mut words = [""; N];
    let mut at = 0;
    while at < N {
        words[at] = table[at].0;
        at += 1;
    }
    words
}

/// The word for a value of such a table.
pub(crate) fn word_of<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    table.iter().find(|(_, known)| known == value).map_or("", |(word, _)| word)
}
