//! `[[cache]]`: what CI would save and restore. None may reach out of its root or into another.

use std::path::PathBuf;

use super::context::{Context, TemplatePlace};
use crate::scenario::condition::When;
use crate::scenario::globs::{GlobKind, Globs};
use crate::scenario::reader::{
    Fields, Shape, TableShape, Text, all, optional, required, word_of, words_of,
};
use crate::scenario::template::{Placeholder, Template};
use crate::scenario::words::printable;
use crate::scenario::writer::{Writer, forward};

const TRANSPORTS: [(&str, Transport); 2] =
    [("directory", Transport::Directory), ("archive", Transport::Archive)];
const TRANSPORT_WORDS: &[&str] = &words_of(&TRANSPORTS);
const ROOTS: [(&str, Root); 3] =
    [("{workspace}", Root::Workspace), ("{home}", Root::Home), ("{cache}", Root::Cache)];

/// `[[cache]]`
pub(super) static CACHE: TableShape = TableShape {
    title: "[[cache]]",
    doc: "A directory that CI would save and restore. Declared ones are emptied for a cold sample, kept or restored for a warm one; everything else that a sample leaves behind is removed. Two caches that can be active together may not overlap.",
    keys: &[
        required("name", Shape::Name, "Its name in reports."),
        required(
            "path",
            Shape::CachePath,
            "A path inside `{workspace}`, `{home}` or `{cache}`; anything else is refused, because it is emptied.",
        ),
        optional("env", Shape::EnvName, "none", "The variable that points the tool to it."),
        Context::WHEN,
        optional(
            "transport",
            Shape::Choice(TRANSPORT_WORDS),
            "`directory`",
            "How it reaches the same runner again: left in place, or saved to and restored from an archive. For another runner it is always an archive.",
        ),
        optional(
            "exclude",
            Shape::List(&Shape::Glob),
            "none",
            "Paths inside it that are not saved.",
        ),
    ],
    groups: &[],
    needs: &[],
    example: "[[cache]]\nname = \"ccache\"\npath = \"{cache}/ccache\"\nenv = \"CCACHE_DIR\"\nwhen = { launcher = \"ccache\" }\ntransport = \"archive\"\nexclude = [\"tmp/**\"]",
};

/// A declared cache.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheSpec {
    /// Name.
    pub name: String,
    /// The directory of the runner that it is in.
    pub root: Root,
    /// Path inside `root`: relative, not empty, only normal components.
    pub path: PathBuf,
    /// Variable that points a tool to it.
    pub env: Option<String>,
    /// When it is active.
    pub when: When,
    /// How it reaches the same runner again; cross-runner is always an archive.
    pub transport: Transport,
    /// Paths inside the cache that are not saved.
    pub exclude: Globs,
}

/// The directory of the runner that a cache is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Root {
    /// `{workspace}`
    Workspace,
    /// `{home}`
    Home,
    /// `{cache}`
    Cache,
}

/// How a cache reaches the same runner again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// It stays where it is.
    #[default]
    Directory,
    /// Saved to and restored from an archive, as for another runner.
    Archive,
}

pub(super) fn read(context: &Context<'_, '_>, file: &Fields<'_, '_>) -> Option<Vec<CacheSpec>> {
    let tables = file.tables("cache");
    context.unique("caches", &tables);
    let caches: Vec<Option<CacheSpec>> = tables.iter().map(|table| cache(context, table)).collect();
    let mut good = true;
    for (at, one) in caches.iter().enumerate() {
        for other in caches[..at].iter().flatten() {
            let Some(one) = one else { continue };
            let overlap = one.root == other.root
                && (one.path.starts_with(&other.path) || other.path.starts_with(&one.path));
            if overlap && !one.when.excludes(&other.when) {
                let span = tables[at].text("path").map_or(0..0, |path| path.span);
                context.diagnostics.problem(
                    span,
                    format!("cache `{}` overlaps cache `{}`", one.name, other.name),
                    "two caches active together need paths of their own, else one is saved and emptied with the other".to_owned(),
                );
                good = false;
            }
        }
    }
    if good { all(caches.into_iter()) } else { None }
}

