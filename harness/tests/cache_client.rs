//! The cache client of GitHub Actions itself, against a service on loopback: what `bench run --stage prime` saves comes to
//! another runner as bench's own archive would, and what goes wrong on the way is noticed.
//!
//! Needs node and the client's packages: `scripts/test` installs both. Without them these tests fail and say so.

#![cfg(unix)]

mod common;
mod stages_support;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use bench::cache::archive;
use bench::system::fs::tree::Inventory;
use bench_record::{KeyMatch, Outcome, RestoreTime};
use common::Project;
use globset::GlobSet;
use stages_support::{measure, part, prime, project, stage};

const TOKEN: &str = "token-of-this-test";

/// Both protocols that the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    /// Forgejo and Gitea.
    V1,
    /// GitHub.
    V2,
}

/// The client's directory.
fn client() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let dir = root.join("target/cache-client");
    let there = dir.join("node_modules/@actions/cache/package.json").is_file();
    let node = Command::new("node").arg("--version").output();
    assert!(
        there && node.is_ok_and(|node| node.status.success()),
        "this test drives the real cache client, which is not here: install node and npm (sudo apt-get install nodejs npm), \
         then run scripts/cache-client/install; scripts/test does both"
    );
    dir
}

/// A cache service with a directory of its own.
struct Service {
    process: Child,
    port: u16,
    entries: PathBuf,
    client: PathBuf,
}

