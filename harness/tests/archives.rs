//! Caches that share an archive: hard links between them survive, and everything is counted once.

mod common;

use bench_record::{CacheUse, Outcome, Regime};
use common::{Finished, Project};

/// Fills two caches with one file by hard link, as an installer does that links from its cache; warm, prints
/// whether the two names still stand for one file.
fn scenario(transport: &str) -> String {
    format!(
        r#"
[scenario]
title = "An installer that links from its cache"
analysis = "The link is what is asked for."

[params]
archive = ["one", "several"]

[[cache]]
name = "store"
path = "{{cache}}/store"
env = "STORE"
transport = "{transport}"
exclude = ["lock"]

[[cache]]
name = "env"
path = "{{workspace}}/.env"
transport = "{transport}"

[[archive]]
name = "python"
caches = ["env", "store"]
when = {{ archive = "one" }}

[[phase]]
name = "install"
measured = true
shell = true
run = '''
mkdir -p "$STORE/wheels" .env/lib
echo held > "$STORE/lock"
if [ -e .env/lib/big ]; then
  [ .env/lib/big -ef "$STORE/wheels/big" ] && echo linked || echo copied
  cmp .env/lib/big "$STORE/wheels/big"
else
  head -c 200000 /dev/urandom > "$STORE/wheels/big"
  ln "$STORE/wheels/big" .env/lib/big
  echo own > .env/own
  echo new
fi
'''

[[probe]]
name = "links"
phase = "install"
hits = '(?m)^linked$'
misses = '(?m)^copied$'
"#
    )
}

const BIG: u64 = 200_000;
const OWN: u64 = 4;

fn run(transport: &str, archive: &str) -> (Project, Finished) {
    let project = Project::new(&scenario(transport), &[("workspace/source.txt", "source")]);
    let set = format!("archive={archive}");
    let finished = project.run(&["--blocks", "1", "--set", &set]).expect_code(0);
    (project, finished)
}

fn caches(finished: &Finished, regime: Regime) -> (CacheUse, CacheUse, u64) {
    let (sample, _) = finished.sample(regime);
    assert_eq!(sample.outcome, Outcome::Ok, "{regime}: {:?}", sample.reason);
    (sample.caches["store"].clone(), sample.caches["env"].clone(), sample.evidence.snapshot_bytes)
}

#[test]
fn one_archive_keeps_links_between_caches_and_is_counted_once() {
    let (_project, finished) = run("directory", "one");
    for regime in [Regime::Cold, Regime::CrossRunner] {
        let (store, env, _) = caches(&finished, regime);
        // The excluded lock is neither counted nor saved.
        assert_eq!((store.files, store.bytes), (1, BIG), "{regime}");
        assert_eq!((env.files, env.bytes), (2, OWN), "{regime}");
        assert!(store.archive_bytes.is_some_and(|bytes| (BIG..BIG + 10_000).contains(&bytes)));
        assert_eq!(env.archive_bytes, None, "{regime}");
        assert_eq!(store.archived_with, None, "{regime}");
        assert_eq!(env.archived_with.as_deref(), Some("store"), "{regime}");
    }
    let (store, env, _) = caches(&finished, Regime::Cold);
    assert!(store.save_ns > Some(0) && env.save_ns.is_none());
    let (store, env, seed_bytes) = caches(&finished, Regime::CrossRunner);
    assert!(store.restore_ns > Some(0) && env.restore_ns.is_none());
    assert_eq!(seed_bytes, BIG + OWN);
    assert_eq!(finished.hits(Regime::CrossRunner), (Some(1), Some(0)), "linked");
    assert_eq!(finished.hits(Regime::SameRunner), (Some(1), Some(0)), "never moved");
}

#[test]
fn archives_of_their_own_carry_the_same_file_twice() {
    let (_project, finished) = run("directory", "several");
    let (store, env, seed_bytes) = caches(&finished, Regime::CrossRunner);
    assert_eq!((store.bytes, env.bytes), (BIG, BIG + OWN));
    assert_eq!(seed_bytes, 2 * BIG + OWN);
    assert!(store.archive_bytes >= Some(BIG) && env.archive_bytes >= Some(BIG));
    assert_eq!((store.archived_with, env.archived_with), (None, None));
    assert_eq!(finished.hits(Regime::CrossRunner), (Some(0), Some(1)), "copied");
}

#[test]
fn a_shared_archive_is_restored_on_the_same_runner_too_where_the_scenario_says_so() {
    let (_project, finished) = run("archive", "one");
    let (store, env, _) = caches(&finished, Regime::SameRunner);
    assert!(store.restore_ns > Some(0), "from the archive");
    assert_eq!(env.restore_ns, None);
    assert_eq!(finished.hits(Regime::SameRunner), (Some(1), Some(0)), "linked");
}

#[test]
fn an_archive_that_cannot_be_made_is_a_problem_with_its_line() {
    let base = scenario("directory");
    for (wrong, message) in [
        (r#"caches = ["env"]"#, "an archive of one cache"),
        (r#"caches = ["env", "env"]"#, "cache `env` is named twice"),
        (r#"caches = ["env", "stor"]"#, "did you mean `store`?"),
        ("caches = []", "`caches` is an empty list"),
    ] {
        expect_problem(&base.replace(r#"caches = ["env", "store"]"#, wrong), message);
    }
    let other = "[[archive]]\nname = \"more\"\ncaches = [\"env\", \"store\"]\n";
    expect_problem(&format!("{base}\n{other}"), "is in archive `python` and in archive `more`");
    let named = base.replace("name = \"python\"", "name = \"Store\"");
    expect_problem(&named, "archive `Store` has the name of cache `store`");
    let mixed = base.replacen("transport = \"directory\"", "transport = \"archive\"", 1);
    expect_problem(&mixed, "caches `store` and `env` have different transports");
    let exclusive = format!("{base}\n{other}when = {{ archive = \"several\" }}\n");
    let project = Project::new(&exclusive, &[("workspace/file", "x")]);
    assert!(project.bench(&["check", "scenario"]).output().unwrap().status.success());
}

#[track_caller]
fn expect_problem(toml: &str, message: &str) {
    let project = Project::new(toml, &[]);
    let output = project.bench(&["check", "scenario"]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let text = format!("{}{stderr}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains(message), "{message}: {text}");
}
