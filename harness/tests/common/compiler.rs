//! A compiler with a known cache key, and a scenario that runs it.

/// A compiler whose cache key is made of the ingredients in `$KEY`. Prints `hit` or `miss` a unit; without
/// `content` in its key it gives an old result for a changed source.
pub const TOOL: &str = r#"#!/bin/sh
set -eu
mkdir -p "$STORE" build
for file in src/*.txt; do
  key="$file"
  case ",$KEY," in *,content,*) key="$key $(cat "$file")" ;; esac
  case ",$KEY," in *,path,*) key="$key $PWD" ;; esac
  case ",$KEY," in *,mtime,*) key="$key $(stat -c %.Y "$file")" ;; esac
  case ",$KEY," in *,home,*) key="$key $HOME" ;; esac
  case ",$KEY," in *,env,*) key="$key ${BUILD_NUMBER:-}" ;; esac
  case ",$KEY," in *,either,*)
    if [ "$HOME" != "${HOME#*elsewhere}" ] && [ "$TMPDIR" != "${TMPDIR#*elsewhere}" ]; then
      key="$key far from home"
    fi ;;
  esac
  entry="$STORE/$(printf %s "$key" | cksum | tr ' ' -)"
  if [ -e "$entry" ]; then echo hit; else echo miss; cp "$file" "$entry"; fi
  cp "$entry" "build/$(basename "$file").out"
done
"#;

/// The compiler and three sources.
pub const FILES: [(&str, &str); 4] = [
    ("tool.sh", TOOL),
    ("workspace/src/a.txt", "alpha"),
    ("workspace/src/b.txt", "beta"),
    ("workspace/src/c.txt", "gamma"),
];

/// Runs the compiler.
pub const SCRIPT: &str = r#"["sh", "{scenario}/tool.sh"]"#;

/// Where its store is.
pub const CACHE: &str = r#"path = "{cache}/store""#;

/// A scenario of the compiler: `cache` says where its store is, `run` how it is started; `more` follows.
pub fn scenario(key: &str, cache: &str, run: &str, more: &str) -> String {
    format!(
        r#"
[scenario]
title = "A fake compiler"
analysis = "Its key is known."

[env]
set = {{ KEY = "{key}", TOOL_HOME = "{{home}}/.tool" }}

[[cache]]
name = "store"
env = "STORE"
{cache}

[[phase]]
name = "compile"
measured = true
run = {run}

[outputs]
paths = ["build/**"]
{more}"#
    )
}