impl Service {
    fn start(entries: PathBuf) -> Self {
        let client = client();
        fs::create_dir_all(&entries).unwrap();
        let server = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut process = Command::new("node")
            .arg(server.join("scripts/cache-client/server.mjs"))
            .args([entries.as_os_str(), TOKEN.as_ref()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the service prints its port");
        Self { process, port, entries, client }
    }

    /// What was asked of it.
    fn requests(&self) -> String {
        fs::read_to_string(self.entries.join("requests.log")).unwrap_or_default()
    }

    /// The archive of its only entry.
    #[track_caller]
    fn archive(&self) -> PathBuf {
        let archives = fs::read_dir(&self.entries).unwrap().map(|entry| entry.unwrap().path());
        let mut archives: Vec<_> =
            archives.filter(|path| path.extension().is_some_and(|e| e == "tzst")).collect();
        assert_eq!(archives.len(), 1);
        archives.remove(0)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Closing its standard input would end it, too; this waits for it.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A machine of CI: a workspace, a home and a temporary directory.
struct Machine {
    workspace: PathBuf,
    home: PathBuf,
    temp: PathBuf,
}

impl Machine {
    fn new(root: &Path, workspace: &str, home: &str) -> Self {
        let make = |part: &str| {
            let dir = root.join(part);
            fs::create_dir_all(&dir).unwrap();
            dir
        };
        Self { workspace: make(workspace), home: make(home), temp: make("runner-temp") }
    }

    /// Runs the client as a step of a job on this machine does; its answer.
    #[track_caller]
    fn step(&self, service: &Service, protocol: Protocol, args: &[&str]) -> serde_json::Value {
        let address = format!("http://127.0.0.1:{}/", service.port);
        let mut command = Command::new("node");
        command
            .arg(service.client.join("client.mjs"))
            .args(args)
            .current_dir(&self.workspace)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", &self.home)
            .env("GITHUB_WORKSPACE", &self.workspace)
            .env("RUNNER_TEMP", &self.temp)
            .env("ACTIONS_RUNTIME_TOKEN", TOKEN);
        match protocol {
            Protocol::V1 => command
                .env("GITHUB_SERVER_URL", "https://git.example.org")
                .env("ACTIONS_CACHE_URL", &address),
            Protocol::V2 => command
                .env("GITHUB_SERVER_URL", "https://github.com")
                .env("ACTIONS_CACHE_SERVICE_V2", "true")
                .env("ACTIONS_RESULTS_URL", &address),
        };
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{stdout}\n{stderr}");
        let last = stdout.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|_| panic!("{stdout}\n{stderr}"))
    }
}

/// Everything beneath `root` that a restore should keep: kinds, lengths, modes, times and links; hard links by the first
/// name of their inode.
fn state(root: &Path) -> Vec<String> {
    let all = Inventory::take(root, &GlobSet::empty()).unwrap().entries;
    let mut first = std::collections::BTreeMap::new();
    all.iter()
        .map(|(path, entry)| {
            let first = first.entry(entry.inode).or_insert_with(|| path.clone()).clone();
            let content = match entry.kind {
                bench::system::fs::tree::Kind::File => {
                    blake3::hash(&fs::read(root.join(path)).unwrap()).to_hex()
                }
                _ => blake3::hash(b"").to_hex(),
            };
            format!(
                "{} {:?} {} {:o} {} {:?} {} {content}",
                path.display(),
                entry.kind,
                entry.len,
                entry.mode,
                entry.mtime_ns,
                entry.target,
                first.display()
            )
        })
        .collect()
}

/// Copies `project/snapshots` of prime into the workspace of the machine that primed.
fn move_snapshots(project: &Project, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::rename(project.path("snapshots"), to).unwrap();
}

fn carried_by_the_client(protocol: Protocol) {
    let project = project();
    let service = Service::start(project.path("service"));
    let key = prime(&project, &[]).expect(0).value("key").to_owned();
    let one = Machine::new(&project.path("one"), "work/project", "home/first");
    let other = Machine::new(&project.path("other"), "agents/7/builds/deep/project", "users/b");
    move_snapshots(&project, &one.workspace.join(".bench/snapshot"));
    let expected = state(&one.workspace.join(".bench/snapshot"));

    let saved = one.step(&service, protocol, &["save", &key, ".bench/snapshot"]);
    assert_ne!(saved["id"], -1, "{saved}");
    // Nothing of the first machine is left but what the service has.
    fs::remove_dir_all(project.path("one")).unwrap();
    let restored = other.step(&service, protocol, &["restore", ".bench/snapshot", &key]);
    assert_eq!(restored["matched"], key.as_str());
    let place = other.workspace.join(".bench/snapshot");
    assert_eq!(state(&place), expected, "files, modes, times and links are those that were saved");

    let requests = service.requests();
    let (own, foreign) = match protocol {
        Protocol::V1 => ("PATCH /_apis/artifactcache/caches/", "/twirp/"),
        Protocol::V2 => ("CacheService/FinalizeCacheEntryUpload", "/_apis/artifactcache"),
    };
    assert!(requests.contains(own) && !requests.contains(foreign), "{requests}");

    let dir = place.to_str().unwrap();
    let times = "b001-candidate=1.25,b002-candidate=1.5";
    let extra = ["--matched-key", &key, "--restore-seconds", times];
    measure(&project, "measure", dir, &extra).expect(0);
    for (sample, _) in &part(&project, "measure").samples {
        assert_eq!(sample.outcome, Outcome::Ok, "{:?}", sample.reason);
        assert_eq!((sample.evidence.hits, sample.evidence.misses), (Some(1), Some(0)));
        let seed = sample.evidence.snapshot.as_ref().unwrap();
        assert_eq!((seed.matched, seed.restore), (KeyMatch::Exact, RestoreTime::Given));
        assert_eq!((seed.changed_mtimes, seed.changed_modes), (0, 0));
    }
}

#[test]
fn the_real_client_carries_a_seed_to_another_runner_by_protocol_v1() {
    carried_by_the_client(Protocol::V1);
}

#[test]
fn the_real_client_carries_a_seed_to_another_runner_by_protocol_v2() {
    carried_by_the_client(Protocol::V2);
}

#[test]
fn archives_of_bench_and_of_the_real_client_are_the_same_to_each_other() {
    let project = project();
    let service = Service::start(project.path("service"));
    prime(&project, &["--snapshot-as", "archive"]).expect(0);
    // bench's own archive, restored by bench ...
    let own = project.path("snapshots/b001-candidate/data/both.tar.zst");
    let by_bench = project.path("by-bench");
    archive::restore(&own, &by_bench).unwrap();
    // ... and by the real client, which takes it for one of its own.
    fs::copy(&own, service.entries.join("adopted.tzst")).unwrap();
    let entry = r#"{"key":"adopted","version":"*","created":1}"#;
    fs::write(service.entries.join("adopted.json"), entry).unwrap();
    for protocol in [Protocol::V1, Protocol::V2] {
        let again = Machine::new(&project.path(&format!("{protocol:?}")), "by-client", "home");
        let answer = again.step(&service, protocol, &["restore", "any/path", "adopted"]);
        assert_eq!(answer["matched"], "adopted");
        assert_eq!(state(&again.workspace), state(&by_bench), "{protocol:?}");
    }
    // The client's archive, restored by bench: the same tree, at the path that it was saved from.
    let machine = Machine::new(&project.path("machine"), "work", "home");
    let tree = machine.workspace.join("tree");
    stages_support::carry(&by_bench, &tree);
    fs::remove_file(service.entries.join("adopted.json")).unwrap();
    fs::remove_file(service.entries.join("adopted.tzst")).unwrap();
    machine.step(&service, Protocol::V2, &["save", "tree", "tree"]);
    let back = project.path("back");
    archive::restore(&service.archive(), &back).unwrap();
    assert_eq!(state(&back.join("tree")), state(&by_bench));
}

#[test]
fn a_cache_that_went_to_the_wrong_place_with_success_is_missing() {
    let project = project();
    let service = Service::start(project.path("service"));
    let key = prime(&project, &[]).expect(0).value("key").to_owned();
    let one = Machine::new(&project.path("one"), "work/project", "home");
    // Another depth: relative to this workspace, the path of the first machine's home leads elsewhere.
    let other = Machine::new(&project.path("other"), "agents/7/builds/deep/project", "home");
    move_snapshots(&project, &one.home.join(".cache/snapshot"));
    one.step(&service, Protocol::V2, &["save", &key, "~/.cache/snapshot"]);
    let restored = other.step(&service, Protocol::V2, &["restore", "~/.cache/snapshot", &key]);
    assert_eq!(restored["matched"], key.as_str(), "the client reports success");
    let wrong =
        project.path("other/agents/7/builds/home/.cache/snapshot/b001-candidate/snapshot.json");
    assert!(wrong.is_file(), "it went somewhere else");

    let expected = other.home.join(".cache/snapshot");
    let dir = expected.to_str().unwrap();
    let ended = measure(&project, "measure", dir, &["--matched-key", &key]).expect(5);
    let place = format!("expected `{dir}/b001-candidate/snapshot.json`");
    for text in
        ["`b001-candidate` is missing", &place, "says that it restored", "inside the workspace"]
    {
        assert!(ended.stderr.contains(text), "no `{text}` in {}", ended.stderr);
    }
    assert!(!project.path("parts/measure").exists());
}

#[test]
fn the_client_falls_back_on_the_prefix_and_bench_says_so() {
    let project = project();
    let service = Service::start(project.path("service"));
    let primed = prime(&project, &[]).expect(0);
    let (key, prefix) = (primed.value("key").to_owned(), primed.value("prefix").to_owned());
    let one = Machine::new(&project.path("one"), "work/project", "home");
    move_snapshots(&project, &one.workspace.join(".bench/snapshot"));
    one.step(&service, Protocol::V2, &["save", &key, ".bench/snapshot"]);
    let wanted = format!("{prefix}two");
    let other = Machine::new(&project.path("other"), "builds/project", "home");
    let missed = other.step(&service, Protocol::V2, &["restore", ".bench/snapshot", &wanted]);
    assert_eq!(missed["matched"], serde_json::Value::Null);
    let two = ["--stage", "measure", "--snapshot-tag", "two", "--restored"];
    let place = other.workspace.join(".bench/snapshot");
    let run = |name: &str, matched: &str| {
        stage(
            &project,
            name,
            &[&two[..], &[place.to_str().unwrap(), "--matched-key", matched]].concat(),
        )
    };
    assert!(run("missed", "").expect(5).stderr.contains("the cache step found nothing"));
    let found =
        other.step(&service, Protocol::V2, &["restore", ".bench/snapshot", &wanted, &prefix]);
    assert_eq!(found["matched"], key.as_str());
    assert_eq!(run("measure", &key).expect(0).value("matched"), "prefix");
}

#[test]
fn what_is_larger_than_one_request_goes_by_blocks_and_comes_back_whole() {
    const MIB: usize = 1024 * 1024;
    let project = project();
    let service = Service::start(project.path("service"));
    let machine = Machine::new(&project.path("one"), "work", "home");
    let big = machine.workspace.join("cache/big");
    fs::create_dir_all(big.parent().unwrap()).unwrap();
    // Above what the client sends at once, and nothing that compresses.
    let mut random = fastrand::Rng::with_seed(7);
    let mut content = vec![0; 130 * MIB];
    random.fill(&mut content);
    fs::write(&big, &content).unwrap();
    machine.step(&service, Protocol::V2, &["save", "big", "cache"]);
    let requests = service.requests();
    assert!(requests.contains("comp=block&") && requests.contains("comp=blocklist"), "{requests}");
    fs::remove_file(&big).unwrap();
    machine.step(&service, Protocol::V2, &["restore", "cache", "big"]);
    assert!(fs::read(&big).unwrap() == content, "the content differs");
}