fn cache(context: &Context<'_, '_>, cache: &Fields<'_, '_>) -> Option<CacheSpec> {
    let diagnostics = context.diagnostics;
    let name = cache.name("name");
    let path = cache.text("path").and_then(|text| cache_path(context, &text));
    let env = cache.optional_text("env", |env| diagnostics.env_name(&env));
    let when = context.when(cache);
    let transport = cache.optional_text("transport", |text| diagnostics.choice(&text, &TRANSPORTS));
    let exclude = cache.or_default("exclude", || {
        Globs::compile(diagnostics, &cache.texts("exclude")?, GlobKind::Path)
    });
    let (root, path) = path?;
    Some(CacheSpec {
        name: name?,
        root,
        path,
        env: env?,
        when: when?,
        transport: transport?.unwrap_or_default(),
        exclude: exclude?,
    })
}

/// `{root}/rest`, where the rest has only normal components: what is emptied is inside the root.
fn cache_path(context: &Context<'_, '_>, text: &Text<'_>) -> Option<(Root, PathBuf)> {
    const HINT: &str = "a path such as `{cache}/NAME`, inside `{workspace}`, `{home}` or `{cache}`; what is declared here is emptied";
    let shown = printable(text.value);
    let refuse = |what: &str| {
        let message = format!("cache path `{shown}` {what}");
        context.diagnostics.problem(text.span.clone(), message, HINT.to_owned());
        None
    };
    let template = context.template(text, TemplatePlace::Elsewhere)?;
    let placeholders: Vec<&Placeholder> = template.placeholders().collect();
    let root = match placeholders.first() {
        Some(Placeholder::Workspace) => Root::Workspace,
        Some(Placeholder::Home) => Root::Home,
        Some(Placeholder::Cache) => Root::Cache,
        _ => return refuse("is not inside any of its roots"),
    };
    if placeholders.len() > 1 {
        return refuse("has more than one placeholder");
    }
    let Some(rest) = literal_after_root(&template, root) else {
        return refuse("does not begin with its root");
    };
    let rest = rest.strip_suffix('/').unwrap_or(&rest);
    let Some(rest) = rest.strip_prefix('/').filter(|rest| !rest.is_empty()) else {
        return refuse("is its root itself");
    };
    for part in rest.split('/') {
        let wrong = match part {
            "" => "has an empty component",
            "." | ".." => "has a component that leaves its directory",
            _ if part.starts_with('~') => "has a `~`, which nothing expands",
            // On Windows these separate components or name drives and streams.
            _ if part.contains(|c: char| c == '\\' || c == ':' || c.is_control()) => {
                "has a `\\`, `:` or control character"
            }
            _ => continue,
        };
        return refuse(wrong);
    }
    Some((root, rest.split('/').collect()))
}

/// The text after a root at the very beginning, with `{{` as `{`.
fn literal_after_root(template: &Template, root: Root) -> Option<String> {
    if !template.as_str().starts_with(word_of(&ROOTS, &root)) {
        return None;
    }
    template.expand(&|_| Some(String::new())).ok()
}

pub(super) fn write(writer: &mut Writer<'_>, caches: &[CacheSpec]) {
    for cache in caches {
        if !writer.holds(&cache.when) {
            continue;
        }
        let rest = forward(&cache.path).replace('{', "{{").replace('}', "}}");
        writer.header("[[cache]]");
        writer.string("name", &cache.name);
        writer.string("path", &format!("{}/{rest}", word_of(&ROOTS, &cache.root)));
        writer.optional_string("env", cache.env.as_deref());
        writer.when(&cache.when);
        writer.string("transport", word_of(&TRANSPORTS, &cache.transport));
        writer.globs("exclude", &cache.exclude);
    }
}
