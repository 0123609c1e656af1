//! The workflow: restore and save steps as YAML that can be used as it is.

use std::collections::BTreeMap;

use super::document::Ci;
use super::key::Key;
use super::yaml;

/// What one entry of the cache service holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServiceEntry {
    /// Names of its caches.
    pub(super) names: Vec<String>,
    /// Where they are, as the action gets it.
    pub(super) paths: Vec<String>,
    /// The params of the run that change what it holds.
    pub(super) params: BTreeMap<String, String>,
    /// Its key.
    pub(super) key: Key,
}

/// Tags that the actions' own documentation uses.
struct Actions {
    checkout: &'static str,
    restore: &'static str,
    save: &'static str,
    runner: &'static str,
}

impl Ci {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::Forgejo => "Forgejo",
        }
    }

    /// Where a workflow is put.
    pub(super) const fn directory(self) -> &'static str {
        match self {
            Self::GitHub => ".github/workflows",
            Self::Forgejo => ".forgejo/workflows",
        }
    }

    const fn actions(self) -> Actions {
        match self {
            Self::GitHub => Actions {
                checkout: "actions/checkout@v6",
                restore: "actions/cache/restore@v6",
                save: "actions/cache/save@v6",
                runner: "ubuntu-latest",
            },
            // Runners with Node.js 20 can run these; Forgejo mirrors them under the same names.
            Self::Forgejo => Actions {
                checkout: "actions/checkout@v4",
                restore: "actions/cache/restore@v4",
                save: "actions/cache/save@v4",
                runner: "docker",
            },
        }
    }
}

/// A text that grows.
struct Text(String);

impl Text {
    fn push(&mut self, text: &str) {
        self.0.push_str(text);
    }
}

/// A whole workflow. Foreign text is in quoted scalars only, never in a command.
pub(super) fn workflow(ci: Ci, env: &BTreeMap<String, String>, entries: &[ServiceEntry]) -> String {
    let actions = ci.actions();
    let mut yaml = Text(String::from(
        "name: build\non:\n  push:\n  pull_request:\npermissions:\n  contents: read\njobs:\n  build:\n",
    ));
    yaml.push("    # Take a runner like the one of the expected numbers.\n");
    yaml.push(&format!("    runs-on: {}\n", actions.runner));
    if !env.is_empty() {
        yaml.push(&variables("    ", env));
    }
    yaml.push("    steps:\n      # Pin each action by the full commit id of a release that you have looked at.\n");
    yaml.push(&format!("      - uses: {}\n", actions.checkout));
    for (index, entry) in (1..).zip(entries) {
        let name = yaml::quote(&yaml::literal(&format!("Restore {}", entry.names.join(", "))));
        yaml.push(&format!(
            "      - name: {name}\n        id: cache-{index}\n        uses: {}\n        with:\n",
            actions.restore
        ));
        paths(&mut yaml, entry);
        yaml.push(&format!("          key: {}\n", yaml::quote(&entry.key.text)));
        yaml.push("          restore-keys: |\n");
        for prefix in &entry.key.prefixes {
            yaml.push(&format!("            {prefix}\n"));
        }
    }
    yaml.push("\n      # Install the tools, build and test here.\n\n");
    for (index, entry) in (1..).zip(entries) {
        let name = yaml::quote(&yaml::literal(&format!("Save {}", entry.names.join(", "))));
        yaml.push(&format!(
            "      - name: {name}\n        \
             if: github.event_name == 'push' && github.ref_name == github.event.repository.default_branch \
             && steps.cache-{index}.outputs.cache-hit != 'true'\n        uses: {}\n        with:\n",
            actions.save
        ));
        paths(&mut yaml, entry);
        yaml.push(&format!(
            "          key: \"${{{{ steps.cache-{index}.outputs.cache-primary-key }}}}\"\n"
        ));
    }
    yaml.0
}

/// Variables of a job, each line after `indent`.
pub(super) fn variables(indent: &str, env: &BTreeMap<String, String>) -> String {
    let lines =
        env.iter().map(|(name, value)| format!("{indent}  {name}: {}\n", yaml::quote(value)));
    format!("{indent}env:\n{}", lines.collect::<String>())
}

/// Both steps must name the same paths in the same order: they are part of what an entry is known by.
fn paths(yaml: &mut Text, entry: &ServiceEntry) {
    yaml.push("          path: |\n");
    for path in &entry.paths {
        yaml.push(&format!("            {path}\n"));
    }
}
