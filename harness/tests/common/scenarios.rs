//! Scenarios of tools that keep something in a store, for the tests that need one and do not care which.

/// The cache `store`, told to the tool as `$STORE`.
const STORE: &str = r#"
[[cache]]
name = "store"
path = "{cache}/store"
env = "STORE"
"#;

/// A param that a script can put into what it stores.
pub const MODES: &str = r#"
[params]
mode = ["fast", "slow"]
"#;

/// Counts the lines `hit` and `miss` that the phase prints.
pub const PROBE: &str = r"
[[probe]]
name = 'fake'
phase = 'compile'
hits = '(?m)^hit$'
misses = '(?m)^miss$'
";

/// The phase runs once for every text file of the workspace.
pub const TEXT_FILES: &str = r#"
[examples]
phase = "compile"
glob = "*.txt"
"#;

/// A script that stores one entry per example.
pub const STORE_EXAMPLE: &str = "mkdir -p $STORE; echo {example} > $STORE/{example}";

/// A scenario whose one phase, `compile`, runs `script` in a shell; `more` follows.
pub fn storing(script: &str, more: &str) -> String {
    format!(
        r#"
[scenario]
title = "A fake tool with a store"
analysis = "None."
{STORE}
[[phase]]
name = "compile"
measured = true
run = ["sh", "-c", "{script}"]
{more}"#
    )
}

/// The phase runs once for each of `names`.
pub fn examples(names: &[&str]) -> String {
    format!("\n[examples]\nphase = \"compile\"\nlist = {names:?}\n")
}

/// A cache that is saved and restored as an archive in every warm regime.
pub const ARCHIVED: &str = r#"
[scenario]
title = "Writes a file"
analysis = "For tests."

[[cache]]
name = "c"
path = "{cache}/c"
transport = "archive"

[[phase]]
name = "build"
measured = true
run = ["sh", "-c", "mkdir -p \"$1\" && echo x >> \"$1/file\"", "sh", "{cache}/c"]
"#;
