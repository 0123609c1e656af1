//! One test per regime on a fake tool whose reuse depends on path, mtime, home or content in known ways.

mod common;

use bench_record::{Outcome, Regime};
use common::compiler::{self, CACHE, FILES, SCRIPT, TOOL};
use common::scenarios::PROBE;
use common::{Finished, Project};

fn scenario(key: &str, cache: &str) -> String {
    compiler::scenario(key, cache, SCRIPT, PROBE)
}

fn run(key: &str, cache: &str, extra: &[&str]) -> (Project, Finished) {
    let project = Project::new(&scenario(key, cache), &FILES);
    let finished = project.run(extra);
    project.assert_home_untouched();
    (project, finished)
}

const BLOCK: &[&str] =
    &["--blocks", "1", "--regime", "cold,same-runner,cross-runner,moved-runner,hot"];

const NONE: (Option<u64>, Option<u64>) = (Some(0), Some(3));
const ALL: (Option<u64>, Option<u64>) = (Some(3), Some(0));

#[test]
fn cold_has_no_hits_and_empty_caches() {
    let (_project, finished) = run("content", CACHE, BLOCK);
    let finished = finished.expect_code(0);
    assert_eq!(finished.hits(Regime::Cold), NONE);
    let (sample, _) = finished.sample(Regime::Cold);
    assert!(sample.evidence.empty_at_start);
    assert_eq!(sample.snapshot_origin, None);
    assert_eq!(sample.caches["store"].files_before, 0);
    assert_eq!(sample.caches["store"].files, 3);
    assert!(sample.caches["store"].save_ns.is_some());
}

#[test]
fn a_key_of_content_hits_on_every_runner() {
    let (_project, finished) = run("content", CACHE, BLOCK);
    let finished = finished.expect_code(0);
    for regime in [Regime::SameRunner, Regime::CrossRunner, Regime::MovedRunner, Regime::Hot] {
        assert_eq!(finished.hits(regime), ALL, "{regime}");
    }
    let digests: Vec<_> =
        finished.records().samples.into_iter().map(|(sample, _)| sample.output_digest).collect();
    assert!(digests.iter().all(|digest| digest.is_some() && *digest == digests[0]));
}

#[test]
fn cross_runner_keeps_paths_and_moved_runner_keeps_neither_paths_nor_times() {
    for key in ["content,path", "content,mtime", "content,home"] {
        let (_project, finished) = run(key, CACHE, BLOCK);
        let finished = finished.expect_code(0);
        assert_eq!(finished.hits(Regime::SameRunner), ALL, "{key}");
        assert_eq!(finished.hits(Regime::Hot), ALL, "{key}");
        let same_paths = if key.ends_with("mtime") { NONE } else { ALL };
        assert_eq!(finished.hits(Regime::CrossRunner), same_paths, "{key}");
        assert_eq!(finished.hits(Regime::MovedRunner), NONE, "{key}");
        let report = finished.stdout();
        assert!(report.contains("0 of 3 hits"), "the headline finding is missing:\n{report}");
    }
}

#[test]
fn a_cache_in_the_workspace_or_the_home_stays_while_build_outputs_go() {
    for path in [r#"path = "{workspace}/build/store""#, r#"path = "{home}/.store/v1""#] {
        let (project, finished) = run("content", path, &["--blocks", "1", "--keep"]);
        let finished = finished.expect_code(0);
        assert_eq!(finished.hits(Regime::SameRunner), ALL, "{path}");
        assert_eq!(finished.hits(Regime::CrossRunner), ALL, "{path}");
        drop(project);
    }
}

#[test]
fn a_cache_with_transport_archive_is_restored_on_the_same_runner_too() {
    let cache = "path = \"{cache}/store\"\ntransport = \"archive\"";
    let (_project, finished) = run("content", cache, BLOCK);
    let finished = finished.expect_code(0);
    let (sample, _) = finished.sample(Regime::SameRunner);
    assert_eq!(finished.hits(Regime::SameRunner), ALL);
    assert!(sample.caches["store"].restore_ns.unwrap() > 0);
    assert!(sample.caches["store"].archive_bytes.unwrap() > 0);
}

#[test]
fn what_is_excluded_is_not_restored_elsewhere() {
    let cache = "path = \"{cache}/store\"\nexclude = [\"**\"]";
    let (_project, finished) = run("content", cache, &["--blocks", "1"]);
    let finished = finished.expect_code(5);
    let (sample, _) = finished.sample(Regime::CrossRunner);
    assert_eq!(sample.outcome, Outcome::Unproven);
    assert!(sample.reason.unwrap().contains("the snapshot is empty"));
}

