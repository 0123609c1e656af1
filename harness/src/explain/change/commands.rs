//! Changes of commands: tools, environment, directory, identity, params.

use std::collections::BTreeMap;
use std::path::Path;

use bench_record::Property;
use filetime::FileTime;

use super::context::Change;
use crate::explain::isolate::OTHER_HOST;
use crate::sample::StepError;
use crate::scenario::Scenario;
use crate::scenario::template::Template;
use crate::system::fs::tree::TreeError;

pub(super) fn change_tools(change: &mut Change<'_>) -> Result<(), StepError> {
    let toolbox = &change.facts.toolbox;
    if toolbox.is_empty() {
        return Ok(());
    }
    if change.variation.has(Property::ToolMtime) {
        change.undo.times(toolbox.touch(change.state, FileTime::now())?);
    }
    let mut rel = toolbox.rel().to_owned();
    if change.variation.has(Property::ToolPath) {
        let to = change.runner.rel().join("opt/tools-of-another-image");
        change.undo.rename(change.state, &rel, &to)?;
        rel = to;
    }
    change.tweaks.path_first = toolbox.bins(change.state, &rel);
    Ok(())
}

pub(super) fn change_environment(change: &mut Change<'_>) -> Result<(), StepError> {
    let environment = change.variation.0.get(&Property::Environment).map(String::as_str);
    if matches!(environment, Some("variable" | "both")) {
        change.set("BUILD_NUMBER", "4711");
        change.set("GITHUB_RUN_ID", "8150815");
    }
    if matches!(environment, Some("path" | "both")) {
        let rel = change.runner.rel().join("elsewhere/empty-bin");
        change.tweaks.path_first.insert(0, change.state.dir(&rel)?);
    }
    if change.variation.has(Property::Locale) {
        let current = change.scenario.env.set.get("LC_ALL").map(Template::as_str);
        let other = if current == Some("C") { "C.UTF-8" } else { "C" };
        change.set("LC_ALL", other);
        change.set("LANG", other);
    }
    if change.variation.has(Property::TimeZone) {
        change.set("TZ", "JST-9");
    }
    if change.variation.has(Property::WorkingDirectory) {
        let rel = change.runner.rel().join("links");
        let link = change.state.dir(&rel)?.join("to-the-workspace");
        symlink(&change.runner.workspace, &link).map_err(TreeError::io("create", &link))?;
        change.undo.remove(rel.join("to-the-workspace"));
        change.set_path("PWD", &link);
        change.tweaks.cwd = Some(link);
    }
    Ok(())
}

pub(super) fn change_identity(change: &mut Change<'_>) -> Result<(), StepError> {
    let (host, user) =
        (change.variation.has(Property::Hostname), change.variation.has(Property::User));
    let identities = &change.facts.identities;
    change.disguise = identities.disguise(host, user)?;
    change.tweaks.launcher.extend(change.disguise.launcher.iter().cloned());
    if host {
        change.set("HOSTNAME", OTHER_HOST);
    }
    if user {
        change.set("USER", identities.user_name());
        change.set("LOGNAME", identities.user_name());
    }
    Ok(())
}

/// The value of `jobs` that is tried: another listed one, or one job more where any number is valid.
pub(in crate::explain) fn other_jobs(
    scenario: &Scenario,
    params: &BTreeMap<String, String>,
) -> Option<(String, String)> {
    let param = scenario.params.iter().find(|param| param.name == "jobs")?;
    let current = params.get("jobs")?;
    let listed = param.values.iter().find(|value| *value != current).cloned();
    let value = match (listed, param.open, current.parse::<u32>()) {
        (Some(listed), ..) => listed,
        (None, true, Ok(jobs)) => (jobs + 1).to_string(),
        _ => return None,
    };
    Some(("jobs".to_owned(), value))
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_target: &Path, _link: &Path) -> std::io::Result<()> {
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "symlinks need a Unix file system"))
}
