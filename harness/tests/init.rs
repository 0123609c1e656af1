//! `bench init`: a scenario for each kind of project, valid as it is written.

mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::Project;

const CACHE: &str = "\
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: actions/cache@v4
        with:
          path: |
            ~/.cache/pip
            .mypy_cache
            ${{ env.ELSEWHERE }}/x
          key: py-${{ hashFiles('**/requirements.txt') }}
      - uses: actions/setup-node@v4
        with: { node-version: 22, cache: npm }
";

fn project(files: &[(&str, &str)]) -> Project {
    let project = Project::new("", &[]);
    for (path, content) in files {
        project.write(&format!("repo/{path}"), content);
    }
    project
}

fn init(project: &Project, extra: &[&str]) -> Output {
    let args = [&["init", "repo", "--yes", "--name", "ours"], extra].concat();
    project.bench(&args).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The scenario that `bench init` writes, after `bench check`; and what was said.
#[track_caller]
fn written(project: &Project) -> (String, String) {
    let output = init(project, &[]);
    let said = stderr(&output);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{shown}{said}");
    let file = "repo/scenarios/ours/scenario.toml";
    let check = project.bench(&["check", file]).output().unwrap();
    assert_eq!(check.status.code(), Some(0), "{}", String::from_utf8_lossy(&check.stdout));
    (fs::read_to_string(project.path(file)).unwrap(), said)
}

#[track_caller]
fn has(text: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(text.contains(wanted), "no {wanted:?} in:\n{text}");
    }
}

const CRATE: &str = "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
const LOCK: &str = "version = 4\n[[package]]\nname = \"one\"\nversion = \"0.1.0\"\n";

