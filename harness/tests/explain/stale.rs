//! Whether an old result is reused for a source whose content changed.

use std::fs;

use crate::common::compiler::SCRIPT;
use crate::common::scenarios::PROBE;
use crate::{EDIT, document, entry, explain, fake, project, scenario, verdict};

#[test]
fn a_tool_that_looks_at_times_only_is_named_stale() {
    let project = fake("mtime");
    let finished = explain(&project, &["--property", "source-mtime"]).expect_code(0);
    let document = document(&finished.out);
    assert_eq!(document["stale"]["stale"], true);
    assert_eq!(entry(&document, "source-mtime")["stale"], true);
    let text = finished.stdout_unwrapped();
    assert!(text.contains("Stale: the old result is reused"), "{text}");
    assert!(text.contains("not newer than the"), "{text}");
}

/// As a virtual environment does: what is kept names the place in which it was made, by its absolute path.
const ENVIRONMENT: &str = r#"#!/bin/sh
set -eu
mkdir -p build
if [ -d .env ]; then echo hit; else
  echo miss
  mkdir .env
  printf '#!/bin/sh\n' > .env/interpreter
  printf 'cat %s/src/*.txt\n' "$PWD" > .env/program
  printf '%s/.env/interpreter\n' "$PWD" > .env/shebang
  chmod +x .env/interpreter
fi
"$(cat .env/shebang)" || exit 1
sh .env/program > build/out
"#;

#[test]
fn an_environment_that_leads_back_to_the_old_path_is_a_false_green() {
    let file = scenario("", SCRIPT, &format!("{PROBE}{EDIT}"))
        .replace("{cache}/store", "{workspace}/.env");
    let project = project(&file);
    project.write("scenario/tool.sh", ENVIRONMENT);
    let list = ["--property", "workspace-path,home"];
    let finished = explain(&project, &list).expect_code(0);
    let document = document(&finished.out);
    // Without the old path it fails, which is another result.
    assert_eq!(verdict(&document, "workspace-path"), "breaks");
    assert_eq!(verdict(&document, "home"), "keeps");
    assert_eq!(document["stale"]["mtime_kept"], false);
    assert_eq!(document["stale"]["mtime_fresh"], false);
    assert_eq!(document["stale"]["old_path"], true);
    assert_eq!(document["stale"]["stale"], true);
    assert_eq!(entry(&document, "workspace-path")["stale"], true);
    let text = finished.stdout_unwrapped();
    assert!(text.contains("False green: at another path"), "{text}");
    assert!(!text.contains("Stale:"), "{text}");
    let page = fs::read_to_string(finished.out.join("explain.md")).unwrap();
    assert!(page.to_lowercase().contains("false green"), "{page}");
    project.assert_home_untouched();
}

/// Keeps results by name, and refuses one whose source has changed.
const REFUSING: &str = r#"#!/bin/sh
set -eu
mkdir -p "$STORE" build
for file in src/*.txt; do
  entry="$STORE/$(basename "$file")"
  if [ ! -e "$entry" ]; then echo miss; cp "$file" "$entry"
  elif cmp -s "$file" "$entry"; then echo hit
  else echo "error: the entry of $file is of another source" >&2; exit 1
  fi
  cp "$file" build/
done
"#;

#[test]
fn a_tool_that_refuses_a_changed_source_reuses_nothing_old() {
    let project = fake("content");
    project.write("scenario/tool.sh", REFUSING);
    let finished = explain(&project, &["--property", "home"]).expect_code(0);
    let found = document(&finished.out);
    assert_eq!(found["stale"]["stale"], false, "{}", found["stale"]);
    assert!(!finished.stdout_unwrapped().contains("Stale:"), "{}", finished.stdout());
}
