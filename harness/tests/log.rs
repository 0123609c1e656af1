//! The log: silent by default, on standard error only, and without anything that could be a secret.

mod common;

use common::Project;
use common::scenarios::{PROBE, storing};

const SCRIPT: &str = "mkdir -p $STORE; echo x > $STORE/x; echo miss; echo hit";
const PHASE_ENV: &str = "\n[env.set]\nTOKEN = \"hush-hush\"\n";

fn project() -> Project {
    let toml = storing(SCRIPT, &[PROBE, PHASE_ENV].concat());
    Project::new(&toml, &[("workspace/file", "x")])
}

/// Standard output and error of a run of one block with these arguments and this `BENCH_LOG`.
fn run(project: &Project, code: i32, args: &[&str], variable: Option<&str>) -> (String, String) {
    let mut command = project.run_command(&[&["--blocks", "1"], args].concat());
    match variable {
        Some(value) => command.env("BENCH_LOG", value),
        None => command.env_remove("BENCH_LOG"),
    };
    let (found, stdout, stderr) = common::ended(&command.output().unwrap());
    assert_eq!(found, code, "{stdout}{stderr}");
    (stdout, stderr)
}

fn lines<'t>(log: &'t str, level: &str) -> Vec<&'t str> {
    log.lines().filter(|line| line.contains(&format!(" {level} bench"))).collect()
}

#[test]
fn nothing_is_logged_unless_asked_for() {
    let (stdout, stderr) = run(&project(), 0, &[], None);
    for text in [&stdout, &stderr] {
        assert!(!text.contains("INFO") && !text.contains("bench::"), "{text}");
    }
    let (_, stderr) = run(&project(), 0, &[], Some(""));
    assert!(!stderr.contains("INFO"), "{stderr}");
}

#[test]
fn verbose_says_what_ran_and_twice_says_more() {
    let (stdout, once) = run(&project(), 0, &["-v"], None);
    for expected in [
        "state root opened",
        "executor ready",
        "runner laid out",
        "command ended program=\"sh\" ended=Exited(0) wall_s=",
        "probe read probe=\"fake\" hits=1 misses=1",
        "runner cleaned",
        "runner renamed",
    ] {
        assert!(
            lines(&once, "INFO").iter().any(|line| line.contains(expected)),
            "{expected}: {once}"
        );
    }
    assert!(lines(&once, "DEBUG").is_empty(), "{once}");
    assert!(!stdout.contains("INFO"), "{stdout}");
    let (_, twice) = run(&project(), 0, &["-vv"], None);
    assert!(lines(&twice, "DEBUG").iter().any(|line| line.contains("command starts")), "{twice}");
}

#[test]
fn the_variable_picks_modules_and_the_option_outranks_it() {
    let (_, stderr) = run(&project(), 0, &[], Some("bench::system::exec=debug"));
    let debug = lines(&stderr, "DEBUG");
    assert!(debug.iter().any(|line| line.contains("command starts")), "{stderr}");
    assert!(debug.iter().all(|line| line.contains("bench::system::exec")), "{stderr}");
    assert!(!stderr.contains("state root opened"), "{stderr}");
    let (_, stderr) = run(&project(), 0, &["-v"], Some("off"));
    assert!(stderr.contains("state root opened"), "{stderr}");
}

#[test]
fn a_variable_that_is_no_filter_is_refused_before_anything_runs() {
    for wrong in ["loud", "bench=loud", "info,elsewhere=debug"] {
        let project = project();
        let (_, stderr) = run(&project, 2, &[], Some(wrong));
        assert!(stderr.starts_with(&format!("error: `BENCH_LOG` is `{wrong}`")), "{stderr}");
        assert!(stderr.contains("(hint: such as `debug`"), "{stderr}");
        assert!(!project.path("state").exists(), "{wrong}");
    }
}

#[test]
fn why_a_regime_is_not_proven_is_logged() {
    let project = Project::new(&storing("true", ""), &[("workspace/file", "x")]);
    let (_, stderr) = run(&project, 5, &["-v"], None);
    let found = lines(&stderr, "INFO");
    let wanted = "regime not proven regime=same-runner contradiction=";
    assert!(found.iter().any(|line| line.contains(wanted)), "{stderr}");
}

#[test]
fn no_environment_no_argument_and_no_credentials_are_logged() {
    let (_, stderr) = run(&project(), 0, &["-vv"], None);
    for secret in ["hush-hush", "TOKEN", "mkdir"] {
        assert!(!stderr.contains(secret), "{secret}: {stderr}");
    }
    let url = "http://user:password@127.0.0.1:9/repository.git";
    let (_, stderr) = run(&project(), 2, &["-v", "--source", url], None);
    let fetching: Vec<_> =
        lines(&stderr, "INFO").into_iter().filter(|line| line.contains("fetching")).collect();
    assert_eq!(fetching.len(), 1, "{stderr}");
    assert!(fetching[0].contains("url=\"http://127.0.0.1:9/repository.git\""), "{}", fetching[0]);
}
