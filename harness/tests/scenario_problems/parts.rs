//! Parts that a scenario must have: phases with commands, a source, an image.

use std::path::Path;

use bench::scenario::Scenario;

use crate::{parse, refused, with};

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
fn without_source_the_folder_has_a_workspace() {
    let text = "[scenario]\ntitle = \"t\"\n[[phase]]\nname = \"b\"\nrun = [\"b\"]\nmeasured = true";
    let empty = tempfile::tempdir().unwrap();
    let result = Scenario::parse(text, Path::new("f"), empty.path(), "x");
    refused(result, &["there is no source"]);
    refused(with("[source]\npath = \"--help\""), &["`--help` does not name a source"]);
}

#[test]
fn a_required_path_stays_inside_the_source() {
    let source = |path: &str| with(&format!("[source]\npath = \".\"\nrequires = [\"{path}\"]"));
    assert!(source("src/a.h").is_ok());
    for path in ["../a", "/etc", ""] {
        refused(source(path), &["is not a path inside the source"]);
    }
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
