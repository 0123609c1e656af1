//! `go.mod`.

use super::detected::{Detected, ProposedCache};
use super::project::Project;

const PARTS: &str = r#"
[tools.go]
version = ["go", "version"]
prefix = ["go", "env", "GOROOT"]
install = { debian = ["golang-go"], fedora = ["golang"], macos = ["go"] }

[[phase]]
name = "test"
measured = true
run = ["go", "test", "-json", "./..."]
timeout = "30m"

[examples]
phase = "test"
extract = { format = "go-test-json" }
"#;

pub(super) fn detect(project: &Project) -> Option<Detected> {
    project.text("go.mod")?;
    let mut caches = vec![
        ProposedCache::new("go-build", "{cache}/go-build", "Compiled packages and test results.")
            .env("GOCACHE", &["~/.cache/go-build"]),
    ];
    if project.has("go.sum") {
        caches.push(
            ProposedCache::new("go-mod", "{cache}/go-mod", "Modules that go downloaded.")
                .env("GOMODCACHE", &["~/go/pkg/mod"]),
        );
    }
    Some(Detected {
        what: "go",
        because: "go.mod".to_owned(),
        parts: PARTS.to_owned(),
        // Modules are read-only otherwise, and nothing can be reset.
        env: vec![("GOFLAGS", "-modcacherw")],
        caches,
        ..Detected::default()
    })
}
