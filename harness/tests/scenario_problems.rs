//! What is said about a file that is no scenario.

use std::path::Path;

use bench::scenario::Problems;
use bench::scenario::model::Scenario;

fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn parse(text: &str) -> Result<Scenario, Problems> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario/full");
    Scenario::parse(text, Path::new("scenario.toml"), &dir, "sample")
}

/// A valid file with more text at its end.
fn with(more: &str) -> Result<Scenario, Problems> {
    let base = "[scenario]\ntitle = \"t\"\n[[phase]]\nname = \"build\"\nmeasured = true\nrun = [\"make\"]\n";
    assert!(parse(base).is_ok());
    parse(&format!("{base}{more}\n"))
}

/// Exactly these messages, each a part of one problem in the order of the text.
#[track_caller]
fn refused(result: Result<Scenario, Problems>, messages: &[&str]) {
    let problems = result.expect_err("it was accepted");
    let found: Vec<String> = problems.0.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), messages.len(), "{found:#?}");
    for (found, wanted) in found.iter().zip(messages) {
        assert!(found.contains(wanted), "`{wanted}` is not in `{found}`");
    }
}

#[test]
fn every_problem_of_a_file_is_shown_at_once() {
    let problems = parse(&data("broken.toml")).unwrap_err();
    assert!(problems.0.len() >= 25, "{}", problems.0.len());
    insta::assert_snapshot!(problems.render(false));
}

#[test]
fn colour_is_used_only_where_it_is_asked_for() {
    let problems = parse("x = 1").unwrap_err();
    assert!(!problems.render(false).contains('\u{1b}'));
    assert!(problems.render(true).contains('\u{1b}'));
}

#[test]
fn a_problem_is_placed_by_line_and_character_not_by_byte() {
    let problems = with("[env]\nset = { \"ÄÖÜ\" = \"a\", B = \"ß{nope}\" }").unwrap_err();
    let places: Vec<_> = problems.0.iter().map(|p| (p.line, p.column)).collect();
    assert_eq!(places, [(8, 9), (8, 28)], "{problems}");
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_known_one() {
    refused(
        with("[[cache]]\nname = \"a\"\npath = \"{cache}/a\"\ntransprt = \"archive\""),
        &["unknown key `transprt` in [[cache]] (hint: did you mean `transport`?)"],
    );
    refused(
        with("[nonsense]\n"),
        &["unknown key `nonsense` in the file (hint: known here: `scenario`,"],
    );
    refused(
        with("[params.jobs]\nvalues = [1]\nopne = true"),
        &["unknown key `opne` in [params.NAME]"],
    );
}

#[test]
fn a_wrong_type_is_named_with_the_expected_one() {
    refused(with("[env]\npass = \"A\""), &["expected a list of strings, found a string"]);
    refused(
        with("[env]\npass = [1]"),
        &["expected a string, found an integer (hint: write `\"1\"`)"],
    );
    refused(with("[env]\nset = 1979-05-27"), &["expected a table, found a date"]);
    refused(with("[[cache]]\nname = 1.5\npath = \"{cache}/a\""), &["found a float"]);
    refused(
        with("[cache]\nname = \"a\""),
        &["expected an array of tables (hint: write `[[cache]]`)"],
    );
    refused(with("[tools]\nmake = 1"), &["expected a table, found an integer"]);
    refused(
        parse("scenario = 1\n[[phase]]\nname = \"a\"\nmeasured = \"yes\"\nrun = [\"a\"]"),
        &["expected a table, found an integer", "expected `true` or `false`, found a string"],
    );
}

#[test]
fn a_missing_key_is_named_at_its_table() {
    refused(with("[[cache]]\n"), &["[[cache]] has no `name`", "[[cache]] has no `path`"]);
    refused(parse(""), &["the file has no `phase`", "the file has no `scenario`"]);
    refused(with("[tools.make]\n"), &["needs at least one of `version`, `exists`"]);
    refused(with("[tools.make]\nexists = \"/x\"\nmin = \"1\""), &["`min` needs `version`"]);
    refused(with("[source]\ngit = \"u\""), &["`git` needs `rev`"]);
    refused(with("[source]\nrev = \"u\""), &["`rev` needs `git`"]);
}

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
    refused(phase("run = [\"a\", \"{param.q}\"]"), &["`{param.q}` names no param"]);
    refused(phase("run = [\"a\", \"{port.q}\"]"), &["`{port.q}` names no service"]);
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
        &["`yess` is no value of param `a` (hint: did you mean `yes`?)"],
    );
    refused(when("{ a = [\"x\", \"q\", \"r\"] }"), &["`q` is no value", "`r` is no value"]);
    refused(when("{ a = [] }"), &["`when` allows no value"]);
    assert!(when("{ jobs = 17 }").is_ok());
}

