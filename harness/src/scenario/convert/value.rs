//! Single values: names, templates, expressions, conditions, times.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use globset::{GlobBuilder, GlobSetBuilder};
use regex::{Regex, RegexBuilder};

use crate::scenario::model::{Globs, Param, When};
use crate::scenario::report::{Report, Text};
use crate::scenario::template::{Placeholder, Template};
use crate::scenario::units;
use crate::scenario::wire::Fields;
use crate::scenario::words::{closest, list, nearest, printable};

/// What the values of one part may refer to.
pub(super) struct Context<'r, 'a> {
    pub(super) report: &'r Report<'a>,
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

/// What a glob is matched against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GlobKind {
    /// Paths beneath a directory.
    Path,
    /// Any values.
    Value,
}

/// Where a template stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'p> {
    /// In the command, directory or variables of this phase.
    Phase(&'p str),
    /// In a command that makes the runner's image, before there is a runner.
    Image,
    /// Anywhere else.
    Elsewhere,
}

impl<'r> Context<'r, '_> {
    /// A name that is safe as a file name and after `--set`.
    pub(super) fn name(&self, text: &Text<'_>) -> Option<String> {
        let good = is_name(text.value);
        if !good {
            self.report.problem(
                text.span.clone(),
                format!("`{}` is no name", printable(text.value)),
                "a name has up to 64 letters, digits, `-`, `_`, `.` and `+`, and begins with a letter or digit".to_owned(),
            );
        }
        good.then(|| text.value.to_owned())
    }

    /// Names of which none is used twice.
    pub(super) fn unique(&self, what: &str, tables: &[Fields<'r, '_>]) {
        let mut seen = BTreeSet::new();
        for table in tables {
            let Some(name) = table.text("name") else { continue };
            if !seen.insert(name.value.to_lowercase()) {
                self.report.problem(
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
        self.report.absence(
            text.span.clone(),
            format!("there is no {what} `{}`", printable(text.value)),
            nearest(text.value, &known),
        );
        None
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&self, text: &Text<'_>, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.report.problem(
                text.span.clone(),
                format!(
                    "unknown word `{}`, expected one of {}",
                    printable(text.value),
                    list(&words)
                ),
                closest(text.value, &words).map(|near| format!("did you mean `{near}`?")),
            );
        }
        found.map(|(_, value)| *value)
    }

    /// Text with placeholders that all have a value where it stands.
    pub(super) fn template(&self, text: &Text<'_>, place: Place<'_>) -> Option<Template> {
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
                self.report.problem(self.report.within(text, error.at, error.len), message, hint);
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
                .map_or(text.span.clone(), |at| self.report.within(text, at, written.len()));
            self.report.absence(span, message, hint);
            good = false;
        }
        good.then_some(template)
    }

    fn unbound(
        &self,
        placeholder: &Placeholder,
        place: Place<'_>,
    ) -> Option<(String, Option<String>)> {
        let known = matches!(
            placeholder,
            Placeholder::Tools | Placeholder::Scenario | Placeholder::Param(_)
        );
        if matches!(place, Place::Image) && !known {
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
                    (format!("`{{param.{}}}` names no param", printable(name)), hint)
                })
            }
            Placeholder::Port(name) => {
                let known: Vec<&str> =
                    self.services.iter().chain(&self.daemons).map(String::as_str).collect();
                (!known.contains(&name.as_str())).then(|| {
                    let hint = nearest(name, &known).or_else(|| {
                        Some("ports belong to a `[[service]]` or a `[[daemon]]` with a name; there is none".to_owned())
                    });
                    (format!("`{{port.{}}}` names no service and no daemon", printable(name)), hint)
                })
            }
            Placeholder::Example => {
                let hint = match (&self.examples, place) {
                    // The wrong name of the phase is the problem to report.
                    (Some((phase, _)), _) if !self.phases.contains(phase) => return None,
                    (Some((phase, Runs::EachExample)), Place::Phase(here)) if phase == here => {
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
        place: Place<'_>,
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
            self.report.problem(
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
        place: Place<'_>,
    ) -> Option<BTreeMap<String, Template>> {
        if fields.get(key).is_none() {
            return Some(BTreeMap::new());
        }
        let entries = fields.entries(key)?;
        all(entries.iter().map(|(name, value)| {
            let name = self.env_name(name);
            let value = self.report.text(value).and_then(|text| self.template(&text, place));
            Some((name?, value?))
        }))
    }

    /// The name of an environment variable.
    pub(super) fn env_name(&self, text: &Text<'_>) -> Option<String> {
        let good = text.value.bytes().enumerate().all(|(at, byte)| {
            byte == b'_' || byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit())
        }) && !text.value.is_empty();
        if !good {
            self.report.problem(
                text.span.clone(),
                format!("`{}` is no name of an environment variable", printable(text.value)),
                "letters, digits and `_`, not beginning with a digit".to_owned(),
            );
        }
        good.then(|| text.value.to_owned())
    }

    /// A time; `default` without it.
    pub(super) fn duration(
        &self,
        fields: &Fields<'r, '_>,
        key: &'static str,
        default: Duration,
    ) -> Option<Duration> {
        if fields.get(key).is_none() {
            return Some(default);
        }
        let text = fields.text(key)?;
        let duration = units::duration(text.value);
        if duration.is_none() {
            self.report.problem(
                text.span,
                format!("`{}` is no duration above zero", printable(text.value)),
                "write `10s`, `5m`, `500ms` or `1m 30s`".to_owned(),
            );
        }
        duration
    }

    /// A regular expression.
    pub(super) fn regex(&self, text: &Text<'_>) -> Option<Regex> {
        // The limit keeps an expression such as `(\d{1000}){1000}` from eating the memory.
        match RegexBuilder::new(text.value).size_limit(1 << 20).build() {
            Ok(regex) => Some(regex),
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim();
                let reason = reason.strip_prefix("error: ").unwrap_or(reason);
                self.report.problem(
                    text.span.clone(),
                    format!("invalid regular expression: {reason}"),
                    text.value.contains('\\').then(|| {
                        "in single quotes ('...') TOML leaves backslashes alone".to_owned()
                    }),
                );
                None
            }
        }
    }

    /// Glob patterns; `None` as no patterns.
    pub(super) fn globs(&self, texts: Option<Vec<Text<'_>>>, kind: GlobKind) -> Option<Globs> {
        let texts = texts?;
        let mut set = GlobSetBuilder::new();
        let mut good = true;
        for text in &texts {
            let outside = kind == GlobKind::Path
                && (text.value.is_empty()
                    || text.value.starts_with(['/', '\\', '~'])
                    || text.value.split(['/', '\\']).any(|part| part == ".."));
            if outside {
                self.report.problem(
                    text.span.clone(),
                    format!("pattern `{}` leaves its directory", printable(text.value)),
                    "write it relative, without `..`".to_owned(),
                );
                good = false;
                continue;
            }
            match GlobBuilder::new(text.value).literal_separator(true).build() {
                Ok(glob) => {
                    set.add(glob);
                }
                Err(error) => {
                    self.report.problem(
                        text.span.clone(),
                        format!("invalid glob: {}", error.kind()),
                        None,
                    );
                    good = false;
                }
            }
        }
        if !good {
            return None;
        }
        let patterns: Vec<String> = texts.iter().map(|text| text.value.to_owned()).collect();
        match set.build() {
            Ok(set) => Some(Globs { patterns, set }),
            Err(error) => {
                let span = texts.first().map_or(0..0, |text| text.span.clone());
                self.report.problem(span, format!("invalid glob: {}", error.kind()), None);
                None
            }
        }
    }

    /// Glob patterns that need not be there.
    pub(super) fn optional_globs(
        &self,
        fields: &Fields<'r, '_>,
        key: &'static str,
        kind: GlobKind,
    ) -> Option<Globs> {
        match fields.get(key) {
            None => Some(Globs::default()),
            Some(_) => self.globs(fields.texts(key), kind),
        }
    }

    /// The condition of a part.
    pub(super) fn when(&self, fields: &Fields<'r, '_>) -> Option<When> {
        if fields.get("when").is_none() {
            return Some(When::default());
        }
        let entries = fields.entries("when")?;
        all(entries.into_iter().map(|(name, value)| {
            let values = match value.get_ref().as_array() {
                Some(items) if items.is_empty() => {
                    self.report.problem(value.span(), "`when` allows no value", None);
                    None
                }
                Some(items) => all(items.iter().map(|item| self.report.scalar(item))),
                None => self.report.scalar(value).map(|value| vec![value]),
            };
            let Some(param) = self.params.iter().find(|param| param.name == name.value) else {
                let known: Vec<&str> = self.params.iter().map(|p| p.name.as_str()).collect();
                self.report.absence(
                    name.span.clone(),
                    format!("`when` names an unknown param `{}`", printable(name.value)),
                    nearest(name.value, &known)
                        .or_else(|| Some("there is no `[params]`".to_owned())),
                );
                return None;
            };
            let listed: Vec<&str> = param.values.iter().map(String::as_str).collect();
            let good = all(values?.into_iter().map(|value| {
                if param.open || listed.contains(&value.value.as_str()) {
                    return Some(value.value);
                }
                self.report.problem(
                    value.span,
                    format!("`{}` is no value of param `{}`", printable(&value.value), param.name),
                    nearest(&value.value, &listed),
                );
                None
            }));
            Some((name.value.to_owned(), good?))
        }))
        .map(When)
    }
}

/// Everything, or nothing when one is missing; unlike `collect` it looks at each.
pub(super) fn all<T, C: FromIterator<T>>(items: impl Iterator<Item = Option<T>>) -> Option<C> {
    let items: Vec<Option<T>> = items.collect();
    items.into_iter().collect()
}

/// Whether text is a name: safe as a file name and after `--set`.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+".contains(&byte))
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
