//! The resolved form of a scenario: TOML that reads back as the same model.

mod gates;
mod phases;
mod runner;
mod text;

use std::collections::BTreeMap;

use self::text::{bare, condition, forward, inline, list, quoted, relative};
use super::model::{Globs, Scenario, Source, When};
use super::template::Template;

/// The scenario as TOML, every default written out, in the order of the file.
///
/// With `params` (one value for every param), the form under these: parts whose condition does not hold are
/// left out together with what refers to them, the conditions that do hold are dropped, and each param has
/// the one chosen value. `{param.X}` stays as it is.
pub fn show(scenario: &Scenario, params: Option<&BTreeMap<String, String>>) -> String {
    let mut writer = Writer { text: String::new(), params };
    writer.scenario(scenario);
    writer.text
}

struct Writer<'p> {
    text: String,
    params: Option<&'p BTreeMap<String, String>>,
}

impl Writer<'_> {
    fn holds(&self, when: &When) -> bool {
        self.params.is_none_or(|params| when.holds(params))
    }

    fn header(&mut self, header: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(header);
        self.text.push('\n');
    }

    fn line(&mut self, key: &str, value: impl AsRef<str>) {
        self.text.push_str(&bare(key));
        self.text.push_str(" = ");
        self.text.push_str(value.as_ref());
        self.text.push('\n');
    }

    fn string(&mut self, key: &str, value: &str) {
        self.line(key, quoted(value));
    }

    fn globs(&mut self, key: &str, globs: &Globs) {
        if !globs.is_empty() {
            self.line(key, list(&globs.patterns));
        }
    }

    fn variables(&mut self, key: &str, variables: &BTreeMap<String, Template>) {
        if !variables.is_empty() {
            let entries = variables.iter().map(|(name, value)| (name, quoted(value.as_str())));
            self.line(key, inline(entries));
        }
    }

    fn when(&mut self, when: &When) {
        if !when.0.is_empty() && self.params.is_none() {
            self.line("when", condition(when));
        }
    }

    fn scenario(&mut self, scenario: &Scenario) {
        self.header("[scenario]");
        self.string("title", &scenario.title);
        if !scenario.analysis.is_empty() {
            self.string("analysis", &scenario.analysis);
        }
        if !scenario.uses.is_empty() {
            self.line("uses", list(scenario.uses.iter().map(|path| path.to_string_lossy())));
        }
        self.source(scenario);
        self.params(scenario);
        if self.params.is_none() {
            for refusal in &scenario.refusals {
                self.header("[[refuse]]");
                self.when(&refusal.when);
                self.string("reason", &refusal.reason);
            }
        }
        self.tools(scenario);
        self.env(scenario);
        self.caches(scenario);
        self.archives(scenario);
        self.services(scenario);
        self.phases(scenario);
        self.examples(scenario);
        self.daemons(scenario);
        self.probes(scenario);
        if !scenario.outputs.is_empty() {
            self.header("[outputs]");
            self.globs("paths", &scenario.outputs);
            if !scenario.normalise.is_empty() {
                self.line("normalise", list(scenario.normalise.iter().map(|n| n.as_str())));
            }
        }
        if let Some(edit) = &scenario.edit {
            self.header("[explain]");
            let names = ["file", "find", "replace"].map(str::to_owned);
            let values = [&forward(&edit.file), &edit.find, &edit.replace].map(|v| quoted(v));
            self.line("edit", inline(names.iter().zip(values)));
        }
        self.gates(scenario);
    }

    fn source(&mut self, scenario: &Scenario) {
        match &scenario.source {
            Source::Shipped if scenario.requires.is_empty() => return,
            Source::Shipped => self.header("[source]"),
            Source::Path(path) => {
                self.header("[source]");
                self.string("path", &relative(path, &scenario.dir));
            }
            Source::Git { url, rev } => {
                self.header("[source]");
                self.string("git", url);
                self.string("rev", rev);
            }
        }
        if !scenario.requires.is_empty() {
            let paths: Vec<String> =
                scenario.requires.iter().map(|path| path.to_string_lossy().into_owned()).collect();
            self.line("requires", list(&paths));
        }
    }

    fn params(&mut self, scenario: &Scenario) {
        if scenario.params.is_empty() {
            return;
        }
        self.header("[params]");
        for param in &scenario.params {
            let chosen = self.params.and_then(|params| params.get(&param.name));
            let values = match chosen {
                Some(value) => list([value]),
                None => list(&param.values),
            };
            if param.open {
                let table = [(&"values".to_owned(), values), (&"open".to_owned(), "true".into())];
                self.line(&param.name, inline(table));
            } else {
                self.line(&param.name, values);
            }
        }
    }
}
