//! What is changed about commands: tools, environment, directory, launcher, params.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bench_record::{Property, Variation};
use filetime::FileTime;

use super::{Machine, Undo};
use crate::explain::ExplainError;
use crate::explain::isolate::OTHER_HOST;
use crate::runner::Tweaks;
use crate::sample::{ArmSetup, Session};
use crate::scenario::template::Template;
use crate::system::fs::state::StateRoot;

impl Machine {
    pub(super) fn change_tools(
        &self,
        state: &StateRoot,
        variation: &Variation,
        undo: &mut Undo,
        tweaks: &mut Tweaks,
    ) -> Result<(), ExplainError> {
        if self.toolbox.is_empty() {
            return Ok(());
        }
        if variation.has(Property::ToolMtime) {
            undo.tools_touched = self.toolbox.touch(state, FileTime::now())?;
        }
        let mut rel = self.toolbox.rel().to_owned();
        if variation.has(Property::ToolPath) {
            let to = self.runner.rel().join("opt/tools-of-another-image");
            state.rename(&rel, &to)?;
            undo.tools_moved = Some(to.clone());
            // The times of what was touched are given back after the toolbox is back in its place.
            rel = to;
        }
        tweaks.path_first = self.toolbox.bins(state, &rel);
        Ok(())
    }

    pub(super) fn change_commands(
        &self,
        session: &Session<'_>,
        variation: &Variation,
        undo: &mut Undo,
        tweaks: &mut Tweaks,
    ) -> Result<(), ExplainError> {
        let mut set = |name: &str, value: &str| {
            tweaks.env.insert(name.to_owned(), value.to_owned());
        };
        let environment = variation.0.get(&Property::Environment).map(String::as_str);
        if matches!(environment, Some("variable" | "both")) {
            set("BUILD_NUMBER", "4711");
            set("GITHUB_RUN_ID", "8150815");
        }
        if variation.has(Property::Locale) {
            let base = session.scenario.env.set.get("LC_ALL").map(Template::as_str);
            let other = if base == Some("C") { "C.UTF-8" } else { "C" };
            set("LC_ALL", other);
            set("LANG", other);
        }
        if variation.has(Property::TimeZone) {
            set("TZ", "JST-9");
        }
        if matches!(environment, Some("path" | "both")) {
            let empty = session.state.dir(&self.runner.rel().join("elsewhere/empty-bin"))?;
            tweaks.path_first.insert(0, empty);
        }
        if variation.has(Property::WorkingDirectory) {
            let dir = session.state.dir(&self.runner.rel().join("links"))?;
            let link = dir.join("to-the-workspace");
            symlink(&self.runner.workspace, &link)
                .map_err(|source| ExplainError::Touch { path: link.clone(), source })?;
            tweaks.env.insert("PWD".to_owned(), link.to_string_lossy().into_owned());
            tweaks.cwd = Some(link.clone());
            undo.link = Some(link);
        }
        let (host, user) = (variation.has(Property::Hostname), variation.has(Property::User));
        undo.disguise = self.identities.assume(host, user)?;
        tweaks.launcher.extend(undo.disguise.launcher.iter().cloned());
        if host {
            tweaks.env.insert("HOSTNAME".to_owned(), OTHER_HOST.to_owned());
        }
        if user {
            for name in ["USER", "LOGNAME"] {
                tweaks.env.insert(name.to_owned(), self.identities.user_name().to_owned());
            }
        }
        Ok(())
    }
}

/// The value of `jobs` that is tried: another listed one, or one job more where any number goes.
pub(in crate::explain) fn other_jobs(
    session: &Session<'_>,
    setup: &ArmSetup,
) -> Option<(String, String)> {
    let param = session.scenario.params.iter().find(|param| param.name == "jobs")?;
    let now = setup.params.get("jobs")?;
    let listed = param.values.iter().find(|value| *value != now).cloned();
    let value = match (listed, param.open, now.parse::<u32>()) {
        (Some(listed), ..) => listed,
        (None, true, Ok(jobs)) => (jobs + 1).to_string(),
        _ => return None,
    };
    Some(("jobs".to_owned(), value))
}

pub(super) fn tool_homes(session: &Session<'_>, setup: &ArmSetup) -> BTreeMap<String, PathBuf> {
    let env = &session.scenario.env;
    let cases = env.cases.iter().filter(|case| case.when.holds(&setup.params));
    std::iter::once(&env.set)
        .chain(cases.map(|case| &case.set))
        .flatten()
        .filter_map(|(name, value)| {
            let rel = value.as_str().strip_prefix("{home}/")?;
            (!rel.is_empty() && !rel.contains(['{', '}'])).then(|| (name.clone(), rel.into()))
        })
        .collect()
}

#[cfg(unix)]
fn symlink(target: &std::path::Path, link: &std::path::Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_target: &std::path::Path, _link: &std::path::Path) -> std::io::Result<()> {
    Err(std::io::Error::new(std::io::ErrorKind::Unsupported, "symlinks need a Unix file system"))
}
