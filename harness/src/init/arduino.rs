//! Sketches without a `platformio.ini`: arduino-cli.

use super::detected::{Detected, ProposedCache};
use super::project::Project;

/// Deep enough for `libraries/NAME/examples/SKETCH/SKETCH.ino`.
const DEPTH: usize = 4;

const PARTS: &str = r#"
# The board's full name; `arduino-cli board listall` has them all.
[params]
fqbn = { values = ["arduino:avr:uno"], open = true }
core = { values = ["arduino:avr"], open = true }

[tools.arduino-cli]
version = ["arduino-cli", "version"]
install = { note = "from https://arduino.github.io/arduino-cli" }

[[phase]]
name = "core"
run = ["arduino-cli", "core", "install", "{param.core}"]
timeout = "15m"

[[phase]]
name = "compile"
measured = true
run = ["arduino-cli", "compile", "--fqbn", "{param.fqbn}", "{example}"]
timeout = "10m"

[examples]
phase = "compile"
glob = "**/*.ino"
"#;

pub(super) fn detect(project: &Project) -> Option<Detected> {
    if project.has("platformio.ini") || !project.any_below(".ino", DEPTH) {
        return None;
    }
    Some(Detected {
        what: "Arduino",
        because: "*.ino".to_owned(),
        parts: PARTS.to_owned(),
        env: vec![("ARDUINO_DIRECTORIES_DATA", "{tools}/arduino")],
        caches: vec![
            ProposedCache::new("arduino", "{cache}/arduino", "Cores and libraries, as compiled.")
                .env("ARDUINO_BUILD_CACHE_PATH", &["~/.cache/arduino"]),
        ],
        unknown: vec![
            "the board: `arduino:avr:uno` is a guess (params `fqbn` and `core`)".to_owned(),
        ],
        ..Detected::default()
    })
}
