//! `platformio.ini`: every environment is an example.

use super::detected::{Detected, ProposedCache};
use super::project::Project;
use super::write::quote;

pub(super) fn detect(project: &Project) -> Option<Detected> {
    let ini = project.text("platformio.ini")?;
    let mut names: Vec<String> = ini
        .lines()
        .filter_map(|line| line.trim().strip_prefix("[env:")?.split(']').next())
        .map(|name| quote(name.trim()))
        .collect();
    names.sort();
    names.dedup();
    let mut unknown = Vec::new();
    let (run, examples) = if names.is_empty() {
        unknown.push("the environments: platformio.ini has no `[env:NAME]`".to_owned());
        (r#"["pio", "run"]"#, String::new())
    } else {
        let list = names.join(", ");
        (
            r#"["pio", "run", "-e", "{example}"]"#,
            format!("\n[examples]\nphase = \"build\"\nlist = [{list}]\n"),
        )
    };
    let parts = format!(
        r#"
[tools.pio]
version = ["pio", "--version"]
install = {{ pip = ["platformio"] }}

[[phase]]
name = "build"
measured = true
run = {run}
timeout = "30m"
{examples}"#
    );
    Some(Detected {
        what: "PlatformIO",
        because: "platformio.ini".to_owned(),
        parts,
        caches: vec![
            ProposedCache::new(
                "platformio",
                "{cache}/platformio",
                "Platforms, frameworks and tools.",
            )
            .env("PLATFORMIO_CORE_DIR", &["~/.platformio"]),
            ProposedCache::new("pio", "{workspace}/.pio", "Libraries and what was built."),
        ],
        unknown,
        ..Detected::default()
    })
}
