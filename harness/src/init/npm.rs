//! `package.json`: npm, and jest where it is a dependency.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::detected::{Detected, ProposedCache};
use super::project::Project;

#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    scripts: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    dependencies: BTreeMap<String, serde_json::Value>,
    #[serde(default, rename = "devDependencies")]
    dev_dependencies: BTreeMap<String, serde_json::Value>,
}

const JEST: &str = r#"
[[phase]]
name = "test"
measured = true
run = ["npx", "--no-install", "jest", "--json", "--outputFile=jest.json", "--cacheDirectory={cache}/jest"]
timeout = "30m"

[examples]
phase = "test"
extract = { format = "jest-json", path = "jest.json" }
"#;

const TEST: &str = r#"
[[phase]]
name = "test"
measured = true
run = ["npm", "test"]
timeout = "30m"
"#;

pub(super) fn detect(project: &Project) -> Option<Detected> {
    let package: Package = serde_json::from_str(&project.text("package.json")?).ok()?;
    let depends = |name| {
        package.dependencies.contains_key(name) || package.dev_dependencies.contains_key(name)
    };
    let mut unknown = Vec::new();
    let install = if project.has("package-lock.json") {
        "ci"
    } else {
        unknown
            .push("there is no package-lock.json: versions may change between samples".to_owned());
        "install"
    };
    for (lock, tool) in [("yarn.lock", "yarn"), ("pnpm-lock.yaml", "pnpm")] {
        if project.has(lock) {
            unknown.push(format!("the project has {lock}: npm is used here, replace it by {tool}"));
        }
    }
    let mut caches = vec![
        ProposedCache::new("npm", "{cache}/npm", "Packages that npm downloaded.")
            .env("npm_config_cache", &["~/.npm"]),
    ];
    let (what, test) = if depends("jest") {
        caches.push(ProposedCache::new("jest", "{cache}/jest", "Sources that jest transformed."));
        ("npm with jest", JEST)
    } else if package.scripts.contains_key("test") {
        unknown.push("times of single tests: the runner behind `npm test` is not known".to_owned());
        ("npm", TEST)
    } else {
        unknown.push("how it is tested: package.json has no script `test`".to_owned());
        ("npm", "")
    };
    let parts = format!(
        r#"
[tools.npm]
version = ["npm", "--version"]
install = {{ debian = ["npm"], fedora = ["npm"], macos = ["node"] }}

[[phase]]
name = "install"
measured = true
run = ["npm", "{install}"]
timeout = "15m"
{test}"#
    );
    let because = "package.json".to_owned();
    Some(Detected { what, because, parts, caches, unknown, ..Detected::default() })
}