#[test]
fn a_cache_that_an_unmeasured_phase_fills_makes_cold_unproven() {
    let toml = scenario("content", CACHE).replace(
        "[[phase]]",
        "[[phase]]\nname = \"sync\"\nrun = [\"sh\", \"-c\", \"mkdir -p $STORE; echo x > $STORE/x\"]\n\n[[phase]]",
    );
    let project = Project::new(&toml, &[("tool.sh", TOOL), ("workspace/src/a.txt", "alpha")]);
    let finished = project.run(&["--blocks", "1", "--regime", "cold"]).expect_code(5);
    let (sample, _) = finished.sample(Regime::Cold);
    assert_eq!(sample.outcome, Outcome::Unproven);
    assert!(sample.reason.unwrap().contains("cache `store` held"));
}

#[test]
fn a_source_that_the_build_changes_is_put_back() {
    let tool =
        format!("{TOOL}\necho changed > src/a.txt\nrm src/b.txt\nmkdir -p out && echo o > out/o\n");
    let project = Project::new(
        &scenario("content", CACHE),
        &[
            ("tool.sh", &tool),
            ("workspace/src/a.txt", "alpha"),
            ("workspace/src/b.txt", "beta"),
            ("workspace/src/c.txt", "gamma"),
        ],
    );
    let finished = project.run(&["--blocks", "1", "--regime", "cold,same-runner"]).expect_code(5);
    // The content comes back, so everything hits; the inode of the removed file cannot, and that is said.
    let (sample, _) = finished.sample(Regime::SameRunner);
    assert_eq!(sample.evidence.hits, Some(3));
    assert_eq!(sample.outcome, Outcome::Unproven);
    assert!(sample.reason.unwrap().contains("src/b.txt"));
}

#[test]
fn a_probe_that_cannot_be_read_is_unknown_and_not_zero() {
    let toml = scenario("content", CACHE).replace("'(?m)^hit$'", "'hits: (\\d+)'");
    let project = Project::new(&toml, &[("tool.sh", TOOL), ("workspace/src/a.txt", "alpha")]);
    let finished = project.run(&["--blocks", "1"]).expect_code(0);
    let (sample, _) = finished.sample(Regime::SameRunner);
    assert_eq!(sample.evidence.hits, None);
    assert!(sample.evidence.probes["fake"].error.as_ref().unwrap().contains("matched nothing"));
}

#[test]
fn without_an_active_cache_only_cold_is_measured_and_warm_is_refused_with_a_hint() {
    let toml = scenario("content", CACHE)
        .replace("[env]", "[params]\nlauncher = [\"none\", \"ccache\"]\n\n[env]")
        .replace("env = \"STORE\"", "env = \"STORE\"\nwhen = { launcher = \"ccache\" }")
        .replace("\"$STORE\"", "\"${STORE:=$PWD/nothing}\"");
    let script =
        TOOL.replace("mkdir -p \"$STORE\"", "STORE=${STORE:-$PWD/nothing}; mkdir -p \"$STORE\"");
    let project = Project::new(&toml, &[("tool.sh", &script), ("workspace/src/a.txt", "alpha")]);
    let finished = project.run(&["--blocks", "1"]).expect_code(0);
    assert_eq!(finished.records().samples.len(), 1);
    std::fs::remove_dir_all(&finished.out).unwrap();
    for regime in ["same-runner", "cross-runner", "hot", "cold,hot"] {
        let refused = project.run(&["--regime", regime]).expect_code(2);
        assert!(refused.stderr().contains("--set launcher=ccache"), "{}", refused.stderr());
        assert!(!refused.out.exists(), "a refused run leaves nothing");
    }
    // Of a product, too, before the first combination is measured.
    let product = ["--set", "launcher=ccache,none", "--regime", "cold,hot"];
    let refused = project.run(&product).expect_code(2);
    assert!(!refused.out.exists(), "nothing was measured: {}", refused.stderr());
}

#[test]
fn a_warm_regime_of_a_scenario_without_any_cache_is_refused_with_a_hint() {
    let toml = "[scenario]\ntitle = \"t\"\n[[phase]]\nname = \"build\"\nmeasured = true\nrun = [\"true\"]\n";
    let project = Project::new(toml, &[("workspace/a.txt", "a")]);
    let refused = project.run(&["--blocks", "1", "--regime", "hot"]).expect_code(2);
    let said = refused.stderr();
    assert!(said.contains("`hot` cannot be measured (hint: "), "{said}");
    assert!(!refused.out.exists(), "a refused run leaves nothing");
}