#[test]
fn a_cache_path_that_escapes_its_root_is_refused() {
    for path in [
        "/",
        "/tmp/x",
        "~",
        "~/x",
        "..",
        "",
        "x",
        "{cache}",
        "{cache}/",
        "{home}//",
        "{cache}/..",
        "{cache}/a/../../b",
        "{cache}/./a",
        "{cache}//a",
        "{home}/~/a",
        "{temp}/a",
        "{tools}/a",
        "{scenario}/a",
        "a{cache}/b",
        "{cache}x",
        "{cache}{home}/a",
        "{cache}/{home}",
        "{cache}/a\\\\..\\\\b",
        "{cache}/c:",
        "{cache}/a\\nb",
        "{cache}/{param.p}",
    ] {
        let result =
            with(&format!("[params]\np = [\"..\"]\n[[cache]]\nname = \"a\"\npath = \"{path}\""));
        refused(result, &["cache path `"]);
    }
    assert!(with("[[cache]]\nname = \"a\"\npath = \"{cache}/a/b..c/\"").is_ok());
}

#[test]
fn caches_that_can_be_active_together_do_not_overlap() {
    let two = |one: &str, other: &str| {
        with(&format!(
            "[params]\nl = [\"x\", \"y\"]\n[[cache]]\nname = \"a\"\n{one}\n[[cache]]\nname = \"b\"\n{other}"
        ))
    };
    refused(
        two("path = \"{cache}/a\"", "path = \"{cache}/a/b\""),
        &["cache `b` overlaps cache `a`"],
    );
    refused(
        two("path = \"{cache}/a/b\"", "path = \"{cache}/a\""),
        &["cache `b` overlaps cache `a`"],
    );
    assert!(two("path = \"{cache}/a\"", "path = \"{cache}/ab\"").is_ok());
    assert!(two("path = \"{cache}/a\"", "path = \"{home}/a\"").is_ok());
    let (x, y) = (
        "path = \"{cache}/a\"\nwhen = { l = \"x\" }",
        "path = \"{cache}/a\"\nwhen = { l = \"y\" }",
    );
    assert!(two(x, y).is_ok());
    refused(two(x, "path = \"{cache}/a\"\nwhen = { l = [\"x\", \"y\"] }"), &["overlaps"]);
}

#[test]
fn names_are_unique_and_safe_in_file_names() {
    refused(with("[[phase]]\nname = \"Build\"\nrun = [\"a\"]"), &["two phases are named `Build`"]);
    refused(
        with("[[service]]\nname = \"a\"\nrun = [\"a\"]\n[[service]]\nname = \"a\"\nrun = [\"a\"]"),
        &["two services are named `a`"],
    );
    refused(with("[[phase]]\nname = \"../x\"\nrun = [\"a\"]"), &["`../x` is no name"]);
    refused(with("[params]\n\"a b\" = [1]"), &["`a b` is no name"]);
    refused(with("[params]\na = [1]\na = [2]"), &["invalid TOML: duplicate key"]);
}

#[test]
fn a_phase_has_a_command() {
    let phase = |run: &str| with(&format!("[[phase]]\nname = \"x\"\n{run}"));
    refused(phase(""), &["[[phase]] has no `run`"]);
    refused(phase("run = []"), &["`run` is an empty list"]);
    refused(phase("run = [\"\"]"), &["the program is empty"]);
    refused(phase("run = \"make all\""), &["(hint: add `shell = true`"]);
    refused(phase("shell = true\nrun = [\"a\"]"), &["expected a string, found a list"]);
    refused(phase("shell = true\nrun = \" \""), &["the script is empty"]);
    refused(with("[[daemon]]\nstop = \"a stop\""), &["write `stop = [\"a\", \"stop\"]`"]);
    refused(phase("run = [\"a\\u0000\"]"), &["NUL"]);
}

