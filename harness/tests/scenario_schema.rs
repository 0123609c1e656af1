//! `bench schema` against the reader: editors and `bench check` say the same.

use std::path::Path;

use bench::scenario::Scenario;
use bench::scenario::{schema, shipped};
use serde_json::Value;

fn validator() -> jsonschema::Validator {
    let schema = schema();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

fn json(text: &str) -> Value {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn every_sample_and_shipped_scenario_validates() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut dirs: Vec<_> =
        ["full", "minimal", "extract"].map(|name| here.join("tests/scenario").join(name)).into();
    dirs.extend(shipped::names().iter().map(|name| here.join("../scenarios").join(name)));
    let validator = validator();
    for dir in dirs {
        let text = std::fs::read_to_string(dir.join("scenario.toml")).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&json(&text))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", dir.display());
        let shown = bench::scenario::show(&Scenario::load(&dir).unwrap(), None);
        assert!(validator.is_valid(&json(&shown)), "as shown: {}\n{shown}", dir.display());
    }
}

#[test]
fn what_the_reader_refuses_by_its_form_the_schema_refuses_too() {
    let base =
        "[scenario]\ntitle = \"t\"\n[[phase]]\nname = \"b\"\nmeasured = true\nrun = [\"b\"]\n";
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario/full");
    let validator = validator();
    assert!(validator.is_valid(&json(base)));
    for broken in [
        "[nonsense]",
        "[source]\ngit = \"x\"",
        "[source]\nrev = \"x\"",
        "[source]\npath = \"x\"\ngit = \"x\"\nrev = \"x\"",
        "[params]\na = []",
        "[params]\na = \"x\"",
        "[params]\na = { open = true }",
        "[params]\n\"a b\" = [1]",
        "[tools.a]\nversion = \"a\"",
        "[tools.a]\nmin = \"1\"",
        "[tools.a]\nversion = [\"a\"]\nmin = \"x\"",
        "[tools.a]\nversion = [\"a\"]\ninstall = { debain = [\"a\"] }",
        "[env]\npass = \"A\"",
        "[env]\npass = [\"A-B\"]",
        "[env]\nset = { A = 1 }",
        "[[env.case]]\nset = { A = \"1\" }",
        "[[cache]]\nname = \"a\"",
        "[[cache]]\nname = \"a\"\npath = \"/x\"",
        "[[cache]]\nname = \"a\"\npath = \"{cache}\"",
        "[[cache]]\nname = \"a\"\npath = \"{cache}/a\"\ntransport = \"tar\"",
        "[[service]]\nname = \"a\"\nrun = [\"a\"]\nready = { within = \"1s\" }",
        "[[service]]\nname = \"a\"\nrun = [\"a\"]\nready = { tcp = \"1\", file = \"x\" }",
        "[[phase]]\nname = \"a\"",
        "[[phase]]\nname = \"a\"\nrun = []",
        "[[phase]]\nname = \"a\"\nrun = \"make\"",
        "[[phase]]\nname = \"a\"\nshell = true\nrun = [\"make\"]",
        "[[phase]]\nname = \"a\"\nrun = [\"b\"]\ntimeout = \"soon\"",
        "[[phase]]\nname = \"../a\"\nrun = [\"b\"]",
        "[examples]\nphase = \"b\"",
        "[examples]\nphase = \"b\"\nlist = [\"a\"]\nglob = \"*\"",
        "[examples]\nphase = \"b\"\nextract = { format = \"xml\" }",
        "[[daemon]]\nstop = \"x\"",
        "[[probe]]\nname = \"a\"\nhits = \"x\"",
        "[[probe]]\nname = \"a\"\nrun = [\"x\"]\nhits = \"x\"\ncounter = \"both\"",
        "[outputs]\npaths = []",
        "[[gate]]\nregime = \"cold\"",
        "[[gate]]\nmax = \"1s\"\nmax_bytes = 1",
        "[[gate]]\nregime = \"warm\"\nmax = \"1s\"",
        "[[gate]]\nmin_hit_rate = 95",
        "[[gate]]\nmin_speedup = 0",
        "[[gate]]\nmax_bytes = \"1 mb\"",
        "[[gate]]\nbaseline = { margin = \"x\" }",
        "[[daemon]]\nstop = [\"x\"]\nwhen = { a = [] }",
    ] {
        let text = format!("{base}{broken}\n");
        assert!(!validator.is_valid(&json(&text)), "the schema accepts {broken}");
        let read = Scenario::parse(&text, Path::new("x"), &dir, "x");
        assert!(read.is_err(), "the reader accepts {broken}");
    }
    for missing in ["", "[scenario]\ntitle = \"t\"\nphase = []", "phase = []"] {
        assert!(!validator.is_valid(&json(missing)), "the schema accepts `{missing}`");
    }
}

#[test]
fn every_key_of_the_schema_is_one_that_the_reader_knows() {
    // The keys of each definition must be accepted as known by the reader; the other way round, a key that
    // the reader knows and the schema does not would fail in the sample with every key.
    let schema = schema();
    let mut tables = vec![("the file".to_owned(), &schema)];
    for (name, table) in schema["$defs"].as_object().unwrap() {
        tables.push((name.clone(), table));
    }
    assert_eq!(tables.len(), 23);
    for (name, table) in tables {
        assert_eq!(table["additionalProperties"], false, "{name}");
        for (key, property) in table["properties"].as_object().unwrap() {
            let text = property["description"].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "`{key}` of {name} is not explained");
        }
    }
}
