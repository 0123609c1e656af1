//! The programs of the scenario `uv-tests` and what it says when something is not there. Neither uv nor the
//! network is needed: what they would be asked for is played by small scripts.

#![cfg(unix)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

fn program(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/uv-tests").join(file)
}

fn python(file: &str) -> Command {
    // The interpreter itself: a launcher such as pyenv's would put its own directory before ours on PATH.
    static INTERPRETER: OnceLock<String> = OnceLock::new();
    let interpreter = INTERPRETER.get_or_init(|| {
        let asked = ["-c", "import sys; print(sys.executable)"];
        text(&Command::new("python3").args(asked).output().unwrap().stdout).trim().to_owned()
    });
    let mut command = Command::new(interpreter);
    command.arg(program(file)).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Writes an executable script.
fn script(path: &Path, body: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// PATH with `dir` first.
fn path_with(dir: &Path) -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap();
    let dirs = std::iter::once(dir.to_owned()).chain(std::env::split_paths(&path));
    std::env::join_paths(dirs).unwrap()
}

const METADATA: &str = "Metadata-Version: 2.1\nName: Tiny.Pkg\nVersion: 1.0\nRequires-Python: >=3.8,<4\n\nRequires-Python: no header\n";

/// A directory with one wheel, `tiny_pkg-1.0-py3-none-any.whl`.
fn wheels() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let program = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z: z.writestr('tiny_pkg-1.0.dist-info/METADATA', sys.argv[2]); z.writestr('tiny_pkg.py', 'x = 1')";
    let wheel = dir.path().join("tiny_pkg-1.0-py3-none-any.whl");
    let made =
        Command::new("python3").args(["-c", program]).arg(&wheel).arg(METADATA).status().unwrap();
    assert!(made.success());
    dir
}

