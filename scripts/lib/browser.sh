# Shared by the scripts that look at reports in a real browser. Sourced from the root of the project; not run by itself.

# Sets CHROMIUM, and puts the files of scripts/browser and the packages that they need (fixed versions) into
# target/browser.
need_browser() {
  CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
  [ -n "$CHROMIUM" ] || { echo "no Chromium found (hint: sudo apt-get install chromium, or set CHROMIUM)" >&2; return 2; }
  command -v npm >/dev/null || { echo "npm is not installed (hint: sudo apt-get install nodejs npm)" >&2; return 2; }
  export CHROMIUM
  mkdir -p target/browser
  cp scripts/browser/package.json scripts/browser/*.mjs target/browser/
  (cd target/browser && npm install --silent --no-audit --no-fund)
}
