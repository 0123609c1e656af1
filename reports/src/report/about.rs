//! The machine, the tools and the run itself.

use bench_record::{Host, Run};

use super::evidence::{self, own_share};
use super::input::Input;
use crate::document::{Blocks, Cell, Column, Media, Section, Table, Words, units};

/// Params that Markdown lists.
const LISTED: usize = 30;

/// The machine and the tools, or `None` where neither is known.
pub(super) fn machine(input: &Input) -> Option<Section> {
    let run = &input.run.run;
    let mut blocks = Blocks::new();
    if run.parts.is_empty() {
        blocks = blocks.facts(host(&run.host));
    }
    for part in &run.parts {
        let heading = Words::from("Part ").code(part.run.as_str());
        blocks = blocks.heading(heading).facts(host(&part.host));
    }
    let columns = [Column::names("tool"), Column::words("version"), Column::words("path")];
    let mut table = Table::new("Tools", columns);
    for (name, tool) in &run.tools {
        let known = |text: &Option<String>| Cell::name(text.as_deref().unwrap_or("unknown"));
        table.row([Cell::name(name), known(&tool.version), known(&tool.path)]);
    }
    if !table.is_empty() {
        blocks = blocks.heading("Tools").table(table);
    }
    (!blocks.is_empty()).then(|| Section::new("machine", "Machine", blocks))
}

fn host(host: &Host) -> Vec<(String, Words)> {
    let isolation: Vec<&str> =
        host.isolation.iter().filter(|(_, used)| **used).map(|(level, _)| level.as_str()).collect();
    [
        ("CPU", host.cpu.clone()),
        ("Cores", host.cores.map(|cores| cores.to_string())),
        ("Core limit", host.cgroup_cores.map(|cores| cores.to_string())),
        ("Memory", host.memory_bytes.map(units::bytes)),
        ("Memory limit", host.cgroup_memory_bytes.map(units::bytes)),
        ("System", host.os.clone()),
        ("Kernel", host.kernel.clone()),
        ("Governor", host.governor.clone()),
        ("File system", host.file_system.clone()),
        ("Virtualisation", host.virtualisation.clone()),
        ("Isolation", (!isolation.is_empty()).then(|| isolation.join(", "))),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), Words::new().name(value?))))
    .collect()
}

/// The run: enough to find it again and to repeat it.
#[expect(clippy::unnecessary_wraps, reason = "the list of sections holds functions of one type")]
pub(super) fn section(input: &Input) -> Option<Section> {
    let blocks = Blocks::new()
        .only(Media::HTML, Blocks::new().facts(facts(input)))
        .only(Media::MARKDOWN, in_short(input));
    Some(Section::new("about", "About this run", blocks).headed(Media::HTML))
}

fn facts(input: &Input) -> Vec<(String, Words)> {
    let run = &input.run.run;
    let mut facts: Vec<(&str, String)> = vec![
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
    facts.extend(sources(run).map(|source| ("Source", source)));
    facts.extend(run.ci.iter().map(|(name, value)| ("CI", format!("{name}={value}"))));
    if !run.left_out.is_empty() {
        facts.push(("Left out", units::counted(run.left_out.len(), "example")));
    }
    let fact = |(name, value): (&str, String)| (name.to_owned(), Words::new().name(value));
    facts.into_iter().map(fact).collect()
}

/// What each arm was built from.
fn sources(run: &Run) -> impl Iterator<Item = String> {
    run.arms.iter().map(|arm| {
        let source = &arm.source;
        let mut parts: Vec<String> = vec![arm.arm.to_string()];
        parts.extend(source.origin.clone());
        parts.extend(source.revision.clone());
        parts.extend((source.dirty == Some(true)).then(|| "with uncommitted changes".to_owned()));
        parts.extend(arm.params.iter().map(|(name, value)| format!("{name}={value}")));
        parts.join(", ")
    })
}

/// Run, evidence and machine in two paragraphs.
fn in_short(input: &Input) -> Blocks {
    let run = &input.run.run;
    let share = own_share(input).map(|share| format!(" {share}.")).unwrap_or_default();
    let proof = Words::from("Run ")
        .code(input.summary.run_id.as_str())
        .sentence(&format!(". Evidence: {}.{share}", evidence::line(input.run)));
    let cpu = run.host.cpu.as_deref().map(|cpu| Words::new().code(cpu));
    let cores = run.host.cores.map(|cores| units::counted(cores as usize, "core"));
    let params = input.summary.params.iter().take(LISTED);
    let facts: Vec<Words> = cpu
        .into_iter()
        .chain(cores.map(Words::from))
        .chain(params.map(|(name, value)| Words::new().setting(name, value)))
        .collect();
    let blocks = Blocks::new().paragraph(proof);
    if facts.is_empty() { blocks } else { blocks.paragraph(Words::joined(facts, ", ").text(".")) }
}
