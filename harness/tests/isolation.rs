//! Nothing outside the state root is written or deleted, and nothing outlives its sample.

mod common;

use bench_record::{Outcome, Regime};
use common::Project;

fn toml(cache_path: &str, script: &str) -> String {
    format!(
        r#"
[scenario]
title = "Isolation"
analysis = "Tries to leave its state root."

[[cache]]
name = "store"
path = "{cache_path}"
env = "STORE"

[[phase]]
name = "work"
measured = true
shell = true
timeout = "20s"
run = '''
{script}
mkdir -p "$STORE" && echo x > "$STORE/x"
'''
"#
    )
}

#[test]
fn a_cache_path_outside_the_runner_is_refused_and_nothing_is_touched() {
    let outside = [
        "~",
        "/",
        "..",
        "{home}/..",
        "{cache}",
        "{workspace}/../x",
        "/etc/passwd",
        "{home}/a/../../b",
        "",
    ];
    for path in outside {
        let project = Project::new(&toml(path, "touch {tools}/events"), &[("workspace/file", "x")]);
        let finished = project.run(&[]).expect_code(2);
        let stderr = finished.stderr();
        assert!(stderr.contains("scenario.toml:"), "`{path}`: {stderr}");
        assert!(!finished.out.exists(), "`{path}`");
        assert!(project.events().is_empty(), "`{path}`");
        project.assert_home_untouched();
    }
}

#[cfg(unix)]
#[test]
fn a_cache_behind_a_link_out_of_the_state_root_is_refused_and_nothing_is_touched() {
    let project = Project::new(&toml("{workspace}/link/store", ":"), &[("workspace/file", "x")]);
    std::os::unix::fs::symlink(project.path("home"), project.path("scenario/workspace/link"))
        .unwrap();
    let finished = project.run(&["--blocks", "1"]).expect_code(2);
    assert!(finished.stderr().contains("link"), "{}", finished.stderr());
    project.assert_home_untouched();
}

#[cfg(unix)]
#[test]
fn a_cache_that_a_command_turns_into_a_link_is_not_followed() {
    let project = Project::new(&toml("{cache}/store", ":"), &[("workspace/file", "x")]);
    let home = project.path("home");
    let script = format!("ln -s {} {{cache}}/store; exit 0", home.display());
    project.write("scenario/scenario.toml", &toml("{cache}/store", &script));
    let finished = project.run(&["--blocks", "1"]).expect_code(5);
    let (sample, _) = finished.sample(Regime::Cold);
    assert_eq!(sample.outcome, Outcome::Unproven);
    assert!(sample.reason.unwrap().contains("link"));
    project.assert_home_untouched();
}

#[test]
fn the_environment_is_built_from_nothing() {
    let script = "env | sort > {tools}/events";
    let project = Project::new(&toml("{cache}/store", script), &[("workspace/file", "x")]);
    let mut command = project.run_command(&["--blocks", "1", "--regime", "cold"]);
    let output = command.env("SECRET_TOKEN", "hunter2").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let env = project.events();
    assert!(!env.iter().any(|line| line.contains("SECRET_TOKEN")), "{env:?}");
    let state = project.path("state").canonicalize().unwrap();
    for name in ["HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "STORE"] {
        let value = env.iter().find_map(|line| line.strip_prefix(&format!("{name}="))).unwrap();
        assert!(std::path::Path::new(value).starts_with(&state), "{name}={value}");
    }
    let records = std::fs::read_to_string(project.path("out/records.ndjson")).unwrap();
    assert!(!records.contains("hunter2"), "the environment is not recorded");
}

#[cfg(target_os = "linux")]
#[test]
fn a_double_forking_daemon_is_dead_before_the_next_sample_starts() {
    let script = r#"
if [ -e {tools}/pid ]; then
  if kill -0 "$(cat {tools}/pid)" 2>/dev/null; then echo alive >> {tools}/events; else echo dead >> {tools}/events; fi
fi
rm -f {tools}/pid
setsid sh -c '(echo $$ > {tools}/pid.new; mv {tools}/pid.new {tools}/pid; exec sleep 1000) &' > /dev/null 2>&1
until [ -e {tools}/pid ]; do :; done
"#;
    let project = Project::new(&toml("{cache}/store", script), &[("workspace/file", "x")]);
    let finished = project.run(&["--blocks", "2"]).expect_code(0);
    assert_eq!(project.events(), vec!["dead"; 5]);
    let (sample, _) = finished.sample(Regime::Cold);
    assert!(sample.evidence.killed >= 1, "the daemon is counted");
}

#[cfg(target_os = "linux")]
#[test]
fn a_time_out_kills_the_whole_tree() {
    let script = r"
(setsid sh -c 'echo $$ > {tools}/one; exec sleep 1000') &
(sh -c 'echo $$ > {tools}/two; exec sleep 1000') &
until [ -s {tools}/one ] && [ -s {tools}/two ]; do :; done
wait
";
    let toml = toml("{cache}/store", script).replace("20s", "2s");
    let project = Project::new(&toml, &[("workspace/file", "x")]);
    let finished = project.run(&["--blocks", "1", "--regime", "cold"]).expect_code(4);
    let (sample, _) = finished.sample(Regime::Cold);
    assert_eq!(sample.outcome, Outcome::TimedOut);
    for name in ["one", "two"] {
        let pid = std::fs::read_to_string(project.path("state/tools/scenario").join(name)).unwrap();
        let alive = std::path::Path::new("/proc").join(pid.trim()).exists();
        assert!(!alive, "process {name} outlived the time-out");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_cannot_write_outside_the_state_root_where_the_kernel_confines_it() {
    let project = Project::new(&toml("{cache}/store", ":"), &[("workspace/file", "x")]);
    let target = project.path("home/written");
    let script = format!(
        "if echo x > {} ; then echo written; else echo refused; fi > {{tools}}/events",
        target.display()
    );
    project.write("scenario/scenario.toml", &toml("{cache}/store", &script));
    let finished = project.run(&["--blocks", "1", "--regime", "cold"]).expect_code(0);
    let confined = finished.records().run.host.isolation.get("landlock").copied();
    let kernel_has_it = std::fs::read_to_string("/sys/kernel/security/lsm")
        .map_or(confined == Some(true), |lsm| lsm.contains("landlock"));
    assert_eq!(confined, Some(kernel_has_it), "landlock is used where the kernel has it");
    if kernel_has_it {
        assert!(!target.exists());
        assert_eq!(project.events(), ["refused"]);
    }
}

#[test]
fn a_state_root_that_is_not_ours_is_refused() {
    let project = Project::new(&toml("{cache}/store", ":"), &[("workspace/file", "x")]);
    let home = project.path("home");
    for state in [home.to_str().unwrap(), "/", "scenario"] {
        let mut command =
            project.bench(&["run", "--scenario", "scenario", "--out", "out", "--state", state]);
        let output = command.output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{state}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        project.assert_home_untouched();
    }
    assert!(!project.path("out").exists());
}
