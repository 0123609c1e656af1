//! The machine, the tools and the run itself.

use bench_record::Host;

use super::super::Input;
use super::markup::Markup;
use super::page::Section;
use super::table::{Table, words};
use crate::document::units;

/// The machine and the tools, or `None` where neither is known.
pub(super) fn machine(input: &Input) -> Option<Section> {
    let run = &input.run.run;
    let body = if run.parts.is_empty() {
        list(&host(&run.host))
    } else {
        run.parts.iter().fold(Markup::default(), |all, part| {
            all.raw("<h3>Part <code>")
                .name(part.run.as_str())
                .raw("</code></h3>\n")
                .add(&list(&host(&part.host)))
        })
    };
    let mut tools = Table::new("Tools", vec![words("tool"), words("version"), words("path")]);
    for (name, tool) in &run.tools {
        let known =
            |text: &Option<String>| Markup::default().name(text.as_deref().unwrap_or("unknown"));
        tools.row(vec![
            Markup::default().name(name).into(),
            known(&tool.version).into(),
            known(&tool.path).into(),
        ]);
    }
    let body =
        if tools.is_empty() { body } else { body.raw("<h3>Tools</h3>\n").add(&tools.markup()) };
    (!body.as_str().is_empty()).then_some(Section {
        id: "machine",
        heading: "Machine",
        lead: "",
        body,
    })
}

fn host(host: &Host) -> Vec<(&'static str, String)> {
    let known = |name, value: Option<String>| Some((name, value?));
    let isolation: Vec<&str> =
        host.isolation.iter().filter(|(_, used)| **used).map(|(level, _)| level.as_str()).collect();
    [
        known("CPU", host.cpu.clone()),
        known("Cores", host.cores.map(|cores| cores.to_string())),
        known("Core limit", host.cgroup_cores.map(|cores| format!("{cores}"))),
        known("Memory", host.memory_bytes.map(units::bytes)),
        known("Memory limit", host.cgroup_memory_bytes.map(units::bytes)),
        known("System", host.os.clone()),
        known("Kernel", host.kernel.clone()),
        known("Governor", host.governor.clone()),
        known("File system", host.file_system.clone()),
        known("Virtualisation", host.virtualisation.clone()),
        known("Isolation", (!isolation.is_empty()).then(|| isolation.join(", "))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The run: enough to find it again and to repeat it.
pub(super) fn about(input: &Input) -> Section {
    let run = &input.run.run;
    let mut facts: Vec<(&'static str, String)> = vec![
        ("Run", run.id.to_string()),
        ("Started", run.started.to_rfc3339()),
        ("Written by", format!("bench {}", run.bench)),
        ("Scenario digest", run.scenario.hash.clone()),
        ("Seed", run.options.seed.to_string()),
        ("Blocks", run.options.blocks.to_string()),
        ("Design", run.design.to_string()),
    ];
    if let Some(end) = &input.run.end {
        facts.push(("Ended", format!("{}, {}", end.at.to_rfc3339(), end.reason)));
    }
    facts.push((
        "Own share",
        input.summary.harness_share.map_or_else(
            || "unknown".to_owned(),
            |share| format!("{} of the run's wall time", units::percent(share)),
        ),
    ));
    for arm in &run.arms {
        let source = &arm.source;
        let mut parts: Vec<String> = vec![arm.arm.to_string()];
        parts.extend(source.origin.clone());
        parts.extend(source.revision.clone());
        parts.extend((source.dirty == Some(true)).then(|| "with uncommitted changes".to_owned()));
        parts.extend(arm.params.iter().map(|(name, value)| format!("{name}={value}")));
        facts.push(("Source", parts.join(", ")));
    }
    facts.extend(run.ci.iter().map(|(name, value)| ("CI", format!("{name}={value}"))));
    if !run.left_out.is_empty() {
        facts.push(("Left out", units::counted(run.left_out.len(), "example")));
    }
    Section { id: "about", heading: "About this run", lead: "", body: list(&facts) }
}

fn list(facts: &[(&'static str, String)]) -> Markup {
    if facts.is_empty() {
        return Markup::default();
    }
    let items = facts.iter().map(|(name, value)| {
        Markup::new("<dt>").text(name).raw("</dt><dd>").name(value).raw("</dd>\n")
    });
    Markup::new("<dl>\n").all(items).raw("</dl>\n")
}
