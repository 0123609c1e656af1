//! `[[probe]]`: where hits and misses are read.

use regex::Regex;

use super::context::{Context, TemplatePlace};
use crate::scenario::condition::When;
use crate::scenario::reader::{
    Fields, Shape, TableShape, all, one_of, optional, required, word_of, words_of,
};
use crate::scenario::template::Template;
use crate::scenario::writer::{Writer, argv};

const COUNTERS: [(&str, Counter); 3] =
    [("cache", Counter::Cache), ("daemon", Counter::Daemon), ("sample", Counter::Sample)];
const COUNTER_WORDS: &[&str] = &words_of(&COUNTERS);

/// `[[probe]]`
pub(super) static PROBE: TableShape = TableShape {
    title: "[[probe]]",
    doc: "Where hits and misses are read after each sample: the evidence for its regime. What cannot be read is unknown, never 0.",
    keys: &[
        required("name", Shape::Name, "Its name in reports."),
        optional("run", Shape::Filled(&Shape::Template), "", "A command that prints counters."),
        optional("phase", Shape::Name, "", "What this phase printed."),
        optional("service", Shape::Name, "", "What this service printed."),
        required(
            "hits",
            Shape::Regex,
            "Captured integers of all matches are added up; without a group, matches are counted. `(?m)` makes `^` and `$` match at lines.",
        ),
        optional("misses", Shape::Regex, "unknown", "Likewise."),
        optional(
            "counter",
            Shape::Choice(COUNTER_WORDS),
            "`cache` for `run`, `sample` for `phase` and `service`",
            "What the counters belong to: `cache` if they are stored in the cache and travel with it (a sample's own hits are then the difference to its snapshot's), `daemon` if a daemon keeps them in its memory (only for `hot`, where it is still alive, the difference counts), `sample` if they start at zero.",
        ),
        Context::WHEN,
    ],
    groups: &[one_of(&["run", "phase", "service"])],
    needs: &[],
    example: "[[probe]]\nname = \"ccache\"\nrun = [\"ccache\", \"--print-stats\"]\nhits = '(?m)^(?:direct|preprocessed)_cache_hit\\s+(\\d+)'\nmisses = '(?m)^cache_miss\\s+(\\d+)'",
};

/// Where hits and misses are read after each sample.
#[derive(Clone, Debug)]
pub struct ProbeSpec {
    /// Name.
    pub name: String,
    /// Where the text comes from.
    pub from: ProbeFrom,
    /// Hits: captured integers are added up; without a group, matches are counted.
    pub hits: Regex,
    /// Misses, likewise.
    pub misses: Option<Regex>,
    /// What the counters belong to.
    pub counter: Counter,
    /// When it applies.
    pub when: When,
}

impl PartialEq for ProbeSpec {
    fn eq(&self, other: &Self) -> bool {
        let Self { name, from, hits, misses, counter, when } = self;
        (name, from, counter, when) == (&other.name, &other.from, &other.counter, &other.when)
            && hits.as_str() == other.hits.as_str()
            && misses.as_ref().map(Regex::as_str) == other.misses.as_ref().map(Regex::as_str)
    }
}

/// Where a probe's text comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ProbeFrom {
    /// Standard output of a command.
    Command(Vec<Template>),
    /// What a phase printed (standard output and standard error) in this sample.
    Phase(String),
    /// What a service printed in this sample.
    Service(String),
}

/// What a probe's counters belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// The cache: they travel with it, so a sample's own hits are the difference to its snapshot's counters.
    Cache,
    /// A daemon's memory: they start at zero with each sample but hot, in which it is still alive.
    Daemon,
    /// The sample: they start at zero with each (a phase's output).
    Sample,
}

pub(super) fn read<'r>(context: &Context<'r, '_>, file: &Fields<'r, '_>) -> Option<Vec<ProbeSpec>> {
    let tables = file.tables("probe");
    context.unique("probes", &tables);
    all(tables.iter().map(|table| probe(context, table)))
}

fn probe(context: &Context<'_, '_>, probe: &Fields<'_, '_>) -> Option<ProbeSpec> {
    let name = probe.name("name");
    let run = probe.optional("run", || {
        context.argv(probe.argv("run"), TemplatePlace::Elsewhere).map(ProbeFrom::Command)
    });
    let phase = probe.optional("phase", || {
        context.reference("phase", probe.text("phase"), &context.phases).map(ProbeFrom::Phase)
    });
    let service = probe.optional("service", || {
        let service = context.reference("service", probe.text("service"), &context.services);
        service.map(ProbeFrom::Service)
    });
    let hits = probe.regex("hits");
    let misses = probe.optional("misses", || probe.regex("misses"));
    let counter =
        probe.optional_text("counter", |text| context.diagnostics.choice(&text, &COUNTERS));
    let when = context.when(probe);
    let from = run?.or(phase?).or(service?)?;
    let usual =
        if matches!(from, ProbeFrom::Command(_)) { Counter::Cache } else { Counter::Sample };
    Some(ProbeSpec {
        name: name?,
        from,
        hits: hits?,
        misses: misses?,
        counter: counter?.unwrap_or(usual),
        when: when?,
    })
}

pub(super) fn write(writer: &mut Writer<'_>, probes: &[ProbeSpec]) {
    for probe in probes {
        let source_applies = match &probe.from {
            ProbeFrom::Command(_) => true,
            ProbeFrom::Phase(name) => writer.has("phase", name),
            ProbeFrom::Service(name) => writer.has("service", name),
        };
        if !source_applies || !writer.holds(&probe.when) {
            continue;
        }
        writer.header("[[probe]]");
        writer.string("name", &probe.name);
        match &probe.from {
            ProbeFrom::Command(command) => writer.line("run", argv(command)),
            ProbeFrom::Phase(name) => writer.string("phase", name),
            ProbeFrom::Service(name) => writer.string("service", name),
        }
        writer.string("hits", probe.hits.as_str());
        writer.optional_string("misses", probe.misses.as_ref().map(Regex::as_str));
        writer.string("counter", word_of(&COUNTERS, &probe.counter));
        writer.when(&probe.when);
    }
}
