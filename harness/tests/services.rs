//! Services and what phases are told of them: fixed ports, and variables of single phases.

mod common;

use std::net::{Ipv4Addr, TcpListener};

use bench_record::{Outcome, Regime};
use common::Project;

/// `PORT` is replaced by a free port. The service cannot listen from a shell, so it is ready at once.
const TOML: &str = r#"
[scenario]
title = "A remote server with one address"

[params]
proxy = ["on", "off"]

[env]
set = { WHO = "all" }

[[env.case]]
when = { proxy = "on" }
phases = ["test"]
set = { WHO = "test", URL = "http://localhost:{port.web}/" }

[[cache]]
name = "store"
path = "{cache}/store"

[[service]]
name = "web"
run = ["sh", "-c", "echo service $WHO ${{URL-none}} >> {tools}/events; while :; do sleep 0.02; done"]
port = PORT
when = { proxy = "on" }

[[phase]]
name = "install"
run = ["sh", "-c", "echo install $WHO ${{URL-none}} >> {tools}/events"]

[[phase]]
name = "test"
measured = true
run = ["sh", "-c", "echo test $WHO ${{URL-none}} >> {tools}/events; mkdir -p {cache}/store; echo x > {cache}/store/x"]

[[probe]]
name = "p"
run = ["sh", "-c", "echo probe $WHO ${{URL-none}} >> {tools}/events; echo hits 1"]
hits = 'hits (\d+)'
counter = "sample"
"#;

/// A listener on a port that nothing else uses; dropping it frees the port.
fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

fn project(port: u16) -> Project {
    Project::new(&TOML.replace("PORT", &port.to_string()), &[("workspace/file", "x")])
}

#[test]
fn a_fixed_port_is_the_same_in_every_sample_and_only_its_phase_is_told() {
    let (listener, port) = listener();
    drop(listener);
    let project = project(port);
    project.run(&["--blocks", "1"]).expect_code(0);
    let sample = [
        "install all none".to_owned(),
        "service all none".to_owned(),
        format!("test test http://localhost:{port}/"),
        "probe all none".to_owned(),
    ];
    let mut events = project.events();
    assert_eq!(events.len(), 3 * sample.len(), "{events:?}");
    // The service writes its line whenever it gets to it.
    let mut expected: Vec<String> = std::iter::repeat_n(sample, 3).flatten().collect();
    events.sort();
    expected.sort();
    assert_eq!(events, expected);
}

#[test]
fn a_case_of_another_param_tells_nothing() {
    let (listener, port) = listener();
    drop(listener);
    let project = project(port);
    project.run(&["--blocks", "1", "--regime", "cold", "--set", "proxy=off"]).expect_code(0);
    assert_eq!(project.events(), ["install all none", "test all none", "probe all none"]);
}

#[test]
fn a_port_that_is_taken_fails_the_sample_before_anything_is_measured() {
    let (_listener, port) = listener();
    let project = project(port);
    let finished = project.run(&["--blocks", "1"]).expect_code(4);
    let (sample, _) = finished.sample(Regime::Cold);
    assert_eq!(sample.outcome, Outcome::Failed);
    let reason = sample.reason.unwrap();
    let expected = format!("service `web` needs port {port}, which is taken (hint: ");
    assert!(reason.starts_with(&expected), "{reason}");
    assert_eq!(project.events(), ["install all none", "probe all none"]);
}

#[test]
fn a_service_that_writes_into_its_cache_when_it_starts_contradicts_no_cold_sample() {
    let (listener, port) = listener();
    drop(listener);
    let own = "echo 1 > {cache}/store/version; touch {temp}/ready; while";
    let toml = TOML
        .replace("while", &format!("mkdir -p {{cache}}/store; {own}"))
        .replace(
            "port = PORT",
            "port = PORT\nready = { file = \"{temp}/ready\", within = \"20s\" }",
        )
        .replace("PORT", &port.to_string());
    let project = Project::new(&toml, &[("workspace/file", "x")]);
    let finished = project.run(&["--blocks", "1"]).expect_code(0);
    let (sample, _) = finished.sample(Regime::Cold);
    assert_eq!((sample.outcome, sample.evidence.empty_at_start), (Outcome::Ok, true));
}
