//! Scenarios as files: reading, showing, hashing and finding them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bench::scenario::{
    Counter, ExamplesFrom, GateRule, PhaseCommand, ReadyCheck, Root, Scenario, Source, Transport,
};
use bench::scenario::{
    FindError, LoadError, ParamError, Places, check, files_in, find, list, param_product, shipped,
    show,
};

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario")
}

fn load(name: &str) -> Scenario {
    Scenario::load(&samples().join(name)).unwrap_or_else(|error| panic!("{error}"))
}

/// Every sample, and every scenario that the binary ships.
fn all() -> Vec<Scenario> {
    let mut all: Vec<Scenario> = ["full", "minimal", "extract"].map(load).into();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    for name in shipped::names() {
        all.push(Scenario::load(&shipped.join(name)).unwrap_or_else(|error| panic!("{error}")));
    }
    all
}

fn params(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn write_scenario(dir: &Path, title: &str) {
    std::fs::create_dir_all(dir.join("workspace")).unwrap();
    let text = std::fs::read_to_string(samples().join("minimal/scenario.toml")).unwrap();
    let text = text.replace("The least that a scenario can be", title);
    std::fs::write(dir.join("scenario.toml"), text).unwrap();
}

#[test]
fn every_key_of_a_full_file_reaches_the_model() {
    let full = load("full");
    assert_eq!((full.name.as_str(), full.title.as_str()), ("full", "A sample with every key"));
    assert!(full.analysis.starts_with("Shows that every key is read.\n"));
    assert_eq!(full.uses, [PathBuf::from("../full-driver")]);
    assert_eq!(full.source, Source::Shipped);
    let names: Vec<_> = full.params.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["launcher", "tuning", "python", "jobs", "lto"], "not in file order");
    assert_eq!(full.params[2].values, ["3.10", "3.9"], "a version is not a number");
    assert_eq!(full.params[3].values, ["2", "16"]);
    assert!(full.params[3].open && !full.params[0].open);
    assert_eq!(full.params[4].values, ["false", "true"]);
    assert_eq!(full.tools[0].name, "avr-g++");
    assert_eq!(full.tools[0].install.keys().collect::<Vec<_>>(), ["cargo", "debian"]);
    assert_eq!(full.tools[0].note.as_deref(), Some("or the Arduino toolchain"));
    assert!(full.tools[1].version.is_empty());
    assert!(full.tools[1].exists.as_ref().unwrap().is_absolute());
    assert_eq!(full.env.cases.len(), 2);
    assert_eq!(full.env.cases[1].when.0["python"], ["3.10"]);
    assert!(full.env.cases[0].phases.is_empty());
    assert_eq!(full.env.cases[1].phases, ["compile"]);
    assert_eq!(full.caches[0].root, Root::Cache);
    assert_eq!(full.caches[0].transport, Transport::Archive);
    assert_eq!(full.caches[1].transport, Transport::Directory);
    assert_eq!(
        (full.caches[2].root, &*full.caches[2].path),
        (Root::Home, Path::new(".tool {1}/store"))
    );
    assert_eq!((full.services[0].port, full.services[1].port), (Some(18321), None));
    let ready = full.services[0].ready.as_ref().unwrap();
    assert!(matches!(ready.check, ReadyCheck::Tcp(_)));
    assert_eq!(ready.within, Duration::from_secs(90));
    assert_eq!(full.services[1].ready.as_ref().unwrap().within, Duration::from_secs(10));
    assert!(matches!(full.phases[0].run, PhaseCommand::Shell(_)));
    assert!(!full.phases[0].measured);
    assert_eq!(full.phases[0].timeout, Duration::from_mins(10));
    assert_eq!(full.phases[1].timeout, Duration::from_mins(5));
    let examples = full.examples.as_ref().unwrap();
    let ExamplesFrom::Glob(globs) = &examples.from else { panic!("{:?}", examples.from) };
    assert!(globs.set.is_match("examples/Blink/Blink.ino"));
    assert!(!globs.set.is_match("examples/a/b/Blink.ino"), "`*` crosses `/`");
    assert!(globs.set.is_match("more/a/b/Blink.ino"));
    let counters: Vec<_> = full.probes.iter().map(|p| p.counter).collect();
    assert_eq!(counters, [Counter::Cache, Counter::Sample, Counter::Cache]);
    let rules: Vec<_> = full.gates.iter().map(|gate| gate.rule.clone()).collect();
    assert_eq!(
        rules,
        [
            GateRule::MaxTime(Duration::from_secs(10)),
            GateRule::MaxTime(Duration::from_millis(500)),
            GateRule::MinSpeedup(2.5),
            GateRule::MinHitRate(0.95),
            GateRule::MaxRestore(Duration::from_secs(2)),
            GateRule::MaxBytes(20_000_000),
            GateRule::Baseline { margin: 0.05, floor: 0.02 },
            GateRule::MaxNetLoss(Duration::ZERO),
            GateRule::WarmAgainstCold { margin: 0.10, floor: 0.03 },
        ]
    );
}

