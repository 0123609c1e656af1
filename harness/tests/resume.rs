//! A run that is killed loses no finished sample and repeats none.

mod common;

use std::collections::BTreeMap;
use std::process::{Child, Stdio};

use bench_record::{EndReason, Outcome, SampleId};
use common::scenarios::{STORE_EXAMPLE, examples, storing};
use common::{Finished, Project, load};

const BLOCKS: usize = 4;
const SAMPLES: usize = BLOCKS * 3;
/// Lines that a whole run appends to its log of events: two per example.
const EVENTS: u64 = SAMPLES as u64 * 3 * 2;

/// Many short samples that say when an example begins and ends.
fn scenario() -> String {
    let script =
        format!("echo begin >> {{tools}}/events; {STORE_EXAMPLE}; echo end >> {{tools}}/events");
    storing(&script, &examples(&["one", "two", "three"]))
}

fn project() -> Project {
    Project::new(&scenario(), &[("workspace/file", "x")])
}

fn start(project: &Project) -> Child {
    project
        .run_command(&["--blocks", "4"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until the commands of the run have written `lines` events, or the run is over.
fn wait_for_events(project: &Project, child: &mut Child, lines: usize) {
    while project.events().len() < lines && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
}

fn resume(project: &Project) -> Finished {
    let output = project.bench(&["run", "--resume", "out"]).output().unwrap();
    Finished { output, out: project.path("out") }
}

fn committed(project: &Project) -> BTreeMap<SampleId, String> {
    if !project.path("out/records.ndjson").exists() {
        return BTreeMap::new();
    }
    load(&project.path("out"))
        .samples
        .into_iter()
        .map(|(sample, examples)| (sample.id.clone(), format!("{sample:?} {examples:?}")))
        .collect()
}

#[test]
fn kill_9_at_random_instants_then_resume_loses_and_repeats_nothing() {
    let mut random = fastrand::Rng::with_seed(20);
    for instant in 0..20 {
        let project = project();
        let mut child = start(&project);
        let lines = random.u64(0..EVENTS) as usize;
        wait_for_events(&project, &mut child, lines);
        child.kill().unwrap();
        child.wait().unwrap();
        if !project.path("out/records.ndjson").exists() {
            // Killed before the run had begun: there is nothing to lose, and nothing to resume.
            assert!(project.events().is_empty(), "instant {instant}");
            continue;
        }
        let before = committed(&project);
        let resumed = resume(&project).expect_code(0);
        let after = committed(&project);
        assert_eq!(after.len(), SAMPLES, "instant {instant}, {lines} events");
        for (id, sample) in &before {
            assert_eq!(after.get(id), Some(sample), "instant {instant}: {id} was lost or repeated");
        }
        let records = resumed.records();
        assert!(records.samples.iter().all(|(sample, _)| sample.outcome == Outcome::Ok));
        assert_eq!(records.end.map(|end| end.samples), Some(SAMPLES as u32));
        project.assert_home_untouched();
    }
}

#[test]
fn ctrl_c_ends_in_order_and_resume_goes_on() {
    a_signal_ends_in_order(rustix::process::Signal::INT, 130);
}

/// What a CI system sends when it cancels a job or its time is up.
#[test]
fn sigterm_ends_in_order_and_resume_goes_on() {
    a_signal_ends_in_order(rustix::process::Signal::TERM, 143);
}

#[track_caller]
fn a_signal_ends_in_order(signal: rustix::process::Signal, code: i32) {
    let project = project();
    let mut child = start(&project);
    wait_for_events(&project, &mut child, 20);
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, signal).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(code));
    let records = load(&project.path("out"));
    assert_eq!(records.end.unwrap().reason, EndReason::Interrupted);
    assert!(project.path("out/summary.json").exists());
    // Nobody waited for the runners to be deleted: they are out of the way, and the next run deletes them.
    let entries = |rel: &str| {
        std::fs::read_dir(project.path(rel)).map_or(0, |entries| entries.flatten().count())
    };
    assert_eq!((entries("state/runs"), entries("state/trash")), (0, 1));
    resume(&project).expect_code(0);
    assert_eq!(committed(&project).len(), SAMPLES);
    assert_eq!((entries("state/runs"), entries("state/trash")), (0, 0));
}

#[test]
fn a_torn_last_line_is_counted_and_the_run_goes_on() {
    let project = project();
    project.run(&["--blocks", "2"]).expect_code(0);
    let path = project.path("out/records.ndjson");
    let text = std::fs::read_to_string(&path).unwrap();
    let last_sample = text.rfind("{\"v\":2,\"kind\":\"sample\"").unwrap();
    std::fs::write(&path, &text[..last_sample + 40]).unwrap();
    assert_eq!(load(&project.path("out")).samples.len(), 5);
    let resumed = resume(&project).expect_code(0);
    let records = resumed.records();
    assert_eq!(records.samples.len(), 6);
    assert_eq!(records.resumes[0].torn_bytes, 40);
}

#[test]
fn a_default_state_root_is_in_nobodys_way_and_a_stated_one_is_refused() {
    let project = project();
    for command in ["run", "explain", "ablate"] {
        let told = |arguments: &[&str], state: &str| {
            let mut bench = project.bench(&[command, "--resume", "nowhere"]);
            let output = bench.args(arguments).env("BENCH_STATE", state).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{command}");
            String::from_utf8(output.stderr).unwrap()
        };
        let missing = told(&[], "elsewhere");
        assert!(missing.contains("nowhere"), "{command}: {missing}");
        let stated = told(&["--state", "there"], "elsewhere");
        assert!(stated.contains("`--state` cannot be used with `--resume`"), "{command}: {stated}");
    }
}

#[test]
fn a_run_whose_scenario_changed_is_not_resumed() {
    let project = project();
    let mut child = start(&project);
    wait_for_events(&project, &mut child, 20);
    child.kill().unwrap();
    child.wait().unwrap();
    project.write("scenario/scenario.toml", &scenario().replace("None.", "Another."));
    let refused = resume(&project).expect_code(2);
    assert!(refused.stderr().contains("the scenario's files"), "{}", refused.stderr());
}

#[test]
fn a_complete_run_has_nothing_to_resume_and_is_not_measured_again() {
    let project = project();
    project.run(&["--blocks", "1"]).expect_code(0);
    let before = std::fs::read(project.path("out/records.ndjson")).unwrap();
    let resumed = resume(&project).expect_code(0);
    assert!(resumed.stderr().contains("nothing to resume"));
    assert_eq!(std::fs::read(project.path("out/records.ndjson")).unwrap(), before);
    // Nor is a run directory used twice.
    project.run(&["--blocks", "1"]).expect_code(2);
}
