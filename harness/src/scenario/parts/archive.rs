//! `[[archive]]`: which caches are saved and restored together.

use std::collections::{BTreeMap, BTreeSet};

use super::cache::{CacheSpec, Transport};
use super::context::Context;
use crate::scenario::condition::When;
use crate::scenario::reader::{Fields, Shape, TableShape, Text, all, required};
use crate::scenario::words::printable;
use crate::scenario::writer::{Writer, list};

/// `[[archive]]`
pub(super) static ARCHIVE: TableShape = TableShape {
    title: "[[archive]]",
    doc: "Caches that CI saves and restores by one step, as one archive. Hard links between them are kept, and a file that several of them hold is moved once; in archives of their own it is moved with each.",
    keys: &[
        required("name", Shape::Name, "Its name in file names and messages."),
        required(
            "caches",
            Shape::Filled(&Shape::Name),
            "Two or more caches by name, with the same `transport`. Those that are not active are left out.",
        ),
        Context::WHEN,
    ],
    groups: &[],
    needs: &[],
    example: "[[archive]]\nname = \"python\"\ncaches = [\"uv\", \"nox\"]\nwhen = { archive = \"one\" }",
};

/// Caches that are saved and restored together, in one archive.
#[derive(Clone, Debug, PartialEq)]
pub struct ArchiveSpec {
    /// Name.
    pub name: String,
    /// Its caches by name, in the order of the file; all have one transport.
    pub caches: Vec<String>,
    /// When it is active; otherwise each cache has an archive of its own.
    pub when: When,
}

/// What is saved as one archive: several caches, or, most often, one.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// Name of the archive.
    pub name: String,
    /// Its caches, in the order of the file; never empty. What is counted once (size and times of the
    /// archive, bytes of a file that several name by hard links) is counted for the first.
    pub caches: Vec<CacheSpec>,
}

impl Bundle {
    /// How it reaches the same runner again: all its caches agree.
    pub fn transport(&self) -> Transport {
        self.caches.first().map_or_else(Transport::default, |cache| cache.transport)
    }
}

/// The caches that are active under `params`, by archive, in the order of their first caches.
pub(super) fn bundles(
    caches: &[CacheSpec],
    archives: &[ArchiveSpec],
    params: &BTreeMap<String, String>,
) -> Vec<Bundle> {
    let mut bundles: Vec<Bundle> = Vec::new();
    for cache in caches.iter().filter(|cache| cache.when.holds(params)) {
        let shared = archives
            .iter()
            .find(|archive| archive.when.holds(params) && archive.caches.contains(&cache.name));
        let name = shared.map_or(&cache.name, |archive| &archive.name);
        match bundles.iter_mut().find(|bundle| bundle.name == *name) {
            Some(bundle) => bundle.caches.push(cache.clone()),
            None => bundles.push(Bundle { name: name.clone(), caches: vec![cache.clone()] }),
        }
    }
    bundles
}

/// The archives of several caches; `caches` is absent when they could not be read.
pub(super) fn read(
    context: &Context<'_, '_>,
    file: &Fields<'_, '_>,
    caches: Option<&[CacheSpec]>,
) -> Option<Vec<ArchiveSpec>> {
    let tables = file.tables("archive");
    context.unique("archives", &tables);
    for name in tables.iter().filter_map(|table| table.text("name")) {
        let same = |cache: &&CacheSpec| cache.name.eq_ignore_ascii_case(name.value);
        if let Some(cache) = caches.unwrap_or_default().iter().find(same) {
            let (shown, cache) = (printable(name.value), &cache.name);
            context.diagnostics.problem(
                name.span.clone(),
                format!("archive `{shown}` has the name of cache `{cache}`"),
                "a cache of that name has an archive of that name when it is alone".to_owned(),
            );
        }
    }
    let archives: Vec<Option<ArchiveSpec>> = tables
        .iter()
        .map(|archive| {
            let name = archive.name("name");
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
                && !one.when.excludes(&other.when)
            {
                let span = tables[at].get("caches").map_or(0..0, toml::Spanned::span);
                let (first, second) = (&other.name, &one.name);
                context.diagnostics.problem(
                    span,
                    format!("cache `{shared}` is in archive `{first}` and in archive `{second}`"),
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
    // What is wrong with the caches has been reported.
    let caches = caches?;
    let known: Vec<String> = caches.iter().map(|cache| cache.name.clone()).collect();
    let mut wanted = BTreeSet::new();
    for name in names {
        let found = context.reference("cache", Some(name.clone()), &known)?;
        if !wanted.insert(found) {
            let message = format!("cache `{}` is named twice", printable(name.value));
            context.diagnostics.problem(name.span.clone(), message, None);
            return None;
        }
    }
    let span = names.first().map_or(0..0, |name| name.span.clone());
    if wanted.len() < 2 {
        context.diagnostics.problem(
            span,
            "an archive of one cache",
            "name two or more; a cache that no archive names has an archive of its own".to_owned(),
        );
        return None;
    }
    let members: Vec<&CacheSpec> =
        caches.iter().filter(|cache| wanted.contains(&cache.name)).collect();
    if let Some(other) = members.iter().find(|cache| cache.transport != members[0].transport) {
        context.diagnostics.problem(
            span,
            format!("caches `{}` and `{}` have different transports", members[0].name, other.name),
            "caches of one archive are restored together, or stay together".to_owned(),
        );
        return None;
    }
    Some(members.into_iter().map(|cache| cache.name.clone()).collect())
}

pub(super) fn write(writer: &mut Writer<'_>, archives: &[ArchiveSpec]) {
    for archive in archives {
        let caches: Vec<&String> =
            archive.caches.iter().filter(|name| writer.has("cache", name)).collect();
        // With one cache left there is nothing to put together.
        if !writer.holds(&archive.when) || caches.len() < 2 {
            continue;
        }
        writer.header("[[archive]]");
        writer.string("name", &archive.name);
        writer.line("caches", list(caches));
        writer.when(&archive.when);
    }
}