#[test]
fn what_is_shown_reads_back_as_the_same_model() {
    for scenario in all() {
        let text = show(&scenario, None);
        let again = Scenario::parse(&text, Path::new("shown"), &scenario.dir, &scenario.name)
            .unwrap_or_else(|problems| panic!("{}\n{text}", problems.render(false)));
        assert_eq!(again, scenario, "{text}");
    }
}

#[test]
fn variables_for_a_phase_that_does_not_apply_are_not_shown() {
    let text = "[scenario]\ntitle = \"t\"\n[params]\nmode = [\"fast\", \"slow\"]\n\
        [[env.case]]\nwhen = { mode = \"fast\" }\nset = { A = \"1\" }\nphases = [\"warm\"]\n\
        [[env.case]]\nwhen = { mode = \"fast\" }\nset = { B = \"1\" }\nphases = [\"warm\", \"build\"]\n\
        [[phase]]\nname = \"warm\"\nrun = [\"w\"]\nwhen = { mode = \"slow\" }\n\
        [[phase]]\nname = \"build\"\nmeasured = true\nrun = [\"b\"]\n";
    let dir = samples().join("full");
    let scenario = Scenario::parse(text, Path::new("scenario.toml"), &dir, "x").unwrap();
    let shown = show(&scenario, Some(&params(&[("mode", "fast")])));
    assert!(!shown.contains("A = "), "{shown}");
    assert!(shown.contains("phases = [\"build\"]"), "{shown}");
    Scenario::parse(&shown, Path::new("shown"), &dir, "x")
        .unwrap_or_else(|problems| panic!("{}\n{shown}", problems.render(false)));
}

#[test]
fn what_is_shown_for_some_params_is_valid_and_has_no_condition_left() {
    for scenario in all() {
        let axes: Vec<_> =
            scenario.params.iter().map(|p| (p.name.clone(), p.values.clone())).collect();
        for params in param_product(&axes) {
            let text = show(&scenario, Some(&params));
            let again = Scenario::parse(&text, Path::new("shown"), &scenario.dir, &scenario.name)
                .unwrap_or_else(|problems| panic!("{}\n{text}", problems.render(false)));
            assert_eq!(again.default_params(), params);
            let held = |scenario: &Scenario| {
                let caches = scenario.caches.iter().filter(|c| c.when.holds(&params));
                let phases = scenario.phases.iter().filter(|p| p.when.holds(&params));
                let caches: Vec<_> = caches.map(|c| c.name.clone()).collect();
                (caches, phases.map(|p| p.name.clone()).collect::<Vec<_>>())
            };
            let there = |scenario: &Scenario| {
                let caches: Vec<_> = scenario.caches.iter().map(|c| c.name.clone()).collect();
                (caches, scenario.phases.iter().map(|p| p.name.clone()).collect::<Vec<_>>())
            };
            assert_eq!(there(&again), held(&scenario));
            assert!(again.caches.iter().all(|c| c.when.0.is_empty()));
        }
    }
}

