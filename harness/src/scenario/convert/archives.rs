//! Which caches share an archive.

use std::collections::BTreeSet;

use super::caches::exclusive;
use super::value::{Context, all};
use crate::scenario::model::{ArchiveSpec, CacheSpec};
use crate::scenario::report::Text;
use crate::scenario::wire::Fields;
use crate::scenario::words::printable;

/// The archives of several caches; `caches` is absent when they could not be read.
pub(super) fn archives(
    context: &Context<'_, '_>,
    file: &Fields<'_, '_>,
    caches: Option<&[CacheSpec]>,
) -> Option<Vec<ArchiveSpec>> {
    let tables = file.tables("archive");
    context.unique("archives", &tables);
    for name in tables.iter().filter_map(|table| table.text("name")) {
        let same = |cache: &&CacheSpec| cache.name.eq_ignore_ascii_case(name.value);
        if let Some(cache) = caches.unwrap_or_default().iter().find(same) {
            context.report.problem(
                name.span.clone(),
                format!(
                    "archive `{}` has the name of cache `{}`",
                    printable(name.value),
                    cache.name
                ),
                "a cache of that name has an archive of that name when it is alone".to_owned(),
            );
        }
    }
    let archives: Vec<Option<ArchiveSpec>> = tables
        .iter()
        .map(|archive| {
            let name = archive.text("name").and_then(|name| context.name(&name));
            let names = archive.filled("caches").and_then(|names| members(context, &names, caches));
            let when = context.when(archive);
            Some(ArchiveSpec { name: name?, caches: names?, when: when? })
        })
        .collect();
    let mut good = true;
    for (at, one) in archives.iter().enumerate() {
        for other in archives[..at].iter().flatten() {
            let Some(one) = one else { continue };
            let shared = one.caches.iter().find(|name| other.caches.contains(name));
            if let Some(shared) = shared
                && !exclusive(&one.when, &other.when)
            {
                let span = tables[at].get("caches").map_or(0..0, toml::Spanned::span);
                context.report.problem(
                    span,
                    format!(
                        "cache `{shared}` is in archive `{}` and in archive `{}`",
                        other.name, one.name
                    ),
                    "two archives that can be active together have no cache in common".to_owned(),
                );
                good = false;
            }
        }
    }
    if good { all(archives.into_iter()) } else { None }
}

/// The caches of one archive, in the order in which the file declares them.
fn members(
    context: &Context<'_, '_>,
    names: &[Text<'_>],
    caches: Option<&[CacheSpec]>,
) -> Option<Vec<String>> {
    // What is wrong with the caches has been said.
    let caches = caches?;
    let known: Vec<String> = caches.iter().map(|cache| cache.name.clone()).collect();
    let mut wanted = BTreeSet::new();
    for name in names {
        let found = context.reference("cache", Some(name.clone()), &known)?;
        if !wanted.insert(found) {
            let message = format!("cache `{}` is named twice", printable(name.value));
            context.report.problem(name.span.clone(), message, None);
            return None;
        }
    }
    let span = names.first().map_or(0..0, |name| name.span.clone());
    if wanted.len() < 2 {
        context.report.problem(
            span,
            "an archive of one cache",
            "name two or more; a cache that is named nowhere has an archive of its own".to_owned(),
        );
        return None;
    }
    let members: Vec<&CacheSpec> =
        caches.iter().filter(|cache| wanted.contains(&cache.name)).collect();
    if let Some(other) = members.iter().find(|cache| cache.transport != members[0].transport) {
        context.report.problem(
            span,
            format!("caches `{}` and `{}` have different transports", members[0].name, other.name),
            "caches of one archive are restored together, or stay together".to_owned(),
        );
        return None;
    }
    Some(members.into_iter().map(|cache| cache.name.clone()).collect())
}
