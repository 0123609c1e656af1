//! The resolved form of a scenario: TOML that reads back as the same model.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::model::{
    Counter, ExamplesFrom, GateRule, Globs, PhaseCommand, ProbeFrom, ReadyCheck, Root, Scenario,
    Source, Transport, When,
};
use super::template::Template;
use super::units::show_duration;
use crate::extract::Format;

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

    fn tools(&mut self, scenario: &Scenario) {
        for tool in &scenario.tools {
            if !self.holds(&tool.when) {
                continue;
            }
            self.header(&format!("[tools.{}]", bare(&tool.name)));
            if !tool.version.is_empty() {
                self.line("version", list(&tool.version));
            }
            for (key, version) in [("min", &tool.min), ("below", &tool.below)] {
                if let Some(version) = version {
                    self.string(key, version);
                }
            }
            let note = "note".to_owned();
            let mut install: Vec<_> =
                tool.install.iter().map(|(platform, names)| (platform, list(names))).collect();
            install.extend(tool.note.as_ref().map(|text| (&note, quoted(text))));
            if !install.is_empty() {
                self.line("install", inline(install));
            }
            if let Some(prefix) = &tool.prefix {
                self.line("prefix", list(prefix));
            }
            if !tool.provision.is_empty() {
                self.line("provision", argv(&tool.provision));
            }
            if let Some(path) = &tool.exists {
                self.string("exists", &relative(path, &scenario.dir));
            }
            self.when(&tool.when);
        }
    }

    fn env(&mut self, scenario: &Scenario) {
        let env = &scenario.env;
        if !env.pass.is_empty() || !env.set.is_empty() {
            self.header("[env]");
            if !env.pass.is_empty() {
                self.line("pass", list(&env.pass));
            }
            self.variables("set", &env.set);
        }
        for case in &env.cases {
            if !self.holds(&case.when) {
                continue;
            }
            self.header("[[env.case]]");
            // Required here: a case without a condition is not one.
            let (when, params) = (&case.when, self.params);
            self.line("when", if params.is_some() { "{}".to_owned() } else { condition(when) });
            let set = case.set.iter().map(|(name, value)| (name, quoted(value.as_str())));
            self.line("set", inline(set));
            if !case.phases.is_empty() {
                self.line("phases", list(&case.phases));
            }
        }
    }

    fn caches(&mut self, scenario: &Scenario) {
        for cache in &scenario.caches {
            if !self.holds(&cache.when) {
                continue;
            }
            let root = match cache.root {
                Root::Workspace => "{workspace}",
                Root::Home => "{home}",
                Root::Cache => "{cache}",
            };
            let rest = forward(&cache.path).replace('{', "{{").replace('}', "}}");
            self.header("[[cache]]");
            self.string("name", &cache.name);
            self.string("path", &format!("{root}/{rest}"));
            if let Some(env) = &cache.env {
                self.string("env", env);
            }
            self.when(&cache.when);
            let transport = match cache.transport {
                Transport::Directory => "directory",
                Transport::Archive => "archive",
            };
            self.string("transport", transport);
            self.globs("exclude", &cache.exclude);
        }
    }

    fn archives(&mut self, scenario: &Scenario) {
        for archive in &scenario.archives {
            let active = |name: &&String| {
                let cache = scenario.caches.iter().find(|cache| cache.name == **name);
                cache.is_some_and(|cache| self.holds(&cache.when))
            };
            let caches: Vec<&String> = archive.caches.iter().filter(active).collect();
            // With one cache left there is nothing to put together.
            if !self.holds(&archive.when) || caches.len() < 2 {
                continue;
            }
            self.header("[[archive]]");
            self.string("name", &archive.name);
            self.line("caches", list(caches));
            self.when(&archive.when);
        }
    }

    fn services(&mut self, scenario: &Scenario) {
        for service in &scenario.services {
            if !self.holds(&service.when) {
                continue;
            }
            self.header("[[service]]");
            self.string("name", &service.name);
            self.line("run", argv(&service.run));
            self.variables("env", &service.env);
            if let Some(port) = service.port {
                self.line("port", port.to_string());
            }
            if let Some(ready) = &service.ready {
                let (key, value) = match &ready.check {
                    ReadyCheck::Tcp(port) => ("tcp", port.as_str()),
                    ReadyCheck::File(file) => ("file", file.as_str()),
                    ReadyCheck::Output(regex) => ("output", regex.as_str()),
                };
                let within = quoted(&show_duration(ready.within));
                let table = [(&key.to_owned(), quoted(value)), (&"within".to_owned(), within)];
                self.line("ready", inline(table));
            }
            self.when(&service.when);
        }
    }

    fn phases(&mut self, scenario: &Scenario) {
        for phase in &scenario.phases {
            if !self.holds(&phase.when) {
                continue;
            }
            self.header("[[phase]]");
            self.string("name", &phase.name);
            self.line("measured", phase.measured.to_string());
            match &phase.run {
                PhaseCommand::Argv(run) => self.line("run", argv(run)),
                PhaseCommand::Shell(script) => {
                    self.line("shell", "true");
                    self.string("run", script.as_str());
                }
            }
            if let Some(cwd) = &phase.cwd {
                self.string("cwd", cwd.as_str());
            }
            self.variables("env", &phase.env);
            self.string("timeout", &show_duration(phase.timeout));
            self.when(&phase.when);
        }
    }

    fn examples(&mut self, scenario: &Scenario) {
        let Some(examples) = &scenario.examples else { return };
        if !self.has_phase(scenario, &examples.phase) {
            return;
        }
        self.header("[examples]");
        self.string("phase", &examples.phase);
        match &examples.from {
            ExamplesFrom::Glob(globs) => self.globs("glob", globs),
            ExamplesFrom::List(values) => self.line("list", list(values)),
            ExamplesFrom::Command(command) => self.line("command", argv(command)),
            ExamplesFrom::Extract(extract) => {
                let pattern = match &extract.format {
                    Format::Lines(lines) => Some(quoted(lines.pattern())),
                    _ => None,
                };
                let path = extract.path.as_ref().map(|path| quoted(path.as_str()));
                let keys = ["format", "pattern", "path"].map(str::to_owned);
                let values = [Some(quoted(extract.format.name())), pattern, path];
                let table = keys.iter().zip(values).map(|(key, value)| Some((key, value?)));
                self.line("extract", inline(table.into_iter().flatten()));
            }
        }
        if let Some(name) = &examples.name {
            self.string("name", name.as_str());
        }
        self.globs("exclude", &examples.exclude);
    }

    fn daemons(&mut self, scenario: &Scenario) {
        for daemon in &scenario.daemons {
            if self.holds(&daemon.when) {
                self.header("[[daemon]]");
                if let Some(name) = &daemon.name {
                    self.string("name", name);
                }
                self.line("stop", argv(&daemon.stop));
                self.when(&daemon.when);
            }
        }
    }

    fn probes(&mut self, scenario: &Scenario) {
        for probe in &scenario.probes {
            let there = match &probe.from {
                ProbeFrom::Command(_) => true,
                ProbeFrom::Phase(name) => self.has_phase(scenario, name),
                ProbeFrom::Service(name) => scenario
                    .services
                    .iter()
                    .any(|service| service.name == *name && self.holds(&service.when)),
            };
            if !there || !self.holds(&probe.when) {
                continue;
            }
            self.header("[[probe]]");
            self.string("name", &probe.name);
            match &probe.from {
                ProbeFrom::Command(command) => self.line("run", argv(command)),
                ProbeFrom::Phase(name) => self.string("phase", name),
                ProbeFrom::Service(name) => self.string("service", name),
            }
            self.string("hits", probe.hits.as_str());
            if let Some(misses) = &probe.misses {
                self.string("misses", misses.as_str());
            }
            let counter = match probe.counter {
                Counter::Cache => "cache",
                Counter::Daemon => "daemon",
                Counter::Sample => "sample",
            };
            self.string("counter", counter);
            self.when(&probe.when);
        }
    }

    fn gates(&mut self, scenario: &Scenario) {
        for gate in &scenario.gates {
            let phases = [
                gate.phase.as_ref(),
                gate.examples.as_ref().and(scenario.examples.as_ref()).map(|e| &e.phase),
            ];
            if phases.into_iter().flatten().any(|phase| !self.has_phase(scenario, phase)) {
                continue;
            }
            self.header("[[gate]]");
            if let Some(regime) = gate.regime {
                self.string("regime", regime.as_str());
            }
            if let Some(phase) = &gate.phase {
                self.string("phase", phase);
            }
            if let Some(examples) = &gate.examples {
                self.string("examples", examples);
            }
            match &gate.rule {
                GateRule::MaxTime(time) => self.string("max", &show_duration(*time)),
                GateRule::MinSpeedup(factor) => self.line("min_speedup", float(*factor)),
                GateRule::MinHitRate(rate) => self.line("min_hit_rate", float(*rate)),
                GateRule::MaxRestore(time) => self.string("max_restore", &show_duration(*time)),
                GateRule::MaxBytes(bytes) => self.line("max_bytes", bytes.to_string()),
                GateRule::MaxNetLoss(time) if time.is_zero() => self.string("max_net_loss", "0s"),
                GateRule::MaxNetLoss(time) => self.string("max_net_loss", &show_duration(*time)),
                GateRule::Baseline { margin, floor } => {
                    self.margins("baseline", *margin, *floor);
                }
                GateRule::WarmAgainstCold { margin, floor } => {
                    self.margins("warm_against_cold", *margin, *floor);
                }
            }
        }
    }

    fn margins(&mut self, key: &str, margin: f64, floor: f64) {
        let (one, two) = ("margin".to_owned(), "floor".to_owned());
        self.line(key, inline([(&one, float(margin)), (&two, float(floor))]));
    }

    fn has_phase(&self, scenario: &Scenario, name: &str) -> bool {
        scenario.phases.iter().any(|phase| phase.name == name && self.holds(&phase.when))
    }
}

/// A path as the file would name it: relative to the scenario's folder where it begins there.
fn relative(path: &Path, dir: &Path) -> String {
    let text = match path.strip_prefix(dir) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".into(),
        Ok(rest) => rest.to_string_lossy(),
        Err(_) => path.to_string_lossy(),
    };
    text.into_owned()
}

fn forward(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn bare(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(plain) { key.to_owned() } else { quoted(key) }
}

fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<_> = items.into_iter().map(|item| quoted(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

fn argv(items: &[Template]) -> String {
    list(items.iter().map(Template::as_str))
}

fn inline<'k>(entries: impl IntoIterator<Item = (&'k String, String)>) -> String {
    let mut text = String::new();
    for (key, value) in entries {
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{} = {value}", bare(key));
    }
    if text.is_empty() { "{}".to_owned() } else { format!("{{ {text} }}") }
}

fn condition(when: &When) -> String {
    inline(when.0.iter().map(|(name, values)| match values.as_slice() {
        [value] => (name, quoted(value)),
        values => (name, list(values)),
    }))
}

/// The shortest text that reads back as the same number.
fn float(value: f64) -> String {
    toml::Value::from(value).to_string()
}