#[test]
fn what_does_not_apply_is_dropped_with_what_refers_to_it() {
    let full = load("full");
    let mut chosen = full.default_params();
    chosen.insert("launcher".into(), "ccache".into());
    chosen.insert("tuning".into(), "portable".into());
    let text = show(&full, Some(&chosen));
    for there in ["CCACHE_BASEDIR", "name = \"ccache\"", "{param.jobs}", "launcher = [\"ccache\"]"]
    {
        assert!(text.contains(there), "`{there}` is missing in\n{text}");
    }
    for gone in ["fetch", "proxy", "-flto", "when = { launcher", "zccache"] {
        assert!(!text.contains(gone), "`{gone}` is left in\n{text}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = Scenario::load(dir.path()).unwrap_err();
    assert!(matches!(error, LoadError::Read { .. }));
    assert!(error.to_string().contains("scenario.toml`"), "{error}");
    std::fs::write(dir.path().join("scenario.toml"), [0xff, 0xfe]).unwrap();
    assert!(Scenario::load(dir.path()).unwrap_err().to_string().ends_with("is not UTF-8 text"));
    std::fs::write(dir.path().join("scenario.toml"), vec![b'#'; (1 << 20) + 1]).unwrap();
    assert!(Scenario::load(dir.path()).unwrap_err().to_string().ends_with("is larger than 1 MiB"));
}

#[test]
fn the_hash_follows_every_file_and_nothing_else() {
    let root = tempfile::tempdir().unwrap();
    let (one, driver) = (root.path().join("one"), root.path().join("driver"));
    write_scenario(&one, "t");
    std::fs::create_dir(&driver).unwrap();
    std::fs::write(driver.join("run"), "#!/bin/sh\n").unwrap();
    let file = one.join("scenario.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("[[phase]]", "uses = [\"../driver\"]\n[[phase]]")).unwrap();
    let hash = || Scenario::load(&one).unwrap().content_hash().unwrap();
    let mut seen = vec![hash()];
    assert_eq!(seen[0].len(), 64);
    let mut changed = |what: &str| {
        let hash = hash();
        assert!(!seen.contains(&hash), "{what} does not change the hash");
        seen.push(hash);
    };
    std::fs::write(one.join("workspace/a"), "1").unwrap();
    changed("a new file");
    std::fs::write(one.join("workspace/a"), "2").unwrap();
    changed("content");
    std::fs::rename(one.join("workspace/a"), one.join("workspace/b")).unwrap();
    changed("a name");
    std::fs::write(one.join("workspace/.hidden"), "").unwrap();
    changed("a hidden file");
    std::fs::write(driver.join("run"), "#!/bin/sh\n:\n").unwrap();
    changed("a file of a used folder");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(driver.join("run"), executable).unwrap();
        changed("the executable bit");
        std::os::unix::fs::symlink("b", one.join("workspace/link")).unwrap();
        changed("a link");
        std::fs::remove_file(one.join("workspace/link")).unwrap();
        std::os::unix::fs::symlink(".hidden", one.join("workspace/link")).unwrap();
        changed("the target of a link");
    }

    let before = hash();
    for backup in ["scenario.toml~", ".scenario.toml.swp", "#scenario.toml#", "workspace/.#b"] {
        std::fs::write(one.join(backup), "x").unwrap();
    }
    assert_eq!(hash(), before, "a backup file of an editor changes the hash");
    let moved = tempfile::tempdir().unwrap();
    std::fs::rename(root.path(), moved.path().join("elsewhere")).unwrap();
    let there = Scenario::load(&moved.path().join("elsewhere/one")).unwrap();
    assert_eq!(there.content_hash().unwrap(), before, "the place changes the hash");
}

#[test]
fn a_scenario_is_a_directory_or_a_name_in_the_nearest_scenarios_folder() {
    let root = tempfile::tempdir().unwrap();
    let (project, inner) = (root.path().join("project"), root.path().join("project/sub"));
    let shipped = root.path().join("shipped");
    write_scenario(&project.join("scenarios/one"), "outer one");
    write_scenario(&project.join("scenarios/two"), "outer two");
    write_scenario(&inner.join("scenarios/one"), "inner one");
    write_scenario(&inner.join("elsewhere"), "by path");
    std::fs::create_dir_all(project.join("scenarios/driver")).unwrap();
    let places = Places { cwd: &inner, shipped: &shipped };

    assert_eq!(find("one", places).unwrap(), inner.join("scenarios/one"));
    assert_eq!(find("two", places).unwrap(), project.join("scenarios/two"));
    assert_eq!(find("elsewhere", places).unwrap(), inner.join("elsewhere"));
    let absolute = inner.join("elsewhere");
    assert_eq!(find(absolute.to_str().unwrap(), places).unwrap(), absolute);
    for wanted in ["", "driver", "..", "sub/one", "scenarios/../one", "/"] {
        assert!(find(wanted, places).is_err(), "`{wanted}` was found");
    }
    let FindError::Unknown { known, .. } = find("tow", places).unwrap_err() else { panic!() };
    assert!(known.contains(&"one".to_owned()) && known.contains(&"two".to_owned()), "{known:?}");
    let error = find("tow", places).unwrap_err().to_string();
    assert!(error.contains("there is no scenario `tow`, did you mean `two`?"), "{error}");

    std::fs::write(inner.join("scenarios/one/scenario.toml"), "broken").unwrap();
    let listed = list(places).unwrap();
    let title = |name: &str| listed.iter().find(|l| l.name == name).map(|l| l.title.as_deref());
    assert_eq!(title("two"), Some(Some("outer two")));
    assert_eq!(title("one"), Some(None), "an invalid one is hidden, or the outer one shown");
    assert!(listed.is_sorted_by_key(|l| &l.name));
}

#[test]
fn shipped_scenarios_are_found_from_anywhere_and_equal_their_originals() {
    let root = tempfile::tempdir().unwrap();
    let shipped_dir = root.path().join("state/scenarios");
    let places = Places { cwd: root.path(), shipped: &shipped_dir };
    let originals = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let listed = list(places).unwrap();
    let names: Vec<_> = listed.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, shipped::names());
    for name in names {
        let found = Scenario::load(&find(name, places).unwrap()).unwrap();
        let original = Scenario::load(&originals.join(name)).unwrap();
        assert!(found.dir.starts_with(&shipped_dir));
        assert_eq!(found.content_hash().unwrap(), original.content_hash().unwrap(), "{name}");
    }
    let written = shipped::materialise(&shipped_dir).unwrap();
    assert_eq!(written.parent(), Some(&*shipped_dir));
    assert_eq!(shipped::materialise(&shipped_dir).unwrap(), written);
}

