//! What the runner has: tools, environment, caches, and the processes beside the phases.

use super::Writer;
use super::text::{argv, bare, condition, forward, inline, list, quoted, relative};
use crate::scenario::model::{ReadyCheck, Root, Scenario, Transport};
use crate::scenario::units::show_duration;

impl Writer<'_> {
    pub(super) fn tools(&mut self, scenario: &Scenario) {
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

    pub(super) fn env(&mut self, scenario: &Scenario) {
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

    pub(super) fn caches(&mut self, scenario: &Scenario) {
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

    pub(super) fn archives(&mut self, scenario: &Scenario) {
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

    pub(super) fn services(&mut self, scenario: &Scenario) {
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

    pub(super) fn daemons(&mut self, scenario: &Scenario) {
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
}
