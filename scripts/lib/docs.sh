# Shared by the scripts that write documentation: which `bench`, where its state lies, and how text gets into a page.
# Sourced from the root of the project; not run by itself.

# Sets BENCH to the binary, built (with the features in `features`) unless the caller named one.
need_bench() {
  if [ -z "${BENCH:-}" ]; then
    cargo build --package bench --locked ${features:+--features "$features"}
    BENCH=${CARGO_TARGET_DIR:-target}/debug/bench
  fi
}

# Sets `work` to a directory that is gone at the end.
need_work() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
}

# splice PAGE NAME < TEXT: the text takes the place of what stands between `<!-- NAME: begin ... -->` and
# `<!-- NAME: end -->`, each on a line of its own.
splice() {
  cat >"$work/block"
  awk -v name="$2" -v block="$work/block" '
    index($0, "<!-- " name ": end") == 1 { inside = 0; ended = 1 }
    !inside { print }
    index($0, "<!-- " name ": begin") == 1 {
      while ((getline line < block) > 0) print line
      inside = 1
    }
    END { exit !ended || inside }
  ' "$1" >"$work/page" || {
    echo "$1 has no block \`$2\` (hint: <!-- $2: begin --> and <!-- $2: end --> on lines of their own)" >&2
    return 1
  }
  cat "$work/page" >"$1"
}