#[test]
fn a_check_looks_at_every_file_and_counts() {
    let dir = tempfile::tempdir().unwrap();
    write_scenario(&dir.path().join("scenarios/good"), "t");
    std::fs::write(dir.path().join("scenarios/good/workspace/file"), "x").unwrap();
    write_scenario(&dir.path().join("scenarios/bad"), "t");
    let bad = dir.path().join("scenarios/bad/scenario.toml");
    std::fs::write(&bad, "x = 1\ny = 2\n").unwrap();
    let mut files = files_in(dir.path()).unwrap();
    assert_eq!(files, [bad.clone(), dir.path().join("scenarios/good/scenario.toml")]);
    files.push(dir.path().join("nowhere"));
    let mut out = Vec::new();
    let checked = check(&files, false, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert_eq!((checked.files, checked.invalid, checked.problems), (3, 2, 5), "{out}");
    assert!(out.contains(&format!("{}:1:1", bad.display())), "{out}");
    assert!(out.contains("good/scenario.toml: valid, 1 phase, 0 caches, 0 gates"), "{out}");
    assert!(out.contains("cannot read scenario `"), "{out}");
    assert_eq!(files_in(&dir.path().join("scenarios/good")).unwrap().len(), 1);
    assert!(files_in(&dir.path().join("nowhere")).unwrap().is_empty());
}

#[test]
fn params_are_checked_against_what_the_scenario_lists() {
    let full = load("full");
    let defaults = full.default_params();
    let wanted = [
        ("jobs", "2"),
        ("launcher", "none"),
        ("lto", "false"),
        ("python", "3.10"),
        ("tuning", "default"),
    ];
    assert_eq!(defaults, params(&wanted));
    full.check_params(&defaults).unwrap();
    full.check_params(&params(&[("jobs", "99")])).unwrap();
    let error = full.check_params(&params(&[("laucher", "none")])).unwrap_err();
    assert!(matches!(error, ParamError::UnknownName { .. }));
    assert!(error.to_string().ends_with("(hint: did you mean `launcher`?)"), "{error}");
    let error = full.check_params(&params(&[("launcher", "sccache")])).unwrap_err();
    assert!(error.to_string().ends_with("expected one of `none`, `ccache`, `zccache`"), "{error}");
    assert!(full.check_params(&params(&[("jobs", "")])).is_err());
    assert!(load("minimal").check_params(&params(&[("a", "b")])).is_err());
}

#[test]
fn the_product_of_params_has_every_combination_once() {
    let set = |name: &str, values: &[&str]| {
        (name.to_owned(), values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>())
    };
    let product = param_product(&[set("a", &["1", "2"]), set("b", &["x", "y"])]);
    let wanted = [
        [("a", "1"), ("b", "x")],
        [("a", "1"), ("b", "y")],
        [("a", "2"), ("b", "x")],
        [("a", "2"), ("b", "y")],
    ];
    assert_eq!(product, wanted.map(|pairs| params(&pairs)));
    assert_eq!(param_product(&[]), [params(&[])]);
    assert!(param_product(&[set("a", &[])]).is_empty());
}