#[test]
fn a_cache_of_empty_files_is_a_cache() {
    let toml = r#"
[scenario]
title = "A tool that keeps stamps"
[[cache]]
name = "stamps"
path = "{cache}/stamps"
env = "STAMPS"
[[phase]]
name = "build"
measured = true
run = ["sh", "-c", "mkdir -p \"$STAMPS\"; : >\"$STAMPS/done\""]
"#;
    let project = Project::new(toml, &[("workspace/a.txt", "a")]);
    let finished = project.run(BLOCK).expect_code(0);
    for regime in Regime::ALL {
        let (sample, _) = finished.sample(regime);
        assert_eq!(sample.outcome, Outcome::Ok, "{regime}: {:?}", sample.reason);
    }
    assert!(!finished.stdout().contains("saved nothing"), "{}", finished.stdout());
}

#[test]
fn a_warm_sample_that_is_not_run_names_the_runner_that_it_would_have_had() {
    let toml = FOLLOWS.replace("mkdir -p .env", "exit 3");
    let project = Project::new(&toml, &[("workspace/source.txt", "source")]);
    let finished = project.run(&["--blocks", "1", "--max-failures", "9"]).expect_code(4);
    let runner = |regime| finished.sample(regime).0.runner;
    assert_eq!(runner(Regime::SameRunner), runner(Regime::Cold));
    assert_eq!(runner(Regime::CrossRunner).as_str(), "b001-candidate-b");
}

#[test]
fn what_is_no_declared_cache_is_gone_before_every_sample_whatever_kind_it_is() {
    let leave = r#"
for left in build/a.txt.out src/new.txt deep/er/file "$HOME/.config/tool" "$TMPDIR/scratch" "$XDG_CACHE_HOME/undeclared"; do
  if [ -e "$left" ]; then echo "$left" >> {tools}/events; fi
  mkdir -p "$(dirname "$left")"
done
echo x > src/new.txt; echo x > deep/er/file; echo x > "$HOME/.config/tool"
echo x > "$TMPDIR/scratch"; echo x > "$XDG_CACHE_HOME/undeclared"
"#;
    let toml = scenario("content", CACHE).replace(
        "run = [\"sh\", \"{scenario}/tool.sh\"]",
        &format!("shell = true\nrun = '''{leave}\nsh {{scenario}}/tool.sh'''"),
    );
    let project = Project::new(&toml, &[("tool.sh", TOOL), ("workspace/src/a.txt", "alpha")]);
    let finished = project
        .run(&["--blocks", "2", "--regime", "cold,same-runner,cross-runner,moved-runner,hot"])
        .expect_code(0);
    assert_eq!(finished.records().samples.len(), 10);
    assert_eq!(project.events(), Vec::<String>::new(), "left over from an earlier sample");
}

/// Follows the path that the cache remembers, as an interpreter line or an editable install does.
const FOLLOWS: &str = r#"
[scenario]
title = "A tool that follows the path it was installed at"
analysis = "The path is in its cache."

[[cache]]
name = "env"
path = "{workspace}/.env"

[[phase]]
name = "test"
measured = true
shell = true
run = '''
mkdir -p .env
[ -e .env/root ] || pwd > .env/root
cat "$(cat .env/root)/source.txt"
'''
"#;

#[test]
fn another_runner_cannot_reach_the_one_that_made_its_caches() {
    let project = Project::new(FOLLOWS, &[("workspace/source.txt", "source")]);
    // Several blocks, so that both orders of the warm regimes occur.
    let args = ["--blocks", "4", "--seed", "2", "--regime", "cold,same-runner,moved-runner"];
    let finished = project.run(&args).expect_code(4);
    let samples = finished.records().samples;
    assert_eq!(samples.len(), 12);
    let orders: std::collections::BTreeSet<u32> = samples
        .iter()
        .filter(|(sample, _)| sample.regime == Regime::MovedRunner)
        .map(|(sample, _)| sample.order)
        .collect();
    assert_eq!(orders.len(), 2, "moved-runner runs before and after same-runner");
    for (sample, _) in samples {
        if sample.regime == Regime::MovedRunner {
            assert_eq!(sample.outcome, Outcome::Failed, "the old sources were found");
            assert!(sample.reason.unwrap().contains("No such file"));
        } else {
            assert_eq!(sample.outcome, Outcome::Ok, "{}: {:?}", sample.regime, sample.reason);
        }
    }
}
