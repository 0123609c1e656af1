//! What Python's runners share: the interpreter and the caches of packages.

use super::found::Cache;

pub(super) const TOOLS: &str = r#"
[tools.python3]
version = ["python3", "--version"]
# A launcher such as pyenv's looks for its home, which a runner has not.
prefix = ["python3", "-c", "import sys; print(sys.base_prefix)"]
install = { debian = ["python3", "python3-venv"], fedora = ["python3"], macos = ["python"] }
"#;

pub(super) fn pip() -> Cache {
    Cache::new("pip", "{cache}/pip", "Packages that pip downloaded and wheels that it built.")
        .env("PIP_CACHE_DIR", &["~/.cache/pip"])
}

pub(super) fn uv() -> Cache {
    Cache::new("uv", "{cache}/uv", "Packages that uv downloaded and unpacked.")
        .env("UV_CACHE_DIR", &["~/.cache/uv"])
}