#[test]
fn some_phase_is_measured_whatever_the_params() {
    let head =
        "[scenario]\ntitle = \"t\"\n[params]\na = [1, 2]\n[[phase]]\nname = \"b\"\nrun = [\"b\"]\n";
    refused(parse(head), &["no phase is measured (hint: write `measured = true`"]);
    refused(
        parse(&format!("{head}measured = true\nwhen = {{ a = 1 }}")),
        &["no phase is measured when a = 2"],
    );
    let both = format!(
        "{head}measured = true\nwhen = {{ a = 1 }}\n[[phase]]\nname = \"c\"\nrun = [\"c\"]\nmeasured = true\nwhen = {{ a = 2 }}"
    );
    assert!(parse(&both).is_ok());
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
fn without_source_the_folder_has_a_workspace() {
    let text = "[scenario]\ntitle = \"t\"\n[[phase]]\nname = \"b\"\nrun = [\"b\"]\nmeasured = true";
    let empty = tempfile::tempdir().unwrap();
    let result = Scenario::parse(text, Path::new("f"), empty.path(), "x");
    refused(result, &["there is no source"]);
    refused(with("[source]\npath = \"--help\""), &["`--help` names no source"]);
}

#[test]
fn single_values_are_checked() {
    let phase = |more: &str| with(&format!("[[phase]]\nname = \"x\"\nrun = [\"a\"]\n{more}"));
    for bad in ["5", "0s", "-1s", "soon", "1.5"] {
        refused(
            phase(&format!("timeout = \"{bad}\"")),
            &["is no duration above zero (hint: write `10s`"],
        );
    }
    refused(phase("env = { \"A-B\" = \"1\" }"), &["`A-B` is no name of an environment variable"]);
    refused(with("[env]\npass = [\"1A\", \"\"]"), &["`1A` is no name", "`` is no name"]);
    refused(
        with("[[probe]]\nname = \"p\"\nrun = [\"r\"]\nhits = \"(\""),
        &["invalid regular expression: unclosed group"],
    );
    refused(
        with("[[probe]]\nname = \"p\"\nrun = [\"r\"]\nhits = '((a{1000}){1000}){1000}'"),
        &["invalid regular expression: "],
    );
    refused(with("[outputs]\npaths = [\"a[\"]"), &["invalid glob: unclosed character class"]);
    refused(
        with("[outputs]\npaths = [\"/a\", \"a/../b\"]"),
        &["leaves its directory", "leaves its directory"],
    );
    refused(with("[tools.a]\nversion = [\"a\"]\nmin = \"1.x\""), &["`1.x` is no version"]);
    refused(
        with("[tools.a]\nexists = \"/a\"\ninstall = { debain = [\"a\"] }"),
        &["unknown platform `debain` in `install` (hint: did you mean `debian`?)"],
    );
    refused(
        with("[tools.a]\nexists = \"/a\"\ninstall = { debian = [\"-y\", \"a b\"] }"),
        &["`-y` is no package", "`a b` is no package"],
    );
    refused(
        with("[examples]\nphase = \"build\"\nlist = [\"a\", \"a\"]"),
        &["empty or listed twice"],
    );
    refused(with("[examples]\nphase = \"build\"\nlist = [\"a\"]\nname = \"a\""), &["no group"]);
    refused(
        with("[examples]\nphase = \"build\"\nextract = { format = \"xml\" }"),
        &["unknown word `xml`, expected one of `junit`, `tsv`"],
    );
    refused(
        with("[params]\na = []\nb = \"x\"\nc = [1, 1]\nd = [\"x,y\"]\ne = [[1]]"),
        &[
            "param `a` has no value",
            "param `b` is no list",
            "the same value twice",
            "a comma",
            "expected a string, a number or a boolean",
        ],
    );
}

#[test]
fn exactly_one_of_several_keys_is_given() {
    refused(
        with("[examples]\nphase = \"build\""),
        &["needs exactly one of `glob`, `list`, `command`, `extract`"],
    );
    refused(
        with("[examples]\nphase = \"build\"\nlist = [\"a\"]\nglob = \"*\""),
        &["cannot stand beside `glob`"],
    );
    refused(
        with("[[probe]]\nname = \"a\"\nhits = \"h\""),
        &["needs exactly one of `run`, `phase`, `service`"],
    );
    refused(
        with("[source]\npath = \"a\"\ngit = \"b\"\nrev = \"c\""),
        &["`git` cannot stand beside `path`"],
    );
    refused(
        with("[[service]]\nname = \"a\"\nrun = [\"r\"]\nready = { within = \"1s\" }"),
        &["needs exactly one of `tcp`, `file`, `output`"],
    );
    refused(
        with("[[service]]\nname = \"a\"\nrun = [\"r\"]\nready = { tcp = \"http\" }"),
        &["`http` is no port"],
    );
    for port in ["80", "65536", "-1", "1.5", "\"18320\""] {
        let service = format!("[[service]]\nname = \"a\"\nrun = [\"r\"]\nport = {port}");
        refused(with(&service), &["`port` is no integer from 1024 to 65535"]);
    }
}

#[test]
fn a_gate_has_one_of_the_valid_shapes() {
    let gate = |gate: &str| {
        with(&format!("[[gate]]\n{gate}\n[examples]\nphase = \"build\"\nlist = [\"a\"]"))
    };
    refused(gate("regime = \"cold\""), &["needs exactly one of `max`"]);
    refused(gate("max = \"1s\"\nmax_bytes = 1"), &["`max_bytes` cannot stand beside `max`"]);
    refused(
        gate("regime = \"warm\"\nmax = \"1s\""),
        &["unknown word `warm`, expected one of `cold`, `same-runner`"],
    );
    refused(gate("min_hit_rate = 95"), &["neither a percentage nor a number from 0 to 1"]);
    refused(gate("min_hit_rate = \"95\""), &["neither a percentage"]);
    refused(gate("min_hit_rate = nan"), &["neither a percentage"]);
    refused(gate("min_speedup = 0"), &["no number greater than 0"]);
    refused(gate("min_speedup = inf"), &["no number greater than 0"]);
    refused(gate("max_bytes = -1"), &["`max_bytes` is no size"]);
    refused(gate("max_bytes = \"1 mb\""), &["`max_bytes` is no size"]);
    refused(gate("phase = \"build\"\nmin_hit_rate = 1"), &["`min_hit_rate` has no `phase`"]);
    refused(gate("examples = \"1\"\nmax_restore = \"1s\""), &["`max_restore` has no `examples`"]);
    refused(gate("regime = \"cold\"\nmin_speedup = 2"), &["says nothing about cold samples"]);
    for (margin, floor) in [("2%", "5%"), ("5%", "5%"), ("0%", "0%")] {
        for rule in ["baseline", "warm_against_cold"] {
            refused(
                gate(&format!("{rule} = {{ margin = \"{margin}\", floor = \"{floor}\" }}")),
                &["`floor` is not below `margin`"],
            );
        }
    }
    assert!(gate("baseline = { margin = \"1%\" }").is_ok(), "the floor follows the margin");
    refused(gate("max_net_loss = \"-1s\""), &["no duration"]);
    refused(gate("max_net_loss = \"0x\""), &["no duration"]);
    refused(gate("phase = \"build\"\nmax_net_loss = \"0s\""), &["`max_net_loss` has no `phase`"]);
    refused(
        gate("examples = \"1\"\nwarm_against_cold = {}"),
        &["`warm_against_cold` has no `examples`"],
    );
    for rule in ["max_net_loss = \"0s\"", "warm_against_cold = {}"] {
        refused(gate(&format!("regime = \"cold\"\n{rule}")), &["says nothing about cold samples"]);
    }
    for good in ["max_net_loss = \"0s\"", "max_net_loss = \"1m 30s\"", "warm_against_cold = {}"] {
        assert!(gate(good).is_ok(), "{good}");
    }
    for bad in ["0", "0..", "5..2", "..", "..3", "2..0"] {
        refused(
            gate(&format!("examples = \"{bad}\"\nmax = \"1s\"")),
            &["is no range of positions"],
        );
    }
    refused(gate("examples = \"a[\"\nmax = \"1s\""), &["neither positions nor a glob"]);
    for good in ["1", "2..", "2..5", "Blink*", "v1..v2"] {
        assert!(gate(&format!("examples = \"{good}\"\nmax = \"1s\"")).is_ok(), "{good}");
    }
}

#[test]
fn broken_syntax_is_reported_beside_what_can_still_be_read() {
    refused(parse("[scenario\n"), &["invalid TOML"]);
    let text = "[scenario]\ntitle = \"t\ntitel = \"x\"\n[[phase]]\nname = \"b\"\nmeasured = 1\nrun = [\"b\"]\n";
    let problems = parse(text).unwrap_err().to_string();
    assert!(problems.contains("invalid TOML"), "{problems}");
    assert!(problems.contains("expected `true` or `false`"), "{problems}");
    assert!(!problems.contains("has no `"), "what is missing may be unreadable: {problems}");
}

#[test]
fn the_image_is_made_from_what_is_there_before_a_runner() {
    let tool = "[tools.t]\nexists = \"/x\"\nprovision = ";
    assert!(with(&format!("{tool}[\"sh\", \"{{scenario}}/a.sh\", \"{{tools}}\"]")).is_ok());
    refused(
        with(&format!("{tool}[\"cp\", \"{{workspace}}/a\", \"{{tools}}\"]")),
        &["`{workspace}` has no value here"],
    );
}

#[test]
fn a_required_path_stays_inside_the_source() {
    let source = |path: &str| with(&format!("[source]\npath = \".\"\nrequires = [\"{path}\"]"));
    assert!(source("src/a.h").is_ok());
    for path in ["../a", "/etc", ""] {
        refused(source(path), &["is no path inside the source"]);
    }
}

#[test]
fn a_port_belongs_to_one_service_or_daemon() {
    let daemon = "[[daemon]]\nname = \"d\"\nstop = [\"s\", \"{port.d}\"]\n";
    assert!(with(daemon).is_ok());
    refused(with(&daemon.replace("{port.d}", "{port.e}")), &["names no service and no daemon"]);
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
