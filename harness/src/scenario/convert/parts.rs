//! The parts that say what there is: title, source, params, tools, environment, caches.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::de::DeValue;

use super::value::{Context, GlobKind, Place, all, is_name};
use crate::scenario::keys::{PARAM, PLATFORMS};
use crate::scenario::model::{
    CacheSpec, EnvCase, EnvSpec, Param, Root, Source, ToolSpec, Transport, When,
};
use crate::scenario::template::{Placeholder, Template};
use crate::scenario::units;
use crate::scenario::wire::{Entry, Fields, Text, nearest, printable};

/// Title, analysis and the other folders that are used.
pub(super) fn about(file: &Fields<'_, '_>, dir: &Path) -> Option<(String, String, Vec<PathBuf>)> {
    let about = file.table("scenario")?;
    let report = about.report;
    let title = about.text("title").filter(|title| {
        let good = !title.value.trim().is_empty() && !title.value.contains(['\n', '\r']);
        if !good {
            report.problem(title.span.clone(), "`title` is not one line of text", None);
        }
        good
    });
    let analysis = match about.get("analysis") {
        Some(_) => about.text("analysis").map(|text| text.value.to_owned()),
        None => Some(String::new()),
    };
    let uses = match about.get("uses") {
        Some(_) => about.texts("uses").and_then(|uses| {
            all(uses.iter().map(|used| {
                let path = Path::new(used.value);
                let hint = if path.is_absolute() || used.value.starts_with('~') {
                    Some("write it relative to the scenario's folder")
                } else if !dir.join(path).is_dir() {
                    Some("it must be a folder that exists, relative to the scenario's own")
                } else {
                    return Some(path.to_owned());
                };
                report.problem(
                    used.span.clone(),
                    format!("`uses` names `{}`, which is no such folder", printable(used.value)),
                    hint.map(str::to_owned),
                );
                None
            }))
        }),
        None => Some(Vec::new()),
    };
    Some((title?.value.to_owned(), analysis?, uses?))
}

/// Where the source tree comes from.
pub(super) fn source(file: &Fields<'_, '_>, dir: &Path) -> Option<Source> {
    let report = file.report;
    let Some(source) = (match file.get("source") {
        Some(_) => Some(file.table("source")?),
        None => None,
    }) else {
        return shipped(file, dir);
    };
    let keys = (source.get("path").is_some(), source.get("git").is_some());
    let path = source.text("path");
    let git = source.text("git");
    let rev = source.text("rev");
    let mut good = true;
    for text in [&path, &git, &rev].into_iter().flatten() {
        if text.value.trim().is_empty() || text.value.starts_with('-') {
            report.problem(
                text.span.clone(),
                format!("`{}` names no source", printable(text.value)),
                "neither empty nor an option".to_owned(),
            );
            good = false;
        }
    }
    if !good {
        return None;
    }
    match keys {
        (true, _) => Some(Source::Path(dir.join(path?.value))),
        (false, true) => {
            Some(Source::Git { url: git?.value.to_owned(), rev: rev?.value.to_owned() })
        }
        (false, false) => shipped(&source, dir),
    }
}

fn shipped(at: &Fields<'_, '_>, dir: &Path) -> Option<Source> {
    if dir.join("workspace").is_dir() {
        return Some(Source::Shipped);
    }
    at.report.absence(
        at.span.clone(),
        "there is no source: no `[source]` with `path` or `git`, and no folder `workspace` beside this file",
        "put the files into `workspace/`, or name where they come from".to_owned(),
    );
    None
}

/// The params. What is wrong with one is reported, and its name known all the same.
pub(super) fn params(file: &Fields<'_, '_>) -> Vec<Param> {
    let report = file.report;
    if file.get("params").is_none() {
        return Vec::new();
    }
    let entries = file.entries("params").unwrap_or_default();
    let mut params = Vec::new();
    for (name, value) in entries {
        if !is_name(name.value) {
            report.problem(
                name.span.clone(),
                format!("`{}` is no name", printable(name.value)),
                "letters, digits, `-`, `_`, `.` and `+`".to_owned(),
            );
        }
        let (items, open) = match value.get_ref() {
            DeValue::Array(_) => (Some(value), false),
            DeValue::Table(_) => match report.fields(value, &PARAM) {
                Some(table) => {
                    let open = table.bool("open").unwrap_or(false);
                    (table.get("values"), open)
                }
                None => (None, false),
            },
            _ => {
                report.problem(
                    value.span(),
                    format!("param `{}` is no list of values", printable(name.value)),
                    format!(
                        "write `{} = [...]`; the first value is the default",
                        printable(name.value)
                    ),
                );
                (None, false)
            }
        };
        let values = items.and_then(|items| values(file, name.value, items));
        params.push(Param {
            name: name.value.to_owned(),
            // Without known values, do not complain about those that `when` names.
            open: open || values.is_none(),
            values: values.unwrap_or_default(),
        });
    }
    params
}

