//! Names: what they refer to, and that they refer to one thing.

use crate::{parse, refused, with};

#[test]
fn a_placeholder_must_exist_and_have_a_value_where_it_stands() {
    let phase = |more: &str| with(&format!("[[phase]]\nname = \"x\"\n{more}"));
    refused(
        phase("run = [\"a\", \"{hom}\"]"),
        &["unknown placeholder `{hom}` (hint: did you mean `{home}`?)"],
    );
    refused(phase("run = [\"a\", \"{\"]"), &["`{` is never closed (hint: write `{{`"]);
    refused(
        phase("run = [\"a\", \"{example}\"]"),
        &["`{example}` has no value here (hint: there is no `[examples]`)"],
    );
    refused(phase("run = [\"a\", \"{param.q}\"]"), &["`{param.q}` does not name a param"]);
    refused(phase("run = [\"a\", \"{port.q}\"]"), &["`{port.q}` names neither a service"]);
    refused(
        phase("run = [\"a\", \"{example}\"]\n[examples]\nphase = \"build\"\nlist = [\"1\"]"),
        &["(hint: only phase `build` runs once per example)"],
    );
    refused(
        phase("run = [\"{example}\"]\n[examples]\nphase = \"x\"\nextract = { format = \"tsv\" }"),
        &["(hint: with `extract` the phase runs once"],
    );
    assert!(phase("run = [\"{example}\"]\n[examples]\nphase = \"x\"\nlist = [\"1\"]").is_ok());
    refused(with("[env]\nset = { A = \"{example}\" }"), &["`{example}` has no value here"]);
    refused(
        with("[tools.a]\nversion = [\"{scenario}/a\"]"),
        &["placeholders are not replaced here"],
    );
}

#[test]
fn a_condition_names_declared_params_and_listed_values() {
    let when = |when: &str| {
        with(&format!(
            "[params]\na = [\"x\", \"yes\"]\njobs = {{ values = [1], open = true }}\n[[daemon]]\nstop = [\"s\"]\nwhen = {when}"
        ))
    };
    refused(
        when("{ b = \"x\" }"),
        &["`when` names an unknown param `b` (hint: did you mean `a`?)"],
    );
    refused(
        when("{ a = \"yess\" }"),
        &["`yess` is not a value of param `a` (hint: did you mean `yes`?)"],
    );
    refused(when("{ a = [\"x\", \"q\", \"r\"] }"), &["`q` is not a value", "`r` is not a value"]);
    refused(when("{ a = [] }"), &["`when` allows no value"]);
    assert!(when("{ jobs = 17 }").is_ok());
}

#[test]
fn names_are_unique_and_safe_in_file_names() {
    refused(with("[[phase]]\nname = \"Build\"\nrun = [\"a\"]"), &["two phases are named `Build`"]);
    refused(
        with("[[service]]\nname = \"a\"\nrun = [\"a\"]\n[[service]]\nname = \"a\"\nrun = [\"a\"]"),
        &["two services are named `a`"],
    );
    refused(with("[[phase]]\nname = \"../x\"\nrun = [\"a\"]"), &["`../x` is not a valid name"]);
    refused(with("[params]\n\"a b\" = [1]"), &["`a b` is not a valid name"]);
    refused(with("[params]\na = [1]\na = [2]"), &["invalid TOML: duplicate key"]);
}

#[test]
fn references_name_what_exists() {
    refused(
        with("[examples]\nphase = \"bulid\"\nlist = [\"a\"]"),
        &["there is no phase `bulid` (hint: did you mean `build`?)"],
    );
    refused(
        with("[[probe]]\nname = \"p\"\nphase = \"q\"\nhits = \"h\""),
        &["there is no phase `q`"],
    );
    refused(
        with("[[probe]]\nname = \"p\"\nservice = \"q\"\nhits = \"h\""),
        &["there is no service `q`"],
    );
    refused(with("[[gate]]\nphase = \"q\"\nmax = \"1s\""), &["there is no phase `q`"]);
    refused(
        with(
            "[params]\np = [1]\n[[env.case]]\nwhen = { p = 1 }\nset = { A = \"1\" }\nphases = [\"bulid\"]",
        ),
        &["there is no phase `bulid` (hint: did you mean `build`?)"],
    );
    refused(with("[[gate]]\nexamples = \"1\"\nmax = \"1s\""), &["there are no `[examples]`"]);
    refused(
        parse(
            "[scenario]\ntitle = \"t\"\nuses = [\"/\", \"~/x\", \"../nowhere\"]\n[[phase]]\nname = \"b\"\nrun = [\"b\"]\nmeasured = true",
        ),
        &[
            "relative to the scenario's folder",
            "relative to the scenario's folder",
            "a folder that exists",
        ],
    );
}

#[test]
fn a_port_belongs_to_one_service_or_daemon() {
    let daemon = "[[daemon]]\nname = \"d\"\nstop = [\"s\", \"{port.d}\"]\n";
    assert!(with(daemon).is_ok());
    refused(
        with(&daemon.replace("{port.d}", "{port.e}")),
        &["names neither a service nor a daemon"],
    );
    refused(
        with(&format!("{daemon}[[service]]\nname = \"D\"\nrun = [\"s\"]")),
        &["a service is named `d` too"],
    );
    refused(with(&format!("{daemon}{daemon}")), &["two daemons are named `d`"]);
}

#[test]
fn a_refusal_names_params_and_a_reason() {
    let params = "[params]\na = [\"x\", \"y\"]\n[[refuse]]\n";
    assert!(with(&format!("{params}when = {{ a = \"y\" }}\nreason = \"no\"")).is_ok());
    refused(with(&format!("{params}when = {{ a = \"y\" }}")), &["has no `reason`"]);
    assert!(with(&format!("{params}when = {{ a = \"z\" }}\nreason = \"no\"")).is_err());
}
