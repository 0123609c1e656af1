//! `CMakeLists.txt`, or a `build.ninja` alone: ninja's log has the time of every step.

use super::detected::{Detected, ProposedCache};
use super::project::Project;

const CMAKE: &str = r#"
[tools.cmake]
version = ["cmake", "--version"]
install = { debian = ["cmake"], fedora = ["cmake"], macos = ["cmake"] }

[tools.ninja]
version = ["ninja", "--version"]
install = { debian = ["ninja-build"], fedora = ["ninja-build"], macos = ["ninja"] }

[tools.ccache]
version = ["ccache", "--version"]
min = "4.1"
install = { debian = ["ccache"], fedora = ["ccache"], macos = ["ccache"] }

[[phase]]
name = "configure"
run = ["cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCMAKE_C_COMPILER_LAUNCHER=ccache", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"]

[[phase]]
name = "build"
measured = true
run = ["cmake", "--build", "build"]
timeout = "30m"

[examples]
phase = "build"
extract = { format = "ninja-log", path = "build/.ninja_log" }

[[probe]]
name = "ccache"
run = ["ccache", "--print-stats"]
hits = '(?m)^(?:direct|preprocessed)_cache_hit\s+(\d+)'
misses = '(?m)^cache_miss\s+(\d+)'
"#;

const NINJA: &str = r#"
[tools.ninja]
version = ["ninja", "--version"]
install = { debian = ["ninja-build"], fedora = ["ninja-build"], macos = ["ninja"] }

[[phase]]
name = "build"
measured = true
run = ["ninja"]
timeout = "30m"

[examples]
phase = "build"
extract = { format = "ninja-log", path = ".ninja_log" }
"#;

pub(super) fn detect(project: &Project) -> Option<Detected> {
    if project.has("CMakeLists.txt") {
        return Some(Detected {
            what: "CMake with ninja",
            because: "CMakeLists.txt".to_owned(),
            parts: CMAKE.to_owned(),
            caches: vec![
                ProposedCache::new("ccache", "{cache}/ccache", "Objects by the content of their sources.")
                    .env("CCACHE_DIR", &["~/.cache/ccache", "~/.ccache", ".ccache"]),
            ],
            unknown: vec![
                "the options of your build: configure has none; and your launcher: ccache is assumed".to_owned(),
            ],
            ..Detected::default()
        });
    }
    project.has("build.ninja").then(|| Detected {
        what: "ninja",
        because: "build.ninja".to_owned(),
        parts: NINJA.to_owned(),
        unknown: vec!["what your CI caches: ninja alone has no cache".to_owned()],
        ..Detected::default()
    })
}