fn values(
    file: &Fields<'_, '_>,
    name: &str,
    value: &toml::Spanned<DeValue<'_>>,
) -> Option<Vec<String>> {
    let report = file.report;
    let Some(items) = value.get_ref().as_array() else {
        report.wrong_type(value, "a list of values");
        return None;
    };
    if items.is_empty() {
        report.problem(
            value.span(),
            format!("param `{}` has no value", printable(name)),
            "the first value of the list is the default".to_owned(),
        );
        return None;
    }
    let mut seen = BTreeSet::new();
    all(items.iter().map(|item| {
        let item = report.scalar(item)?;
        let wrong = if item.value.is_empty() {
            Some("an empty value")
        } else if item.value.contains(|c: char| c == ',' || c.is_control()) {
            Some("a value with a comma or a control character, which `--set` could not name")
        } else if !seen.insert(item.value.clone()) {
            Some("the same value twice")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            let message = format!("param `{}` has {wrong}", printable(name));
            report.problem(item.span, message, None);
            return None;
        }
        Some(item.value)
    }))
}

/// The required tools.
pub(super) fn tools(
    context: &Context<'_, '_>,
    file: &Fields<'_, '_>,
    dir: &Path,
) -> Option<Vec<ToolSpec>> {
    if file.get("tools").is_none() {
        return Some(Vec::new());
    }
    let entries = file.entries("tools")?;
    all(entries.iter().map(|entry| tool(context, entry, dir)))
}

fn tool(context: &Context<'_, '_>, entry: &Entry<'_, '_>, dir: &Path) -> Option<ToolSpec> {
    let (name, value) = entry;
    let name = context.name(name);
    let tool = context.report.fields(value, &crate::scenario::keys::TOOL)?;
    let command = |key| match tool.get(key) {
        Some(_) => context.plain_argv(tool.argv(key)).map(Some),
        None => Some(None),
    };
    let number = |key| match tool.get(key) {
        Some(_) => tool.text(key).and_then(|text| version(context, &text)).map(Some),
        None => Some(None),
    };
    let version = command("version");
    let prefix = command("prefix");
    let min = number("min");
    let below = number("below");
    let exists = match tool.get("exists") {
        Some(_) => tool
            .text("exists")
            .and_then(|text| context.plain(&text))
            .map(|text| Some(dir.join(text))),
        None => Some(None),
    };
    let install = install(context, &tool);
    let when = context.when(&tool);
    let (install, note) = install?;
    Some(ToolSpec {
        name: name?,
        version: version?.unwrap_or_default(),
        min: min?,
        below: below?,
        install,
        note,
        prefix: prefix?,
        exists: exists?,
        when: when?,
    })
}

fn version(context: &Context<'_, '_>, text: &Text<'_>) -> Option<String> {
    let good = units::is_version(text.value);
    if !good {
        context.report.problem(
            text.span.clone(),
            format!("`{}` is no version", printable(text.value)),
            "dotted numbers: `5.4`".to_owned(),
        );
    }
    good.then(|| text.value.to_owned())
}

type Install = (BTreeMap<String, Vec<String>>, Option<String>);

fn install(context: &Context<'_, '_>, tool: &Fields<'_, '_>) -> Option<Install> {
    if tool.get("install").is_none() {
        return Some(Install::default());
    }
    let report = context.report;
    let mut note = None;
    let mut packages = BTreeMap::new();
    let mut good = true;
    for (key, value) in tool.entries("install")? {
        if key.value == "note" {
            note = report.text(value).map(|text| text.value.to_owned());
            good &= note.is_some();
            continue;
        }
        if !PLATFORMS.contains(&key.value) {
            report.problem(
                key.span.clone(),
                format!("unknown platform `{}` in `install`", printable(key.value)),
                nearest(key.value, PLATFORMS),
            );
            good = false;
        }
        let Some(items) = value.get_ref().as_array() else {
            report.wrong_type(value, "a list of packages");
            good = false;
            continue;
        };
        let names: Option<Vec<String>> = all(items.iter().map(|item| {
            let text = report.text(item)?;
            // They become arguments of a package manager that may run as root.
            let bad = text.value.is_empty()
                || text.value.starts_with('-')
                || text.value.contains(|c: char| c.is_whitespace() || c.is_control());
            if bad {
                report.problem(
                    text.span,
                    format!("`{}` is no package", printable(text.value)),
                    "one name an item, no options".to_owned(),
                );
            }
            (!bad).then(|| text.value.to_owned())
        }));
        match names {
            Some(names) => {
                packages.insert(key.value.to_owned(), names);
            }
            None => good = false,
        }
    }
    good.then_some((packages, note))
}

/// The environment.
pub(super) fn env(context: &Context<'_, '_>, file: &Fields<'_, '_>) -> Option<EnvSpec> {
    let Some(env) = (match file.get("env") {
        Some(_) => Some(file.table("env")?),
        None => None,
    }) else {
        return Some(EnvSpec::default());
    };
    let pass = match env.get("pass") {
        Some(_) => {
            env.texts("pass").and_then(|texts| all(texts.iter().map(|text| context.env_name(text))))
        }
        None => Some(Vec::new()),
    };
    let set = context.variables(&env, "set", Place::Elsewhere);
    let cases = all(env.tables("case").iter().map(|case| {
        let when = context.when(case);
        let set = context.variables(case, "set", Place::Elsewhere);
        Some(EnvCase { when: when?, set: set? })
    }));
    Some(EnvSpec { pass: pass?, set: set?, cases: cases? })
}

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
fn exclusive(one: &When, other: &When) -> bool {
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
