//! `bench ablate` on a fake build that writes down which caches it saw, and in which state.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::process::Output;

use bench_record::{AblateTrial, CacheSet, LoadedAblation, Outcome, Regime};
use bench_reports::ablate::Ablation;
use common::Project;

/// Writes the names and contents of the caches that are there to `events`, then fills and spoils all of them.
const TOOL: &str = r#"#!/bin/sh
set -eu
seen=
for name in $NAMES; do
  if [ -e "$CACHE/$name/entry" ]; then seen="$seen $name=$(cat "$CACHE/$name/entry")"; fi
  mkdir -p "$CACHE/$name"
done
echo "seen$seen" >> "$TOOLS/events"
if [ "$seen" = " b=fresh" ] && [ "$MODE" = picky ]; then echo "error: b needs a" >&2; exit 3; fi
if [ "$MODE" = stopped ] && [ "$(wc -l < "$TOOLS/events")" = 4 ]; then kill -INT $PPID; tail -f /dev/null; fi
for name in $NAMES; do
  if [ -e "$CACHE/$name/entry" ]; then echo hit; echo spoilt >> "$CACHE/$name/entry"
  else echo miss; echo fresh > "$CACHE/$name/entry"; fi
done
if [ "$MODE" = linked ] && [ ! -e "$CACHE/a/blob" ]; then
  head -c 200000 /dev/urandom > "$CACHE/a/blob"
  ln -f "$CACHE/a/blob" "$CACHE/b/blob"
fi
"#;

fn scenario(names: &[&str]) -> String {
    let mut text = format!(
        r#"
[scenario]
title = "Some caches"

[params]
mode = ["plain", "picky", "stopped", "linked"]

[env]
set = {{ NAMES = "{}", CACHE = "{{cache}}", TOOLS = "{{tools}}", MODE = "{{param.mode}}" }}

[[phase]]
name = "build"
measured = true
run = ["sh", "{{scenario}}/tool.sh"]

[[probe]]
name = "fake"
phase = "build"
hits = '(?m)^hit$'
misses = '(?m)^miss$'
"#,
        names.join(" ")
    );
    for name in names {
        text += &["\n[[cache]]\nname = \"", name, "\"\npath = \"{cache}/", name, "\"\n"].concat();
    }
    text
}

fn project(names: &[&str]) -> Project {
    Project::new(&scenario(names), &[("tool.sh", TOOL), ("workspace/main", "source")])
}

const NEW: &[&str] =
    &["ablate", "--scenario", "scenario", "--state", "state", "--out", "out", "--seed", "1"];

#[track_caller]
fn bench(project: &Project, args: &[&str], extra: &[&str], code: i32) -> Output {
    let output = project.bench(args).args(extra).output().unwrap();
    let (out, err) = (&output.stdout, &output.stderr);
    let printed = [String::from_utf8_lossy(out), String::from_utf8_lossy(err)].join("\nstderr:\n");
    assert_eq!(output.status.code(), Some(code), "{printed}");
    project.assert_home_untouched();
    output
}

fn results(project: &Project) -> (LoadedAblation, Ablation) {
    let ledger = bench_record::load(&project.path("out"));
    let json = fs::read(project.path("out/ablate.json")).unwrap();
    (ledger.unwrap(), serde_json::from_slice(&json).unwrap())
}

fn keys(ledger: &LoadedAblation) -> BTreeSet<(u32, String, CacheSet)> {
    let key = |trial: &AblateTrial| (trial.block, trial.regime.to_string(), trial.caches.clone());
    let keys: BTreeSet<_> = ledger.trials.iter().map(key).collect();
    assert_eq!(keys.len(), ledger.trials.len(), "a trial was made twice");
    keys
}