#[test]
fn a_cargo_workspace_without_packages_from_a_registry() {
    let manifest = "[workspace]\nmembers = [\"one\"]\nresolver = \"3\"\n";
    let project = project(&[("Cargo.toml", manifest), ("Cargo.lock", LOCK)]);
    let (toml, said) = written(&project);
    has(&toml, &["\"--workspace\"", "{workspace}/target", r#""fresh":true"#]);
    assert!(!toml.contains("name = \"registry\""), "{toml}");
    has(
        &said,
        &[
            "found 1: cargo workspace (Cargo.toml)",
            "next: bench run --scenario",
            "not a git work tree",
        ],
    );
    fs::remove_dir_all(project.path("repo/scenarios")).unwrap();
    fs::create_dir(project.path("repo/.git")).unwrap();
    assert!(!written(&project).1.contains("not a git work tree"));
}

#[test]
fn a_crate_runs_as_it_was_written() {
    let project = project(&[
        ("Cargo.toml", CRATE),
        ("Cargo.lock", LOCK),
        ("src/lib.rs", "#[test]\nfn ok() {}\n"),
    ]);
    written(&project);
    let args = ["run", "--scenario", "repo/scenarios/ours", "--state", "state", "--dry-run"];
    let output = project.bench(&args).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stdout}{}", stderr(&output));
    has(&stdout, &["cold", "cross-runner", "build", "test"]);
}

#[test]
fn nextest_by_its_configuration_or_by_a_workflow() {
    let workflow = "jobs:\n  a:\n    steps:\n      - run: cargo nextest run\n";
    for (path, text) in [(".config/nextest.toml", ""), (".forgejo/workflows/ci.yml", workflow)] {
        let project = project(&[("Cargo.toml", CRATE), (path, text)]);
        let (toml, said) = written(&project);
        has(&toml, &["cargo-nextest", "format = \"junit\"", "[tools.cc]", "name = \"cargo\""]);
        assert!(project.path("repo/scenarios/ours/nextest.toml").is_file());
        has(&said, &["found 2: cargo", "no Cargo.lock"]);
        assert_eq!(toml.matches("[[phase]]").count(), 2, "{toml}");
    }
}

#[test]
fn nox_before_the_pytest_that_it_calls() {
    let project = project(&[
        ("noxfile.py", "import nox\nnox.options.default_venv_backend = \"uv\"\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\n"),
    ]);
    let (toml, said) = written(&project);
    has(&toml, &["nox-report", "UV_CACHE_DIR"]);
    has(&said, &["found 1: nox", "found 2: pytest (pyproject.toml)"]);
}

#[test]
fn tox_and_the_cache_steps_of_a_workflow() {
    let project = project(&[("tox.ini", "[tox]\n"), (".github/workflows/test.yml", CACHE)]);
    let (toml, said) = written(&project);
    has(&toml, &["\"tox\", \"run\"", "PIP_CACHE_DIR", "path = \"{workspace}/.mypy_cache\""]);
    assert_eq!(toml.matches("[[cache]]").count(), 2, "~/.cache/pip is pip's own: {toml}");
    has(&toml, &["key py-${{ hashFiles('**/requirements.txt') }}"]);
    has(
        &said,
        &[
            "cache step: actions/cache@v4 in .github/workflows/test.yml",
            "could not find out: where `${{ env.ELSEWHERE }}/x`",
            "what `actions/setup-node@v4` of `.github/workflows/test.yml` saves",
        ],
    );
}

#[test]
fn pytest_with_requirements() {
    let project = project(&[("pytest.ini", "[pytest]\n"), ("requirements.txt", "pytest\n")]);
    let (toml, _) = written(&project);
    has(&toml, &["-r requirements.txt", "--junitxml=report.xml"]);
}

#[test]
fn platformio_builds_its_environments_one_by_one() {
    let ini = "[platformio]\n[env:uno]\nboard = uno\n[env:esp32]\nboard = esp32dev\n";
    let (toml, _) = written(&project(&[("platformio.ini", ini), ("src/main.ino", "")]));
    has(&toml, &["list = [\"esp32\", \"uno\"]", "PLATFORMIO_CORE_DIR"]);
}

#[test]
fn arduino_sketches_need_a_board() {
    let (toml, said) = written(&project(&[("examples/Blink/Blink.ino", "")]));
    has(&toml, &["glob = \"**/*.ino\"", "{param.fqbn}"]);
    has(&said, &["could not find out: the board"]);
}

#[test]
fn cmake_and_ninja_alone() {
    let (toml, _) = written(&project(&[("CMakeLists.txt", "project(x)\n")]));
    has(&toml, &["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache", "build/.ninja_log", "CCACHE_DIR"]);
    let (toml, said) = written(&project(&[("build.ninja", "")]));
    has(&toml, &["path = \".ninja_log\""]);
    has(&said, &["could not find out: what your CI caches"]);
}

#[test]
fn npm_with_jest_and_without() {
    let jest = r#"{"devDependencies":{"jest":"^30"},"scripts":{"test":"jest"}}"#;
    let (toml, _) = written(&project(&[("package.json", jest), ("package-lock.json", "{}")]));
    has(&toml, &["\"npm\", \"ci\"", "jest-json", "--cacheDirectory={cache}/jest"]);
    let plain = r#"{"scripts":{"test":"node --test"}}"#;
    let (toml, said) = written(&project(&[("package.json", plain), ("yarn.lock", "")]));
    has(&toml, &["\"npm\", \"install\"", "\"npm\", \"test\""]);
    has(&said, &["replace it by yarn", "no package-lock.json"]);
}

#[test]
fn go_with_modules() {
    let (toml, _) = written(&project(&[("go.mod", "module x\n"), ("go.sum", "")]));
    has(&toml, &["go-test-json", "GOCACHE", "GOMODCACHE", "-modcacherw"]);
}

/// Everything that git keeps of this repository, and nothing that is built.
fn copy_of_this_repository(project: &Project) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let built = ["target", ".git", ".bench", "node_modules"];
    let tree = walkdir::WalkDir::new(root)
        .into_iter()
        .filter_entry(|entry| !built.iter().any(|name| entry.file_name() == *name));
    for entry in tree {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let to = project.path("repo").join(entry.path().strip_prefix(root).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn this_repository() {
    let project = project(&[]);
    copy_of_this_repository(&project);
    let (toml, said) = written(&project);
    has(&toml, &["{home}/.cargo/registry", "{workspace}/target", "\"--workspace\""]);
    has(&said, &["found 1: cargo workspace (Cargo.toml)"]);
    let args = ["run", "--scenario", "repo/scenarios/ours", "--state", "state", "--dry-run"];
    let output = project.bench(&args).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stdout}{}", stderr(&output));
    has(&stdout, &["cold", "same-runner", "cross-runner"]);
}

#[test]
fn nothing_is_overwritten() {
    let project = project(&[("go.mod", "module x\n"), ("scenarios/ours/scenario.toml", "mine")]);
    let output = init(&project, &[]);
    assert_eq!(output.status.code(), Some(2));
    has(&stderr(&output), &["exists already", "(hint: `--name`"]);
    let kept = fs::read_to_string(project.path("repo/scenarios/ours/scenario.toml")).unwrap();
    assert_eq!(kept, "mine");
}

#[test]
fn without_a_terminal_nothing_is_asked_and_nothing_written() {
    let project = project(&[("go.mod", "module x\n")]);
    let output = project.bench(&["init", "repo"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    has(&stderr(&output), &["not a terminal", "`--yes`"]);
    assert!(!project.path("repo/scenarios").exists());
}

#[test]
fn what_cannot_be_used_is_said() {
    let empty = project(&[("README.md", "x")]);
    let output = init(&empty, &[]);
    assert_eq!(output.status.code(), Some(2));
    has(&stderr(&output), &["found nothing", "nextest"]);
    let odd = project(&[("go.mod", "module x\n")]);
    let output = odd.bench(&["init", "repo", "--yes", "--name", "../out"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    has(&stderr(&output), &["`../out` is not a valid name"]);
    let torn = project(&[("go.mod", "m\n"), (".github/workflows/a.yml", "jobs: [\n")]);
    let (_, said) = written(&torn);
    has(&said, &["what `.github/workflows/a.yml` caches"]);
}

#[test]
fn a_project_in_a_directory_of_a_work_tree_has_the_workflows_of_its_root() {
    let workflow = "\
jobs:
  test:
    steps:
      - uses: ./.github/actions/build
      - uses: actions/cache@v4
        with:
          path: |
            ~/.cache/tool
            a/b/.mypy_cache
            elsewhere/.mypy_cache
          key: k
  again:
    steps:
      - uses: ./.github/actions/build
  called:
    uses: ./.github/workflows/other.yml
  local:
    uses: ./ci/absent.yml
  remote:
    uses: owner/name/.github/workflows/x.yml@v1
";
    let project = project(&[
        (".git/HEAD", "ref: refs/heads/main\n"),
        (".github/workflows/ci.yml", workflow),
        (".github/workflows/other.yml", "jobs: {}\n"),
        ("a/b/go.mod", "module x\n"),
    ]);
    let output = project.bench(&["init", "repo/a/b", "--yes", "--name", "ours"]).output().unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let file = project.path("repo/a/b/scenarios/ours/scenario.toml");
    let toml = fs::read_to_string(file).unwrap();
    has(&toml, &["\"{workspace}/.mypy_cache\"", "\"{home}/.cache/tool\""]);
    assert!(!toml.contains("{workspace}/a/b"), "{toml}");
    let ci = "../../.github/workflows/ci.yml";
    for wanted in [
        format!("cache step: actions/cache@v4 in {ci}"),
        format!("could not find out: where `elsewhere/.mypy_cache` of `{ci}` is"),
        format!(
            "could not find out: what the local action `./.github/actions/build` of `{ci}` caches"
        ),
        format!(
            "could not find out: what the reusable workflow `./ci/absent.yml` of `{ci}` caches"
        ),
        format!(
            "what the reusable workflow `owner/name/.github/workflows/x.yml@v1` of `{ci}` caches"
        ),
    ] {
        assert_eq!(said.matches(&wanted).count(), 1, "{wanted}: {said}");
    }
    assert!(!said.contains("workflows/other.yml"), "it is read itself: {said}");
    assert!(!said.contains("not a git work tree"), "{said}");
}

#[test]
fn hostile_names_and_workflows_stay_comments_and_strings() {
    let workflow = "jobs:\n  a:\n    steps:\n      - uses: \"x/cache@v1\\n[[gate]]\\nmax = 1\"\n      - uses: actions/cache@v4\n        with:\n          path: |\n            ../../etc\n            /root\n            \"q\"\n            target\\n[[phase]]\n          key: \"a\\n[[phase]]\\u202e\"\n";
    let ini = "[env:a\"]\n[env:b'''\\]\n[env:{home}]\n";
    let project = project(&[
        ("go.mod", "module x\n"),
        ("platformio.ini", ini),
        (".github/workflows/a.yml", workflow),
    ]);
    let (toml, _) = written(&project);
    assert!(!toml.lines().any(|line| line.starts_with("max =")), "{toml}");
    assert!(!toml.contains('\u{202e}'));
    assert_eq!(toml.matches("\n[[cache]]").count(), 2, "only PlatformIO's own: {toml}");
}
