//! The parts that say what there is: title, source, params, environment.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use toml::de::DeValue;

use super::value::{Context, Place, all, is_name};
use crate::scenario::model::{EditSpec, EnvCase, EnvSpec, Param, Refusal, Source};
use crate::scenario::tables::PARAM;
use crate::scenario::wire::Fields;
use crate::scenario::words::printable;

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

/// Where the source tree comes from, and what it must have.
pub(super) fn source(file: &Fields<'_, '_>, dir: &Path) -> Option<(Source, Vec<PathBuf>)> {
    let report = file.report;
    let Some(source) = (match file.get("source") {
        Some(_) => Some(file.table("source")?),
        None => None,
    }) else {
        return Some((shipped(file, dir)?, Vec::new()));
    };
    let requires = requires(&source);
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
    let from = match keys {
        (true, _) => Some(Source::Path(dir.join(path?.value))),
        (false, true) => {
            Some(Source::Git { url: git?.value.to_owned(), rev: rev?.value.to_owned() })
        }
        (false, false) => shipped(&source, dir),
    };
    Some((from?, requires?))
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

/// What the source must have.
fn requires(source: &Fields<'_, '_>) -> Option<Vec<PathBuf>> {
    if source.get("requires").is_none() {
        return Some(Vec::new());
    }
    all(source.texts("requires")?.iter().map(|text| {
        let path = Path::new(text.value);
        let inside = !text.value.is_empty()
            && path.components().all(|part| matches!(part, Component::Normal(_)));
        if !inside {
            source.report.problem(
                text.span.clone(),
                format!("`{}` is no path inside the source", printable(text.value)),
                "write it relative, without `..`".to_owned(),
            );
        }
        inside.then(|| path.to_owned())
    }))
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

/// Combinations of params that are refused.
pub(super) fn refusals(context: &Context<'_, '_>, file: &Fields<'_, '_>) -> Option<Vec<Refusal>> {
    all(file.tables("refuse").iter().map(|refusal| {
        let when = context.when(refusal);
        let reason = refusal.text("reason");
        Some(Refusal { when: when?, reason: reason?.value.trim().to_owned() })
    }))
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
        let phases = match case.get("phases") {
            Some(_) => case.filled("phases").and_then(|names| {
                all(names
                    .into_iter()
                    .map(|name| context.reference("phase", Some(name), &context.phases)))
            }),
            None => Some(Vec::new()),
        };
        Some(EnvCase { when: when?, set: set?, phases: phases? })
    }));
    Some(EnvSpec { pass: pass?, set: set?, cases: cases? })
}

/// A change of a source that must show.
pub(super) fn edit(explain: &Fields<'_, '_>) -> Option<EditSpec> {
    let edit = explain.table("edit")?;
    let report = edit.report;
    let file = edit.text("file").filter(|file| {
        let path = Path::new(file.value);
        let good = !file.value.is_empty()
            && path.components().all(|part| matches!(part, Component::Normal(_)));
        if !good {
            report.problem(
                file.span.clone(),
                format!("`{}` is no file of the workspace", printable(file.value)),
                "a path relative to the workspace, without `..`".to_owned(),
            );
        }
        good
    });
    let find = edit.text("find").filter(|find| {
        if find.value.is_empty() {
            report.problem(find.span.clone(), "`find` is empty", None);
        }
        !find.value.is_empty()
    });
    let replace = edit.text("replace");
    let (file, find, replace) = (file?, find?, replace?);
    if find.value == replace.value {
        let message = "`replace` is what it replaces, so the edit changes nothing";
        report.problem(replace.span, message, None);
        return None;
    }
    Some(EditSpec {
        file: file.value.into(),
        find: find.value.to_owned(),
        replace: replace.value.to_owned(),
    })
}
