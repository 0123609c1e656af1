//! What scripts/fleet holds for people with a cluster: the job scripts of a Slurm array, run as Slurm runs them
//! (its variables, its working directory), and the comparison of a real with the simulated other runner.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::scenarios::{PROBE, storing};
use common::{Project, ended, load};

/// A tool whose store is a hit on every runner to which it was restored.
fn project() -> Project {
    let script = "if [ -f $STORE/entry ]; then echo hit; else echo miss; fi; mkdir -p $STORE && echo x > $STORE/entry";
    let scenario = storing(script, &format!("{PROBE}counter = 'sample'\n"));
    Project::new(&scenario, &[("workspace/src.txt", "alpha")])
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/fleet").join(name)
}

/// A command in the project, as its user would start it there.
fn in_project(project: &Project, program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(project.path("."))
        .env("HOME", project.path("home"))
        .env("CI", "1")
        .env("BENCH", env!("CARGO_BIN_EXE_bench"))
        .env("BENCH_STATE", project.path("state"));
    command
}

/// Exit code and both streams.
fn output(command: &mut Command) -> (i32, String, String) {
    ended(&command.output().unwrap())
}

/// One task of array job `job`.
fn task(project: &Project, name: &str, job: u32, task: u32, of: u32, args: &[&str]) {
    let mut command = in_project(project, &script(name));
    command
        .args(args)
        .env("SLURM_ARRAY_JOB_ID", job.to_string())
        .env("SLURM_ARRAY_TASK_ID", task.to_string())
        .env("SLURM_ARRAY_TASK_COUNT", of.to_string());
    let (code, _, stderr) = output(&mut command);
    assert_eq!(code, 0, "{name} {task}/{of}: {stderr}");
}

fn merge(project: &Project, parts: &[&str], out: &str) -> (i32, String) {
    let (code, _, stderr) = output(project.bench(&["merge"]).args(parts).args(["--out", out]));
    (code, stderr)
}

#[test]
fn an_array_job_measures_a_plan_and_a_second_one_only_what_is_missing() {
    let project = project();
    // A value that a shell would take apart, had it not been quoted all the way.
    let args = ["--scenario", "scenario", "--blocks", "5", "--seed", "7", "--source", "a b's"];
    fs::create_dir(project.path("a b's")).unwrap();
    fs::write(project.path("a b's/src.txt"), "alpha").unwrap();
    for index in [1, 2, 4] {
        task(&project, "shard.sbatch", 70, index, 4, &args);
    }
    let parts = ["parts/70-1", "parts/70-2", "parts/70-4"];
    let (code, stderr) = merge(&project, &parts, "merged");
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("block 3: all of it"), "{stderr}");

    let (code, plan, stderr) = output(&mut project.bench(&["plan", "--missing", "merged"]));
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(plan.lines().count(), 1, "{plan}");
    fs::write(project.path("missing"), plan).unwrap();
    task(&project, "missing.sbatch", 71, 1, 1, &["missing"]);
    let again = load(&project.path("parts/71-1"));
    assert!(again.samples.iter().all(|(sample, _)| sample.block == 3), "only what was missing");

    let (code, stderr) = merge(&project, &["merged", "parts/71-1"], "whole");
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(load(&project.path("whole")).samples.len(), 15);
}

