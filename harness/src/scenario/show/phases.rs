//! What is run and read: phases, their examples and counters.

use super::Writer;
use super::text::{argv, inline, list, quoted};
use crate::formats::extract::Format;
use crate::scenario::model::{Counter, ExamplesFrom, PhaseCommand, ProbeFrom, Scenario};
use crate::scenario::units::show_duration;

impl Writer<'_> {
    pub(super) fn phases(&mut self, scenario: &Scenario) {
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

    pub(super) fn examples(&mut self, scenario: &Scenario) {
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

    pub(super) fn probes(&mut self, scenario: &Scenario) {
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

    pub(super) fn has_phase(&self, scenario: &Scenario, name: &str) -> bool {
        scenario.phases.iter().any(|phase| phase.name == name && self.holds(&phase.when))
    }
}
