//! What the values of one part may refer to in others: params, phases, services, examples.

use std::collections::{BTreeMap, BTreeSet};

use super::params::Param;
use crate::scenario::condition::When;
use crate::scenario::reader::{Diagnostics, Fields, Key, KeyValue, Shape, Text, all, optional};
use crate::scenario::template::{Placeholder, Template};
use crate::scenario::words::{closest, nearest, printable};

/// What the values of one part may refer to.
pub(super) struct Context<'r, 'a> {
    pub(super) diagnostics: &'r Diagnostics<'a>,
    pub(super) params: Vec<Param>,
    pub(super) services: Vec<String>,
    pub(super) daemons: Vec<String>,
    pub(super) phases: Vec<String>,
    /// The phase that has examples, and how often it runs.
    pub(super) examples: Option<(String, Runs)>,
}

/// How often the phase with examples runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    EachExample,
    Once,
}

/// Where a template stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum TemplatePlace<'p> {
    /// In the command, directory or variables of this phase.
    Phase(&'p str),
    /// In a command that makes the runner's image, before there is a runner.
    Image,
    /// Anywhere else.
    Elsewhere,
}

impl<'r> Context<'r, '_> {
    /// The key that puts a part under a condition.
    pub(super) const WHEN: Key = optional(
        "when",
        Shape::When,
        "always",
        "The part applies only when every named param has (one of) the given value(s); anything else is left out.",
    );

    /// Names of which none is used twice.
    pub(super) fn unique(&self, what: &str, tables: &[Fields<'r, '_>]) {
        let mut seen = BTreeSet::new();
        for table in tables {
            let Some(name) = table.text("name") else { continue };
            if !seen.insert(name.value.to_lowercase()) {
                self.diagnostics.problem(
                    name.span,
                    format!("two {what} are named `{}`", printable(name.value)),
                    "names become file names and are compared without regard to case".to_owned(),
                );
            }
        }
    }

    /// One of the names that exist.
    pub(super) fn reference(
        &self,
        what: &str,
        text: Option<Text<'_>>,
        known: &[String],
    ) -> Option<String> {
        let text = text?;
        if known.iter().any(|name| name == text.value) {
            return Some(text.value.to_owned());
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.diagnostics.absence(
            text.span.clone(),
            format!("there is no {what} `{}`", printable(text.value)),
            nearest(text.value, &known),
        );
        None
    }

    /// Text with placeholders that all have a value where it stands.
    pub(super) fn template(&self, text: &Text<'_>, place: TemplatePlace<'_>) -> Option<Template> {
        let template = match Template::parse(text.value) {
            Ok(template) => template,
            Err(error) => {
                let written = text.value.get(error.at..error.at + error.len).unwrap_or_default();
                let (message, hint) = if error.message.starts_with("unknown placeholder") {
                    let message = format!("unknown placeholder `{}`", printable(written));
                    (message, Some(near_placeholder(written)))
                } else {
                    split_hint(&error.message)
                };
                self.diagnostics.problem(
                    self.diagnostics.within(text, error.at, error.len),
                    message,
                    hint,
                );
                return None;
            }
        };
        let mut good = true;
        for placeholder in template.placeholders() {
            let Some((message, hint)) = self.unbound(placeholder, place) else { continue };
            let written = placeholder.to_string();
            let span = text
                .value
                .find(&written)
                .map_or(text.span.clone(), |at| self.diagnostics.within(text, at, written.len()));
            self.diagnostics.absence(span, message, hint);
            good = false;
        }
        good.then_some(template)
    }

    fn unbound(
        &self,
        placeholder: &Placeholder,
        place: TemplatePlace<'_>,
    ) -> Option<(String, Option<String>)> {
        let known = matches!(
            placeholder,
            Placeholder::Tools | Placeholder::Scenario | Placeholder::Param(_)
        );
        if matches!(place, TemplatePlace::Image) && !known {
            return Some((
                format!("`{placeholder}` has no value here"),
                Some("the runner's image is made before there is a runner".to_owned()),
            ));
        }
        match placeholder {
            Placeholder::Param(name) => {
                let known: Vec<&str> =
                    self.params.iter().map(|param| param.name.as_str()).collect();
                (!known.contains(&name.as_str())).then(|| {
                    let hint = nearest(name, &known).or_else(|| {
                        Some(format!("declare it: `[params]` `{} = [...]`", printable(name)))
                    });
                    (format!("`{{param.{}}}` does not name a param", printable(name)), hint)
                })
            }
            Placeholder::Port(name) => {
                let known: Vec<&str> =
                    self.services.iter().chain(&self.daemons).map(String::as_str).collect();
                (!known.contains(&name.as_str())).then(|| {
                    let hint = nearest(name, &known).or_else(|| {
                        Some("ports belong to a `[[service]]` or a `[[daemon]]` with a name; there is none".to_owned())
                    });
                    (format!("`{{port.{}}}` names neither a service nor a daemon", printable(name)), hint)
                })
            }
            Placeholder::Example => {
                let hint = match (&self.examples, place) {
                    // The wrong name of the phase is the problem to report.
                    (Some((phase, _)), _) if !self.phases.contains(phase) => return None,
                    (Some((phase, Runs::EachExample)), TemplatePlace::Phase(here))
                        if phase == here =>
                    {
                        return None;
                    }
                    (Some((phase, Runs::EachExample)), _) => {
                        format!("only phase `{}` runs once per example", printable(phase))
                    }
                    (Some((_, Runs::Once)), _) => {
                        "with `extract` the phase runs once, for all examples".to_owned()
                    }
                    (None, _) => "there is no `[examples]`".to_owned(),
                };
                Some(("`{example}` has no value here".to_owned(), Some(hint)))
            }
            Placeholder::Workspace
            | Placeholder::Home
            | Placeholder::Cache
            | Placeholder::Tools
            | Placeholder::Temp
            | Placeholder::Scenario => None,
        }
    }

    /// Every template of a command.
    pub(super) fn argv(
        &self,
        texts: Option<Vec<Text<'_>>>,
        place: TemplatePlace<'_>,
    ) -> Option<Vec<Template>> {
        all(texts?.iter().map(|text| self.template(text, place)))
    }

    /// A command that is run as it is written.
    pub(super) fn plain_argv(&self, texts: Option<Vec<Text<'_>>>) -> Option<Vec<String>> {
        all(texts?.iter().map(|text| self.plain(text)))
    }

    /// Text in which no placeholder is replaced.
    pub(super) fn plain(&self, text: &Text<'_>) -> Option<String> {
        let holes = Template::parse(text.value).is_ok_and(|t| t.placeholders().next().is_some());
        if holes {
            self.diagnostics.problem(
                text.span.clone(),
                "placeholders are not replaced here",
                "tools are looked for before there is a runner".to_owned(),
            );
        }
        (!holes).then(|| text.value.to_owned())
    }

    /// Variables and their values.
    pub(super) fn variables(
        &self,
        fields: &Fields<'r, '_>,
        key: &'static str,
        place: TemplatePlace<'_>,
    ) -> Option<BTreeMap<String, Template>> {
        fields.or_default(key, || {
            all(fields.entries(key)?.iter().map(|(name, value)| {
                let name = self.diagnostics.env_name(name);
                let value = self.diagnostics.text(value);
                let value = value.and_then(|text| self.template(&text, place));
                Some((name?, value?))
            }))
        })
    }

    /// The condition of a part.
    pub(super) fn when(&self, fields: &Fields<'r, '_>) -> Option<When> {
        fields.or_default("when", || {
            all(fields.entries("when")?.iter().map(|entry| self.wanted(entry))).map(When)
        })
    }

    /// A param of a condition, and the values that it may have.
    fn wanted(&self, (name, value): &KeyValue<'r, '_>) -> Option<(String, Vec<String>)> {
        let values = match value.get_ref().as_array() {
            Some(items) if items.is_empty() => {
                self.diagnostics.problem(value.span(), "`when` allows no value", None);
                None
            }
            Some(items) => all(items.iter().map(|item| self.diagnostics.scalar(item))),
            None => self.diagnostics.scalar(value).map(|value| vec![value]),
        };
        let Some(param) = self.params.iter().find(|param| param.name == name.value) else {
            let known: Vec<&str> = self.params.iter().map(|p| p.name.as_str()).collect();
            self.diagnostics.absence(
                name.span.clone(),
                format!("`when` names an unknown param `{}`", printable(name.value)),
                nearest(name.value, &known).or_else(|| Some("there is no `[params]`".to_owned())),
            );
            return None;
        };
        let listed: Vec<&str> = param.values.iter().map(String::as_str).collect();
        let good = all(values?.into_iter().map(|value| {
            if param.open || listed.contains(&value.value.as_str()) {
                return Some(value.value);
            }
            let (shown, param) = (printable(&value.value), &param.name);
            self.diagnostics.problem(
                value.span,
                format!("`{shown}` is not a value of param `{param}`"),
                nearest(&value.value, &listed),
            );
            None
        }));
        Some((name.value.to_owned(), good?))
    }
}

/// A message and the hint at its end.
fn split_hint(message: &str) -> (String, Option<String>) {
    match message.split_once(" (hint: ") {
        Some((message, hint)) => (message.to_owned(), Some(hint.trim_end_matches(')').to_owned())),
        None => (message.to_owned(), None),
    }
}

fn near_placeholder(written: &str) -> String {
    const SIMPLE: [&str; 7] =
        ["workspace", "home", "cache", "tools", "temp", "scenario", "example"];
    let name = written.trim_start_matches('{').trim_end_matches('}');
    match closest(name, &SIMPLE) {
        Some(near) => format!("did you mean `{{{near}}}`?"),
        None => {
            format!("expected one of {}; a literal brace is written `{{{{`", Placeholder::FORMS)
        }
    }
}