#[test]
fn a_task_that_slurm_starts_again_leaves_what_is_there() {
    let project = project();
    let args = ["--scenario", "scenario", "--blocks", "1", "--seed", "7", "--regime", "cold"];
    task(&project, "shard.sbatch", 70, 1, 1, &args);
    let path = project.path("parts/70-1/records.ndjson");
    let before = fs::read(&path).unwrap();
    let mut again = in_project(&project, &script("shard.sbatch"));
    again.args(args);
    for (name, value) in [
        ("SLURM_ARRAY_JOB_ID", "70"),
        ("SLURM_ARRAY_TASK_ID", "1"),
        ("SLURM_ARRAY_TASK_COUNT", "1"),
    ] {
        again.env(name, value);
    }
    let (code, _, stderr) = output(&mut again);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("holds a run already"), "{stderr}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

/// `real-against-simulated` over two runs of one plan.
fn compared(project: &Project, real: &str, simulated: &str) -> (i32, String, String) {
    let mut command = in_project(project, &script("real-against-simulated"));
    output(command.args(["fake", real, simulated]))
}

/// Both runs, of `blocks` blocks.
fn two_runs(blocks: &str) -> Project {
    let project = project();
    for out in ["real", "simulated"] {
        let args = ["run", "--scenario", "scenario", "--blocks", blocks, "--seed", "7"];
        let more = ["--regime", "cold,cross-runner", "--state", "state", "--quiet", "--out", out];
        let (code, _, stderr) = output(project.bench(&args).args(more));
        assert_eq!(code, 0, "{stderr}");
    }
    project
}

/// Replaces the lines of the cross-runner samples of a run.
fn edit(project: &Project, run: &str, block: &str, change: impl Fn(&str) -> Option<String>) {
    let path = project.path(run).join("records.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let id = format!(r#""kind":"sample","id":"{block}-candidate-cross-runner""#);
    assert!(text.contains(&id), "{text}");
    let lines = text
        .lines()
        .filter_map(|line| if line.contains(&id) { change(line) } else { Some(line.to_owned()) });
    let text: String = lines.flat_map(|line| [line, "\n".to_owned()]).collect();
    fs::write(path, text).unwrap();
}

#[test]
fn equal_hits_of_a_real_and_a_simulated_runner_are_a_row_with_an_interval() {
    let project = two_runs("7");
    let (code, stdout, stderr) = compared(&project, "real", "simulated");
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let rows: Vec<Vec<&str>> = stdout
        .lines()
        .map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 2, "{stdout}");
    assert_eq!(rows[0][..5], ["fake", "cold", "7", "0/1", "0/1"], "{stdout}");
    let cells = &rows[1];
    assert_eq!(cells[..5], ["fake", "cross-runner", "7", "1/0", "1/0"], "{stdout}");
    assert_eq!(cells.len(), 10, "{stdout}");
    let ratio = |text: &str| text.parse::<f64>().unwrap();
    let (estimate, interval) = cells[7].split_once(" (").unwrap();
    let (low, high) = interval.split_once(',').unwrap().0.split_once('-').unwrap();
    assert!(ratio(low) <= ratio(estimate) && ratio(estimate) <= ratio(high), "{stdout}");
    assert!(ratio(high) > 0.0, "{stdout}");
}

#[test]
fn other_hits_of_the_real_runner_are_told_by_the_exit_code() {
    let project = two_runs("1");
    edit(&project, "real", "b001", |line| {
        Some(line.replace(r#""hits":1,"misses":0"#, r#""hits":0,"misses":1"#))
    });
    let (code, stdout, _) = compared(&project, "real", "simulated");
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("| fake | cross-runner | 1 | 1/0 | 0/1 |"), "{stdout}");
}

#[test]
fn runs_that_cannot_be_compared_are_no_row() {
    let project = two_runs("2");
    edit(&project, "simulated", "b002", |_| None);
    let (code, stdout, stderr) = compared(&project, "real", "simulated");
    assert_eq!((code, stdout.contains("cross-runner")), (2, false), "{stdout}");
    assert!(stderr.contains("samples of different blocks"), "{stderr}");

    edit(&project, "real", "b002", |line| {
        Some(line.replace(
            r#""outcome":"ok","reason":null,"started""#,
            r#""outcome":"unproven","reason":"no seed","started""#,
        ))
    });
    let (code, stdout, stderr) = compared(&project, "real", "simulated");
    assert_eq!((code, stdout.contains("cross-runner")), (2, false), "{stdout}");
    assert!(stderr.contains("block 2: unproven no seed"), "{stderr}");
}
