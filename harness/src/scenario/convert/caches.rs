//! The declared caches, none of which may reach out of its root or into another.

use std::path::PathBuf;

use super::value::{Context, GlobKind, Place, all};
use crate::scenario::model::{CacheSpec, Root, Transport, When};
use crate::scenario::report::Text;
use crate::scenario::template::{Placeholder, Template};
use crate::scenario::wire::Fields;
use crate::scenario::words::printable;

/// The declared caches.
pub(super) fn caches(context: &Context<'_, '_>, file: &Fields<'_, '_>) -> Option<Vec<CacheSpec>> {
    let tables = file.tables("cache");
    context.unique("caches", &tables);
    let caches: Vec<Option<CacheSpec>> = tables
        .iter()
        .map(|cache| {
            let name = cache.text("name").and_then(|name| context.name(&name));
            let path = cache.text("path").and_then(|path| cache_path(context, &path));
            let env = match cache.get("env") {
                Some(_) => cache.text("env").and_then(|env| context.env_name(&env)).map(Some),
                None => Some(None),
            };
            let when = context.when(cache);
            let transport = match cache.get("transport") {
                Some(_) => cache.text("transport").and_then(|text| {
                    context.choice(
                        &text,
                        &[("directory", Transport::Directory), ("archive", Transport::Archive)],
                    )
                }),
                None => Some(Transport::default()),
            };
            let exclude = context.optional_globs(cache, "exclude", GlobKind::Path);
            let (root, path) = path?;
            Some(CacheSpec {
                name: name?,
                root,
                path,
                env: env?,
                when: when?,
                transport: transport?,
                exclude: exclude?,
            })
        })
        .collect();
    let mut good = true;
    for (at, one) in caches.iter().enumerate() {
        for other in caches[..at].iter().flatten() {
            let Some(one) = one else { continue };
            let overlap = one.root == other.root
                && (one.path.starts_with(&other.path) || other.path.starts_with(&one.path));
            if overlap && !exclusive(&one.when, &other.when) {
                let span = tables[at].text("path").map_or(0..0, |path| path.span);
                context.report.problem(
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

/// Whether two conditions can never hold together.
pub(super) fn exclusive(one: &When, other: &When) -> bool {
    one.0.iter().any(|(param, values)| {
        other.0.get(param).is_some_and(|others| values.iter().all(|v| !others.contains(v)))
    })
}

/// `{root}/rest`, where the rest has only normal components: what is emptied lies beneath the root.
fn cache_path(context: &Context<'_, '_>, text: &Text<'_>) -> Option<(Root, PathBuf)> {
    const HINT: &str = "a path such as `{cache}/NAME`, beneath `{workspace}`, `{home}` or `{cache}`; what is declared here is emptied";
    let refuse = |message: String| {
        context.report.problem(text.span.clone(), message, HINT.to_owned());
        None
    };
    let shown = printable(text.value);
    let template = context.template(text, Place::Elsewhere)?;
    let holes: Vec<&Placeholder> = template.placeholders().collect();
    let root = match holes.first() {
        Some(Placeholder::Workspace) => Root::Workspace,
        Some(Placeholder::Home) => Root::Home,
        Some(Placeholder::Cache) => Root::Cache,
        _ => return refuse(format!("cache path `{shown}` is beneath none of its roots")),
    };
    if holes.len() > 1 {
        return refuse(format!("cache path `{shown}` has more than one placeholder"));
    }
    let rest = literal_after_root(&template, text.value, root);
    let Some(rest) = rest else {
        return refuse(format!("cache path `{shown}` does not begin with its root"));
    };
    let rest = rest.strip_suffix('/').unwrap_or(&rest);
    let Some(rest) = rest.strip_prefix('/').filter(|rest| !rest.is_empty()) else {
        return refuse(format!("cache path `{shown}` is its root itself"));
    };
    for part in rest.split('/') {
        let wrong = match part {
            "" => "an empty component",
            "." | ".." => "a component that leaves its directory",
            _ if part.starts_with('~') => "a `~`, which nothing expands",
            // On Windows these separate components or name drives and streams.
            _ if part.contains(|c: char| c == '\\' || c == ':' || c.is_control()) => {
                "a `\\`, `:` or control character"
            }
            _ => continue,
        };
        return refuse(format!("cache path `{shown}` has {wrong}"));
    }
    Some((root, rest.split('/').collect()))
}

/// What stands after the root at the very beginning, with `{{` as `{`.
fn literal_after_root(template: &Template, text: &str, root: Root) -> Option<String> {
    let name = match root {
        Root::Workspace => "{workspace}",
        Root::Home => "{home}",
        Root::Cache => "{cache}",
    };
    if !text.starts_with(name) {
        return None;
    }
    template.expand(&|_| Some(String::new())).ok()
}