#[test]
fn every_set_is_tried_and_no_trial_sees_what_another_left() {
    let project = project(&["a", "b", "c"]);
    let output = bench(&project, NEW, &["--blocks", "2"], 0);
    let (ledger, ablation) = results(&project);
    assert_eq!(keys(&ledger).len(), 2 * 2 * 8);
    assert!(ablation.complete && ablation.failed == 0);
    // Every trial's own caches, and those only, as the cold run left them.
    let mut expected: Vec<String> = ledger
        .trials
        .iter()
        .map(|trial| {
            trial.caches.iter().fold("seen".to_owned(), |seen, name| seen + " " + name + "=fresh")
        })
        .collect();
    expected.extend(["seen".to_owned(), "seen".to_owned()]);
    let mut events = project.events();
    expected.sort();
    events.sort();
    assert_eq!(events, expected);
    for trial in &ledger.trials {
        assert_eq!(trial.hits, Some(trial.caches.len() as u64), "{trial:?}");
        let cross = trial.regime == Regime::CrossRunner;
        assert_eq!(trial.restore_ns.len(), if cross { trial.caches.len() } else { 0 });
    }
    let orders = |block: u32| -> Vec<&CacheSet> {
        ledger.trials.iter().filter(|t| t.block == block).map(|t| &t.caches).collect()
    };
    assert_ne!(orders(1), orders(2), "the order is drawn for each block");
    assert!(
        ablation.caches.iter().all(|cache| cache.growth_bytes == Some(7)),
        "`spoilt` and its line end"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for name in ["ablate.json", "ablate.md", "trials.ndjson"] {
        assert!(project.path("out").join(name).exists(), "{name}");
    }
    let left: Vec<_> = fs::read_dir(project.path("state/runs")).unwrap().collect();
    assert!(left.is_empty(), "runners are left: {left:?}");
}

#[test]
fn resuming_repeats_nothing_that_is_written_down() {
    let project = project(&["a", "b"]);
    bench(&project, NEW, &["--blocks", "2", "--regime", "same-runner"], 0);
    let (whole, _) = results(&project);
    let path = project.path("out/trials.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    // The first line, a seed and two trials; the third is torn.
    let kept: Vec<&str> = text.lines().take(4).collect();
    let torn = text.lines().nth(4).unwrap();
    fs::write(&path, format!("{}\n{}", kept.join("\n"), &torn[..torn.len() / 2])).unwrap();
    let before = project.events().len();
    bench(&project, &["ablate", "--resume", "out"], &[], 0);
    let (ledger, ablation) = results(&project);
    assert!(ablation.complete);
    assert_eq!(keys(&ledger), keys(&whole));
    assert_eq!(ledger.trials[..2], whole.trials[..2], "what was measured before is kept");
    assert!(fs::read_to_string(&path).unwrap().starts_with(&kept.join("\n")));
    assert_eq!(project.events().len() - before, 6 + 2, "six trials and two seeds");
    let sets = |ledger: &LoadedAblation| {
        ledger.trials.iter().map(|t| t.caches.clone()).collect::<Vec<_>>()
    };
    assert_eq!(sets(&ledger), sets(&whole), "the order is the same");
    let again = bench(&project, &["ablate", "--resume", "out"], &[], 0);
    assert!(String::from_utf8_lossy(&again.stderr).contains("nothing to resume"));
    assert_eq!(project.events().len() - before, 8);
}

/// `{"v":1,"kind":"trial",..,"reason":"Gr\xc3`: the process was killed inside an `ö`.
const CUT_IN_A_CHARACTER: &[u8] = b"{\"v\":1,\"kind\":\"trial\",\"block\":1,\"reason\":\"Gr\xc3";

#[test]
fn a_crash_inside_a_character_is_resumed_and_nothing_of_the_file_is_cut_off() {
    let project = project(&["a"]);
    bench(&project, NEW, &["--blocks", "1", "--regime", "same-runner"], 0);
    let (whole, _) = results(&project);
    let path = project.path("out/trials.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let kept: String = text.split_inclusive('\n').take(3).collect();
    let found = [kept.as_bytes(), CUT_IN_A_CHARACTER].concat();
    fs::write(&path, &found).unwrap();
    bench(&project, &["ablate", "--resume", "out"], &[], 0);
    let (ledger, ablation) = results(&project);
    assert!(ablation.complete);
    assert_eq!(keys(&ledger), keys(&whole));
    assert_eq!(ledger.trials[..1], whole.trials[..1]);
    assert!(fs::read(&path).unwrap().starts_with(&found));
}

#[test]
fn a_trial_that_lacks_only_its_newline_is_made_again_and_counts_once() {
    let project = project(&["a"]);
    bench(&project, NEW, &["--blocks", "1", "--regime", "same-runner"], 0);
    let path = project.path("out/trials.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.trim_end()).unwrap();
    bench(&project, &["ablate", "--resume", "out"], &[], 0);
    assert_eq!(keys(&results(&project).0).len(), 2);
}

#[test]
fn an_ablation_of_a_newer_bench_is_called_newer_whatever_its_lines_are() {
    let project = project(&["a"]);
    bench(&project, NEW, &["--blocks", "1", "--regime", "same-runner"], 0);
    let path = project.path("out/trials.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let newer =
        text.replace("\"v\":2", "\"v\":3").replace("\"kind\":\"trial\"", "\"kind\":\"try\"");
    fs::write(&path, newer).unwrap();
    let output = bench(&project, &["ablate", "--resume", "out"], &[], 2);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("record version 3 is newer than 2"), "{stderr}");
    assert!(!stderr.contains("cannot be read"), "{stderr}");
}

#[test]
fn ctrl_c_leaves_what_was_measured_and_resume_goes_on() {
    let project = project(&["a", "b"]);
    let extra = ["--blocks", "1", "--set", "mode=stopped"];
    let output = bench(&project, NEW, &extra, 130);
    assert!(String::from_utf8_lossy(&output.stderr).contains("--resume"));
    let (before, ablation) = results(&project);
    // A seed, two trials, and the one that was stopped.
    assert_eq!((before.trials.len(), ablation.complete), (2, false));
    bench(&project, &["ablate", "--resume", "out"], &[], 0);
    let (after, ablation) = results(&project);
    assert!(ablation.complete);
    assert_eq!(keys(&after).len(), 8);
    assert_eq!(after.trials[..2], before.trials[..]);
}

#[test]
fn one_cache_is_measured_with_and_without() {
    let project = project(&["a"]);
    let output = bench(&project, NEW, &["--blocks", "1"], 0);
    let (ledger, _) = results(&project);
    assert_eq!(ledger.trials.len(), 4);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("there is nothing to leave out"), "{text}");
}

#[test]
fn a_set_that_fails_is_reported_and_the_others_count() {
    let project = project(&["a", "b"]);
    let output = bench(&project, NEW, &["--blocks", "1", "--set", "mode=picky"], 4);
    let (ledger, ablation) = results(&project);
    let failed: Vec<_> =
        ledger.trials.iter().filter(|trial| trial.outcome == Outcome::Failed).collect();
    assert_eq!((failed.len(), ablation.failed), (2, 2));
    assert!(failed.iter().all(|trial| trial.caches == CacheSet::from(["b".to_owned()])));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("fails with b:") && text.contains("b needs a"), "{text}");
}

#[test]
fn files_that_two_caches_share_are_stored_once_in_one_archive() {
    let project = project(&["a", "b"]);
    let output = bench(&project, NEW, &["--blocks", "1", "--set", "mode=linked"], 0);
    let (ledger, ablation) = results(&project);
    let archives = ablation.archives.unwrap();
    assert!(archives.separate.bytes > 400_000, "{archives:?}");
    assert!((200_000..300_000).contains(&archives.together.bytes), "{archives:?}");
    assert!(archives.together.restore_s.is_some() && archives.separate.restore_s.is_some());
    assert!(
        String::from_utf8(output.stdout).unwrap().contains("All caches in one archive: 0.2 MB")
    );
    assert_eq!(keys(&ledger).len(), 8, "the trials that follow are not disturbed");

    let same = project_of_linked(&["--regime", "same-runner"]);
    assert!(same.together.restore_s.is_none() && same.separate.restore_s.is_none(), "{same:?}");
}

fn project_of_linked(extra: &[&str]) -> bench_reports::ablate::Archives {
    let project = project(&["a", "b"]);
    let args = [&["--blocks", "1", "--set", "mode=linked"], extra].concat();
    bench(&project, NEW, &args, 0);
    results(&project).1.archives.unwrap()
}

#[test]
fn many_caches_are_left_out_one_by_one_and_joined_greedily() {
    let project = project(&["a", "b", "c", "d", "e"]);
    bench(&project, NEW, &["--blocks", "2", "--regime", "same-runner"], 0);
    let (ledger, ablation) = results(&project);
    assert!(ablation.complete);
    // None, all, 5 alone, 5 without one, and a chain of 2 and 3.
    assert_eq!(ledger.trials.len(), 2 * (2 + 5 + 5 + 2));
    let sizes: Vec<usize> = ledger.trials[12..14].iter().map(|t| t.caches.len()).collect();
    assert_eq!(sizes.iter().sum::<usize>(), 5, "the chain ends the first block");
}

#[test]
fn wrong_use_is_refused_with_a_hint() {
    let project = project(&["a"]);
    let said = |extra: &[&str]| {
        let output = bench(&project, NEW, extra, 2);
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(
        said(&["--regime", "cold"]).contains("expected same-runner, cross-runner or moved-runner")
    );
    assert!(said(&["--size-limit", "many"]).contains("expected a size"));
    for none in [["--keys", "0"], ["--branches", "0"]] {
        let said = said(&none);
        assert!(said.contains("expected a number from 1 (hint: "), "{said}");
    }
    bench(&project, NEW, &["--blocks", "1"], 0);
    assert!(said(&["--blocks", "1"]).contains("holds `trials.ndjson` already"));
    let path = project.path("out/trials.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.lines().take(3).map(|line| line.to_owned() + "\n").collect::<String>())
        .unwrap();
    project.write("scenario/tool.sh", "#!/bin/sh\n");
    let output = bench(&project, &["ablate", "--resume", "out"], &[], 2);
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(printed.contains("files have changed since"), "{printed}");
    assert!(path.exists());
}