/// A running index; killed when dropped.
struct Index {
    child: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl Drop for Index {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Index {
    /// On a port that the system chooses, which its first line tells.
    fn start(wheels: &Path, arguments: &[&str]) -> Self {
        let mut command = python("index.py");
        command.args(["--port", "0", "--dir"]).arg(wheels).args(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let port = line.split(':').nth(1).and_then(|port| port.trim().parse().ok());
        Self { child, lines, port: port.unwrap_or_else(|| panic!("{line}")) }
    }

    /// Status line with headers, and body.
    fn ask(&self, request: &str, headers: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        (text(&answer[..end]), answer[end + 4..].to_vec())
    }

    fn logged(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

const FILE: &str = "/files/tiny_pkg-1.0-py3-none-any.whl";

#[test]
fn the_index_serves_pages_files_and_metadata_as_the_public_one() {
    let wheels = wheels();
    let mut index = Index::start(wheels.path(), &["--latency-ms", "0"]);
    let json = "Accept: application/vnd.pypi.simple.v1+json\r\n";
    let (head, body) = index.ask("GET /simple/tiny-pkg/", json);
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("simple.v1+json"), "{head}");
    let page: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let file = &page["files"][0];
    assert_eq!(page["name"], "tiny-pkg");
    assert_eq!(file["url"], FILE);
    assert_eq!(file["requires-python"], ">=3.8,<4");
    assert_eq!(file["size"], fs::metadata(wheels.path().join(&FILE[7..])).unwrap().len());
    assert!(file["core-metadata"]["sha256"].is_string());
    assert_eq!(index.logged(), format!("GET 200 {} /simple/tiny-pkg/", body.len()));
    let (_, html) = index.ask("GET /simple/Tiny_Pkg/", "");
    let html = text(&html);
    assert!(html.contains("data-requires-python=\"&gt;=3.8,&lt;4\""), "{html}");
    assert!(html.contains("data-core-metadata=\"sha256="), "{html}");
    let (_, metadata) = index.ask(&format!("GET {FILE}.metadata"), "");
    assert_eq!(text(&metadata), METADATA);
    let whole = fs::read(wheels.path().join(&FILE[7..])).unwrap();
    assert_eq!(index.ask(&format!("GET {FILE}"), "").1, whole);
    for missing in ["/simple/other/", "/files/other.whl", "/files/../packages.txt", "/"] {
        assert!(
            index.ask(&format!("GET {missing}"), "").0.starts_with("HTTP/1.1 404"),
            "{missing}"
        );
    }
}

#[test]
fn the_index_answers_head_and_ranges_as_the_standard_says() {
    let wheels = wheels();
    let index = Index::start(wheels.path(), &["--latency-ms", "0", "--kind", "local-ranges"]);
    let whole = fs::read(wheels.path().join(&FILE[7..])).unwrap();
    let size = whole.len();
    let (head, body) = index.ask(&format!("HEAD {FILE}"), "");
    assert!(head.contains(&format!("Content-Length: {size}")) && body.is_empty(), "{head}");
    let get = |range: &str| index.ask(&format!("GET {FILE}"), &format!("Range: bytes={range}\r\n"));
    for (range, expected) in [
        ("0-3".to_owned(), &whole[..4]),
        ("-5".to_owned(), &whole[size - 5..]),
        (format!("{}-", size - 2), &whole[size - 2..]),
        (format!("4-{}", size * 2), &whole[4..]),
        (format!("-{}", size * 2), &whole[..]),
    ] {
        let (head, body) = get(&range);
        assert!(head.starts_with("HTTP/1.1 206"), "{range}: {head}");
        assert_eq!(body, expected, "{range}");
    }
    for outside in [format!("{size}-"), "-0".to_owned()] {
        assert!(get(&outside).0.starts_with("HTTP/1.1 416"), "{outside}");
    }
    for ignored in ["3-1", "a-b", "0-1,3-4", "-"] {
        assert!(get(ignored).0.starts_with("HTTP/1.1 200"), "{ignored}");
    }
    let metadata = index.ask(&format!("GET {FILE}.metadata"), "").0;
    assert!(
        metadata.starts_with("HTTP/1.1 404"),
        "such an index has no metadata files: {metadata}"
    );
    let page = text(&index.ask("GET /simple/tiny-pkg/", "").1);
    assert!(!page.contains("core-metadata"), "{page}");
}

#[test]
fn the_index_lets_every_request_wait() {
    let wheels = wheels();
    let index = Index::start(wheels.path(), &["--latency-ms", "300"]);
    let started = Instant::now();
    index.ask("GET /simple/tiny-pkg/", "");
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[test]
fn the_index_names_what_keeps_it_from_starting() {
    let refused = |dir: &Path, arguments: &[&str]| {
        let output = python("index.py").arg("--dir").arg(dir).args(arguments).output().unwrap();
        assert!(!output.status.success());
        text(&output.stderr)
    };
    let empty = tempfile::tempdir().unwrap();
    assert!(refused(empty.path(), &["--port", "0"]).contains("index: error: no wheels in"));
    let wheels = wheels();
    let held = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = held.local_addr().unwrap().port().to_string();
    let taken = refused(wheels.path(), &["--port", &port]);
    assert!(taken.contains(&format!("port {port}: Address already in use")), "{taken}");
    fs::write(wheels.path().join("broken-1-py3-none-any.whl"), "no zip").unwrap();
    assert!(refused(wheels.path(), &["--port", "0"]).contains("not a zip file"));
}

/// `client.py` with an `uv` that fails for `install` and prints where its cache is.
fn client(filter: &str, jobs: &str) -> (Output, String, String) {
    let dir = tempfile::tempdir().unwrap();
    let (bin, temp) = (dir.path().join("bin"), dir.path().join("temp"));
    let caches = dir.path().join("caches");
    fs::create_dir_all(&temp).unwrap();
    let fake = format!(
        "echo \"$UV_CACHE_DIR\" >> {}\ncase \"$2\" in install) echo 'error: no route <&>' >&2; exit 2;; esac",
        caches.display()
    );
    script(&bin.join("uv"), &fake);
    let report = dir.path().join("report/junit.xml");
    let mut command = python("client.py");
    command.args(["--requirements", ".", "--jobs", jobs, "--filter", filter, "--temp"]).arg(&temp);
    command.arg("--report").arg(&report).env("PATH", path_with(&bin));
    let output = command.output().unwrap();
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    (output, read(&report), read(&caches))
}

#[test]
fn every_client_test_has_a_cache_of_its_own_and_a_line_in_the_report() {
    let (output, report, caches) = client("all()", "2");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let format = bench::formats::extract::ExtractFormat::from_name("junit").unwrap();
    let times =
        bench::formats::extract::extract(&format, &mut report.as_bytes(), "junit.xml").unwrap();
    let failed: Vec<&str> =
        times.iter().filter(|t| t.reason.is_some()).map(|t| t.name.as_str()).collect();
    assert_eq!(failed, ["client::install_black", "client::install_trio"]);
    assert!(times[0].wall_ns > 0);
    let reason = times.iter().find_map(|time| time.reason.as_deref()).unwrap();
    assert_eq!(reason, "exit code 2: error: no route <&>");
    let mut caches: Vec<&str> = caches.lines().collect();
    caches.sort_unstable();
    let all = caches.len();
    caches.dedup();
    assert_eq!((caches.len(), all), (times.len(), times.len()));
}

#[test]
fn a_filter_chooses_client_tests_and_one_that_matches_none_is_refused() {
    let (output, report, _) = client("compile_*", "1");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(report.contains("compile_black") && !report.contains("venv"), "{report}");
    let (output, _, caches) = client("lock*", "1");
    let stderr = text(&output.stderr);
    assert!(
        stderr.contains("no test matches `lock*`") && stderr.contains("compile_black"),
        "{stderr}"
    );
    assert!(caches.is_empty());
}

/// A tree that looks like uv's, and `bin/` with tools that say what they are told to.
struct Image {
    dir: tempfile::TempDir,
}

impl Image {
    fn new() -> Self {
        let image = Self { dir: tempfile::tempdir().unwrap() };
        image.write("uv/Cargo.lock", "");
        image.write("uv/Cargo.toml", "[workspace.package]\nrust-version = \"1.95.0\"\n");
        image.write("uv/crates/uv/Cargo.toml", "");
        image.write("uv/crates/uv-pep508/Cargo.toml", "");
        image.write("uv/test/requirements/black.in", "black\n");
        fs::create_dir_all(image.path("temp")).unwrap();
        image.tool("rustc", "echo 'rustc 1.95.0 (x)'");
        // Counts its calls; `cargo nextest list` prints what the scenario keeps.
        let cargo = format!("echo \"$@\" >> {}\necho '{{}}'", image.path("calls").display());
        image.tool("cargo", &cargo);
        image
    }

    fn path(&self, rel: &str) -> PathBuf {
        self.dir.path().join(rel)
    }

    fn write(&self, rel: &str, content: &str) {
        fs::create_dir_all(self.path(rel).parent().unwrap()).unwrap();
        fs::write(self.path(rel), content).unwrap();
    }

    fn tool(&self, name: &str, body: &str) {
        script(&self.path("bin").join(name), body);
    }

    fn provision(&self, suite: &str, proxy: &str, index: &str) -> Output {
        // Every sample has a temporary directory of its own.
        drop(fs::remove_file(self.path("temp/suite")));
        let mut command = python("provision.py");
        command.args(["--suite", suite, "--proxy", proxy, "--index", index]);
        command.arg("--tools").arg(self.path("tools")).arg("--workspace").arg(self.path("uv"));
        command.arg("--temp").arg(self.path("temp")).env("PATH", path_with(&self.path("bin")));
        command.output().unwrap()
    }

    #[track_caller]
    fn refused(&self, suite: &str, proxy: &str, index: &str) -> String {
        let output = self.provision(suite, proxy, index);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
        let stderr = text(&output.stderr);
        assert!(stderr.starts_with("provision: error: ") && stderr.contains("(hint: "), "{stderr}");
        stderr
    }

    fn calls(&self) -> usize {
        fs::read_to_string(self.path("calls")).unwrap_or_default().lines().count()
    }
}

#[test]
fn a_suite_is_built_once_for_a_source_whatever_its_path_and_times() {
    let image = Image::new();
    let built = image.provision("pep508", "off", "local");
    assert!(built.status.success(), "{}", text(&built.stderr));
    let home = fs::read_link(image.path("temp/suite")).unwrap();
    assert_eq!(fs::read_to_string(home.join("pep508.json")).unwrap(), "{}\n");
    let calls = image.calls();
    assert!(calls >= 3, "{calls}");
    fs::rename(image.path("uv"), image.path("moved")).unwrap();
    fs::create_dir(image.path("uv")).unwrap();
    let mut copy = Command::new("cp");
    copy.args(["-R", "moved/.", "uv"]).current_dir(image.dir.path());
    assert!(copy.status().unwrap().success());
    image.write("uv/.git/HEAD", "no part of the source");
    assert!(image.provision("pep508", "off", "local").status.success());
    assert_eq!(image.calls(), calls, "it was built again");
    image.write("uv/crates/uv/src/lib.rs", "// changed");
    assert!(image.provision("pep508", "off", "local").status.success());
    assert!(image.calls() > calls, "another source needs other binaries");
    assert_ne!(fs::read_link(image.path("temp/suite")).unwrap(), home);
}

#[test]
fn what_cannot_be_provisioned_is_named_with_a_way_out_and_leaves_nothing_to_be_found() {
    let image = Image::new();
    image.tool("cargo", "echo 'error: failed to download: could not resolve host' >&2; exit 101");
    let refused = image.refused("pep440", "off", "local");
    assert!(
        refused.contains("could not resolve host") && refused.contains("registry"),
        "{refused}"
    );
    let refused = image.refused("client", "fopro", "registry");
    assert!(refused.contains("`cargo vendor --quiet` ended with 101"), "{refused}");
    image.tool("cargo", "echo '{}'");
    assert!(image.provision("pep440", "off", "local").status.success(), "it can be tried again");

    image.tool("rustc", "echo 'rustc 1.90.0 (x)'");
    let refused = image.refused("pep508", "off", "local");
    assert!(refused.contains("needs Rust 1.95.0, found `rustc 1.90.0 (x)`"), "{refused}");

    fs::remove_file(image.path("uv/crates/uv-pep508/Cargo.toml")).unwrap();
    let refused = image.refused("client", "off", "registry");
    assert!(
        refused.contains("not a tree of uv: it has no `crates/uv-pep508/Cargo.toml`"),
        "{refused}"
    );
    assert!(refused.contains("--source DIR"), "{refused}");
}

/// `bench ARGS` in an empty directory, with `bin` first on PATH.
fn bench(dir: &Path, bin: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
    command.args(arguments).current_dir(dir).env("PATH", path_with(bin)).env("CI", "1");
    command.env_remove("BENCH_STATE").output().unwrap()
}

#[test]
fn a_source_that_is_not_uv_is_refused_before_anything_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let bin = dir.path().join("bin");
    script(&bin.join("uv"), "echo 'uv 0.13.8'");
    fs::create_dir(dir.path().join("other")).unwrap();
    fs::write(dir.path().join("other/file"), "x").unwrap();
    let git = "git init -q && git add . && git -c user.name=t -c user.email=t@t commit -q -m t";
    let other = Command::new("sh").args(["-c", git]).current_dir(dir.path().join("other")).status();
    assert!(other.unwrap().success());
    let arguments = ["run", "--scenario", "uv-tests", "--source", "other#HEAD", "--state", "state"];
    let more = ["--out", "out", "--blocks", "1", "--set", "proxy=off", "--set", "index=registry"];
    let output = bench(dir.path(), &bin, &[&arguments[..], &more].concat());
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{said}");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("uv-tests") && said.contains("Cargo.lock"), "{said}");
    assert!(!dir.path().join("out/records.ndjson").exists(), "nothing is half recorded");
}

#[test]
fn a_missing_tool_is_named_with_what_to_type() {
    let dir = tempfile::tempdir().unwrap();
    let bin = dir.path().join("bin");
    script(&bin.join("uv"), "echo 'uv 0.1.0'");
    script(&bin.join("cargo-nextest"), "echo 'cargo-nextest 0.9.1'");
    let run =
        ["run", "--scenario", "uv-tests", "--source", ".", "--state", "state", "--out", "out"];
    for (suite, expected) in [
        (
            "client",
            ["uv: found `uv 0.1.0`, needs 0.8 or later", "install: python3 -m pip install uv"],
        ),
        (
            "pep508",
            [
                "nextest: found `cargo-nextest 0.9.1`, needs 0.9.100 or later",
                "install: cargo install --locked cargo-nextest",
            ],
        ),
    ] {
        let suite = format!("suite={suite}");
        let more = ["--set", &suite, "--set", "proxy=off"];
        let output = bench(dir.path(), &bin, &[&run[..], &more].concat());
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        for part in expected {
            assert!(stderr.contains(part), "`{part}` is missing:\n{stderr}");
        }
        assert!(!dir.path().join("out").exists(), "nothing is half recorded");
    }
}

const PLAN: [&str; 7] = ["run", "--scenario", "uv-tests", "--state", "state", "--blocks", "1"];

/// Every suite with every proxy and index.
fn combinations() -> impl Iterator<Item = [&'static str; 3]> {
    let suites = ["client", "cache-key", "pep440", "pep508", "lock"];
    suites.into_iter().flat_map(|suite| {
        ["fopro", "off"].into_iter().flat_map(move |proxy| {
            ["local", "local-ranges", "registry"].map(|index| [suite, proxy, index])
        })
    })
}

#[test]
fn every_combination_of_params_has_a_plan_or_is_refused_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    for [suite, proxy, index] in combinations() {
        let values = [format!("suite={suite}"), format!("proxy={proxy}"), format!("index={index}")];
        let set = values.iter().flat_map(|value| ["--set", value]);
        let arguments: Vec<&str> = PLAN.into_iter().chain(set).collect();
        // Without network there is nothing for the proxy, and snapshots know one index only.
        let way_out = match (suite, proxy, index) {
            ("lock", _, "local" | "local-ranges") => Some("add --set index=registry"),
            ("cache-key" | "pep440" | "pep508", "fopro", _) => Some("add --set proxy=off"),
            _ => None,
        };
        let dry = bench(dir.path(), dir.path(), &[&arguments[..], &["--dry-run"]].concat());
        let Some(way_out) = way_out else {
            assert!(dry.status.success(), "{values:?}: {}", text(&dry.stderr));
            // Only the proxy has a cache that a warm regime could start with.
            assert_eq!(text(&dry.stdout).contains("same-runner"), proxy == "fopro", "{values:?}");
            continue;
        };
        let real = bench(dir.path(), dir.path(), &[&arguments[..], &["--out", "out"]].concat());
        for output in [dry, real] {
            let stderr = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{values:?}: {stderr}");
            let said = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains("scenario `uv-tests` cannot run with"), "{said}");
            assert!(said.contains(way_out), "{values:?}: {said}");
        }
        assert!(!dir.path().join("out").exists(), "{values:?}: nothing is half recorded");
    }
}

#[test]
fn an_arm_without_a_proxy_has_no_warm_regime() {
    let dir = tempfile::tempdir().unwrap();
    let arms = ["--set", "proxy=fopro", "--baseline-set", "proxy=off", "--dry-run"];
    let suites = ["--set", "suite=client,lock", "--set", "index=registry"];
    let output = bench(dir.path(), dir.path(), &[&PLAN[..], &arms, &suites].concat());
    let stdout = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(
        stdout.contains("baseline cold") && !stdout.contains("baseline same-runner"),
        "{stdout}"
    );
}

#[test]
fn values_that_do_not_go_together_are_refused_before_anything_is_laid_out() {
    let root = tempfile::tempdir().unwrap();
    let bench = |command: &str, sets: [&str; 2]| {
        Command::new(env!("CARGO_BIN_EXE_bench"))
            .args([command, "--scenario"])
            .arg(program("").as_os_str())
            .args(sets.map(|set| ["--set", set]).concat())
            .current_dir(root.path())
            .env_remove("BENCH_STATE")
            .output()
            .unwrap()
    };
    for (sets, reason) in [
        (["suite=lock", "index=local"], "(hint: add --set index=registry)"),
        (["suite=pep440", "proxy=fopro"], "(hint: add --set proxy=off"),
        (["suite=pep508", "proxy=fopro"], "(hint: add --set proxy=off"),
    ] {
        for command in ["plan", "run", "explain", "verify"] {
            let output = bench(command, sets);
            let stderr = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{command} {sets:?}: {stderr}");
            assert!(stderr.contains(" cannot run with ") && stderr.contains(reason), "{stderr}");
        }
    }
    assert!(!root.path().join(".bench/runs").exists(), "a run was begun");
}
