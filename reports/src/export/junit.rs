//! `JUnit` XML: a gate is a test case, so that the CI's own view of tests shows what failed.

use bench_record::{GateSummary, GateVerdict, LoadedRun, Regime};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::names::{Unique, plain, shown};
use super::{ExportError, Exporter, Input, cut_short};
use crate::document::units::counted;
use crate::verdict::gate_line;

/// Writes a suite with one case per gate: failed when it is `regressed`, an error when it is `inconclusive` or
/// rests on what is not proven, skipped when it does not apply.
#[derive(Clone, Copy, Debug)]
pub struct Junit;

impl Exporter for Junit {
    fn export(&self, input: &Input) -> Result<String, ExportError> {
        Ok(document(input)?)
    }

    fn notes(&self, run: &LoadedRun) -> Vec<String> {
        if run.run.imported.is_some() {
            return vec!["imported times are never judged: there is no test case".to_owned()];
        }
        if crate::verdict::questions::gates(run).is_empty() {
            return vec![
                "the run has no gate, so there is no test case (hint: `[[gate]]` in the scenario)"
                    .to_owned(),
            ];
        }
        let unproven = run
            .samples
            .iter()
            .filter(|(sample, _)| sample.outcome == bench_record::Outcome::Unproven)
            .count();
        let unproven = (unproven > 0)
            .then(|| format!("{} entered no verdict", counted(unproven, "unproven sample")));
        unproven.into_iter().chain(cut_short(run)).collect()
    }
}

/// What a case says apart from its name.
enum Ending {
    Passed,
    Skipped,
    Failure,
    Error(&'static str),
}

impl Ending {
    const fn of(gate: &GateSummary) -> Self {
        match gate.verdict {
            GateVerdict::Regressed => Self::Failure,
            GateVerdict::NotApplicable => Self::Skipped,
            _ if gate.unproven => Self::Error("unproven"),
            GateVerdict::Inconclusive => Self::Error("inconclusive"),
            GateVerdict::Ok | GateVerdict::Improved => Self::Passed,
        }
    }
}

fn document(input: &Input) -> std::io::Result<String> {
    let run = &input.run.run;
    let gates: &[GateSummary] = if run.imported.is_some() { &[] } else { &input.summary.gates };
    let count = |wanted: fn(&Ending) -> bool| {
        gates.iter().filter(|gate| wanted(&Ending::of(gate))).count().to_string()
    };
    let (tests, failures) = (gates.len().to_string(), count(|e| matches!(e, Ending::Failure)));
    let errors = count(|e| matches!(e, Ending::Error(_)));
    let skipped = count(|e| matches!(e, Ending::Skipped));
    let started = run.started.to_rfc3339();
    let scenario = plain(&run.scenario.name);
    let time = measured(input.run);
    let totals = |name: &'static str, label: &str| {
        BytesStart::new(name).with_attributes([
            ("name", label),
            ("tests", &tests),
            ("failures", &failures),
            ("errors", &errors),
            ("skipped", &skipped),
            ("time", &time),
            ("timestamp", &started),
        ])
    };
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.write_event(Event::Start(totals("testsuites", "bench")))?;
    xml.write_event(Event::Start(totals("testsuite", &scenario)))?;
    xml.write_event(Event::Start(BytesStart::new("properties")))?;
    let params =
        run.params.iter().map(|(key, value)| (format!("param.{}", plain(key)), plain(value)));
    for (name, value) in [("run".to_owned(), plain(run.id.as_str()))].into_iter().chain(params) {
        xml.write_event(Event::Empty(
            BytesStart::new("property")
                .with_attributes([("name", name.as_str()), ("value", value.as_str())]),
        ))?;
    }
    xml.write_event(Event::End(BytesEnd::new("properties")))?;
    let mut unique = Unique::default();
    for gate in gates {
        case(&mut xml, &scenario, &unique.take(&plain(&gate.gate)), gate)?;
    }
    xml.write_event(Event::End(BytesEnd::new("testsuite")))?;
    xml.write_event(Event::End(BytesEnd::new("testsuites")))?;
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(std::io::Error::other)
}

fn case(
    xml: &mut Writer<Vec<u8>>,
    scenario: &str,
    name: &str,
    gate: &GateSummary,
) -> std::io::Result<()> {
    let class = format!("{scenario}.{}", gate.regime.map_or("gates", Regime::as_str));
    let start = BytesStart::new("testcase")
        .with_attributes([("name", name), ("classname", class.as_str())]);
    let line = shown(&gate_line(gate));
    let reason = shown(gate.reason.as_deref().unwrap_or_default());
    let (element, kind) = match Ending::of(gate) {
        Ending::Passed => {
            xml.write_event(Event::Start(start))?;
            text_element(xml, "system-out", &line)?;
            return xml.write_event(Event::End(BytesEnd::new("testcase")));
        }
        Ending::Skipped => {
            xml.write_event(Event::Start(start))?;
            let skipped =
                BytesStart::new("skipped").with_attributes([("message", reason.as_str())]);
            xml.write_event(Event::Empty(skipped))?;
            return xml.write_event(Event::End(BytesEnd::new("testcase")));
        }
        Ending::Failure => ("failure", "regressed"),
        Ending::Error(kind) => ("error", kind),
    };
    xml.write_event(Event::Start(start))?;
    let message = if reason.is_empty() { &line } else { &reason };
    xml.write_event(Event::Start(
        BytesStart::new(element).with_attributes([("message", message.as_str()), ("type", kind)]),
    ))?;
    xml.write_event(Event::Text(BytesText::new(&line)))?;
    xml.write_event(Event::End(BytesEnd::new(element)))?;
    xml.write_event(Event::End(BytesEnd::new("testcase")))
}

fn text_element(xml: &mut Writer<Vec<u8>>, name: &str, text: &str) -> std::io::Result<()> {
    xml.write_event(Event::Start(BytesStart::new(name)))?;
    xml.write_event(Event::Text(BytesText::new(text)))?;
    xml.write_event(Event::End(BytesEnd::new(name)))
}

/// Seconds of all samples together: a gate itself takes no time.
fn measured(run: &LoadedRun) -> String {
    let ns = run.samples.iter().map(|(sample, _)| sample.wall_ns).fold(0, u64::saturating_add);
    format!("{}.{:03}", ns / 1_000_000_000, ns / 1_000_000 % 1_000)
}
