//! Stand-ins for what lies beyond a seam: the forge's API (`gh`), the compiler (`cargo`, `rustup`), the package
//! registries (`python3 -m venv` and pip, npm, node), the package manager. Each writes down how it was called. Everything else,
//! `bench` before all, is real.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A directory for the PATH, and what was called.
pub(crate) struct Tools {
    dir: PathBuf,
}

const CARGO: &str = r#"
echo "cargo $1 in $PWD for ${CARGO_TARGET_DIR:-$PWD/target} with flags: ${RUSTFLAGS:-} ${CARGO_BUILD_TARGET:-} ${RUSTUP_TOOLCHAIN:-}" >>"@DIR@/calls"
case "$1" in build)
  profile=debug target=
  while [ $# -gt 0 ]; do
    case "$1" in --release) profile=release ;; --target) target=$2/ ;; esac
    shift
  done
  out=${CARGO_TARGET_DIR:-target}/$target$profile
  mkdir -p "$out"
  # A launcher instead of a copy: a debug build is large.
  printf '#!/bin/sh\nexec "@BENCH@" "$@"\n' >"$out/bench" && chmod +x "$out/bench" ;;
esac
"#;

/// Answers from files of the directory `gh`; what is sent is kept there.
const GH: &str = r#"
for word; do case "$word" in content=@*|body=@*) cp "${word#*=@}" "@DIR@/gh/sent" ;; esac; done
case "$*" in
  *"--method P"*|*"--method DELETE"*|"release create"*) ;;
  *actions/artifacts/*/zip*) cat "@DIR@/gh/artifact.zip" ;;
  */artifacts*) cat "@DIR@/gh/artifacts.json" ;;
  *"/pulls "*) cat "@DIR@/gh/pulls.json" ;;
  *"--paginate"*comments*) cat "@DIR@/gh/comments.json" ;;
  *actions/caches\?*) cat "@DIR@/gh/caches.json" ;;
  *) echo "gh: nothing is known about: $*" >&2; exit 1 ;;
esac
"#;

/// `python3 -m venv` makes stand-ins of what pip would install; anything else is the real Python.
const PYTHON: &str = r#"
[ "$1 $2" = "-m venv" ] || exec @PYTHON@ "$@"
for last; do :; done
mkdir -p "$last/bin"
for tool in python zizmor shellcheck; do
  printf '#!/bin/sh\necho "%s $*" >>"@DIR@/calls"\n' "$tool" >"$last/bin/$tool"
  chmod +x "$last/bin/$tool"
done
"#;

const NEVER: &str = "echo \"$0 was called: $*\" >&2; exit 99";

impl Tools {
    pub(crate) fn new(dir: &Path) -> Self {
        let tools = Self { dir: dir.to_owned() };
        fs::create_dir_all(dir.join("bin")).unwrap();
        fs::create_dir_all(dir.join("gh")).unwrap();
        tools.add("cargo", CARGO);
        tools.add("gh", GH);
        tools.add("python3", PYTHON);
        tools.add("rustup", "");
        tools.add("npm", "");
        tools.add("node", "");
        tools.add("apt-get", NEVER);
        tools.add("sudo", NEVER);
        tools
    }

    /// Adds a command that notes its arguments and then runs `script`.
    pub(crate) fn add(&self, name: &str, script: &str) {
        let dir = self.dir.display().to_string();
        let python = which("python3");
        let script = script
            .replace("@DIR@", &dir)
            .replace("@PYTHON@", &python.display().to_string())
            .replace("@BENCH@", env!("CARGO_BIN_EXE_bench"));
        let path = self.dir.join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\necho \"{name} $*\" >>\"{dir}/calls\"\n{script}\n"))
            .unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Takes a stand-in away: the real command is used.
    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.dir.join("bin").join(name)).unwrap();
    }

    /// PATH with the stand-ins first.
    pub(crate) fn path(&self) -> String {
        format!("{}:{}", self.dir.join("bin").display(), std::env::var("PATH").unwrap())
    }

    /// What `gh` answers from `file`.
    pub(crate) fn answer(&self, file: &str, content: impl AsRef<[u8]>) {
        fs::write(self.dir.join("gh").join(file), content).unwrap();
    }

    /// The file that `gh` was last given to send.
    pub(crate) fn sent(&self) -> Option<String> {
        fs::read_to_string(self.dir.join("gh/sent")).ok()
    }

    /// Every call of a stand-in so far, a line each.
    pub(crate) fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.dir.join("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The calls that begin with `lead`.
    pub(crate) fn calls_of(&self, lead: &str) -> Vec<String> {
        self.calls().into_iter().filter(|call| call.starts_with(lead)).collect()
    }
}

fn which(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("`{name}` is on the PATH"))
}
