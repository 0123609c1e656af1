#!/usr/bin/env python3
"""Makes what belongs to the runner's image and not to its caches, once a state root: the test binaries of a suite,
the proxy, the packages of the local index. What is there already is not made again.

    provision.py --suite S --proxy P --index I --tools DIR --workspace DIR --temp DIR

It leaves `DIR/suite` in the temporary directory: a link to what belongs to this source and suite.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What nextest builds for each suite.
SUITES = {
    "cache-key": ["-p", "uv-cache-key"],
    "pep440": ["-p", "uv-pep440"],
    "pep508": ["-p", "uv-pep508"],
    "lock": ["-p", "uv", "--test", "lock"],
}
PROXY_VERSION = "2.0.3"
# Two changes to the proxy: it trusts what the machine trusts (SSL_CERT_FILE, a company's egress), not a list that is
# compiled in; and its authority goes to the temporary directory it is given, not to /tmp for all processes.
PROXY_CHANGES = [
    ("Cargo.toml", '"rustls-tls-webpki-roots"', '"rustls-tls-native-roots"'),
    ("src/main.rs", 'std::path::PathBuf::from("/tmp")', "std::env::temp_dir()"),
]
PLATFORMS = ["manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "any"]


def fail(message, hint):
    sys.exit(f"provision: error: {message} (hint: {hint})")


def call(command, hint, **options):
    """Runs a command with its output in our log; its first complaint becomes our error."""
    print("+", " ".join(map(str, command)), flush=True)
    try:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **options)
    except OSError as error:
        fail(f"`{command[0]}`: {error.strerror}", "`bench doctor --scenario uv-tests` says what to install")
    complaint = last = ""
    for line in child.stdout:
        print(line, end="", flush=True)
        last = line.strip() or last
        if not complaint and re.match(r"\s*error\b", line, re.I):
            complaint = line.strip()
    if child.wait():
        fail(f"`{' '.join(map(str, command[:3]))}` ended with {child.returncode}: {complaint or last}", hint)


def fresh(directory):
    """An empty directory for something that is not complete yet."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def cargo_environment(target):
    """Small and quick test binaries, as a CI builds them."""
    return {**os.environ, "CARGO_TARGET_DIR": str(target), "CARGO_INCREMENTAL": "0", "CARGO_PROFILE_DEV_DEBUG": "0"}


def check_tree(workspace):
    """Refuses what is not a source tree of uv, or one for a newer compiler."""
    for needed in ["Cargo.lock", "crates/uv/Cargo.toml", "crates/uv-pep508/Cargo.toml", "test/requirements/black.in"]:
        if not (workspace / needed).is_file():
            hint = "give a clone of https://github.com/astral-sh/uv with `--source DIR`, or `--source DIR#REV` for a revision of it"
            fail(f"the source is not a tree of uv: it has no `{needed}`", hint)


def check_rust(workspace):
    wanted = re.search(r'^rust-version = "([0-9.]+)"', (workspace / "Cargo.toml").read_text(), re.M)
    found = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout
    number = re.search(r"\d+\.\d+(\.\d+)?", found)
    parts = lambda text: [int(part) for part in text.split(".")]
    if wanted and number and parts(number.group()) < parts(wanted.group(1)):
        hint = "`rustup update`, or an older revision of uv with `--source DIR#REV`"
        fail(f"this revision of uv needs Rust {wanted.group(1)}, found `{found.strip()}`", hint)
    return found


def digest(workspace, more):
    """Names a source tree by its content, whatever its path, times and git metadata."""
    hasher = hashlib.sha256(more.encode())
    for path in sorted(workspace.rglob("*")):
        rel = path.relative_to(workspace)
        if rel.parts[0] in (".git", "target") or not (path.is_file() or path.is_symlink()):
            continue
        content = os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
        for part in (str(rel).encode(), content):
            hasher.update(len(part).to_bytes(8, "big"))
            hasher.update(part)
    return hasher.hexdigest()[:16]


def suite(name, tools, workspace):
    """Builds the test binaries of a suite in a place of their own, where they stay: some have its paths in them."""
    home = tools / "suites" / digest(workspace, check_rust(workspace))
    binaries, metadata = home / f"{name}.json", home / "cargo.json"
    if binaries.is_file():
        return home
    source, environment = home / "source", cargo_environment(home / "target")
    if not (home / "complete").exists():
        fresh(home)
        shutil.copytree(workspace, source, symlinks=True, ignore=shutil.ignore_patterns(".git", "target"))
        (home / "complete").touch()
    hint = f"the whole output is in this phase's log; crates are downloaded to {tools / 'cargo'}, which needs the registry"
    lists = {metadata: ["cargo", "metadata", "--locked", "--format-version", "1"]}
    build = ["cargo", "nextest", "list", "--locked", *SUITES[name], "--list-type", "binaries-only", "--message-format", "json"]
    lists[binaries] = build
    call(["cargo", "fetch", "--locked"], hint, cwd=source, env=environment)
    for path, command in lists.items():
        partial = path.with_suffix(".partial")
        # Their standard output is data: through a shell it goes to a file, and errors to the log.
        call(["sh", "-c", 'to=$1; shift; exec "$@" > "$to"', "sh", str(partial), *command], hint, cwd=source, env=environment)
        partial.replace(path)
    return home


def proxy(tools):
    """Builds the proxy from its published source with the two changes."""
    home = tools / f"fopro-{PROXY_VERSION}"
    if (home / "fopro").is_file():
        return
    hint = "the proxy is built from its source in the crate registry, which must be reachable"
    fetch = fresh(home / "fetch")
    (fetch / "src").mkdir()
    (fetch / "src/main.rs").write_text("fn main() {}\n")
    manifest = f'[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nfopro = "={PROXY_VERSION}"\n'
    (fetch / "Cargo.toml").write_text(manifest)
    call(["cargo", "vendor", "--quiet", "vendor"], hint, cwd=fetch)
    source = home / "source"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(fetch / "vendor/fopro", source)
    shutil.rmtree(fetch)
    for file, old, new in PROXY_CHANGES:
        text = (source / file).read_text()
        if text.count(old) != 1:
            fail(f"fopro {PROXY_VERSION}: `{old}` is {text.count(old)} times in {file}, expected once", "the published source has changed")
        (source / file).write_text(text.replace(old, new))
    (source / ".cargo-checksum.json").unlink(missing_ok=True)
    call(["cargo", "build", "--release"], hint, cwd=source, env={**os.environ, "CARGO_TARGET_DIR": str(home / "target")})
    (home / "target/release/fopro").replace(home / "fopro")
    shutil.rmtree(home / "target")


def packages(tools):
    """Downloads the wheels that the local index serves."""
    pins = (HERE / "packages.txt").read_text()
    home = tools / "packages"
    wheels = home / hashlib.sha256(pins.encode()).hexdigest()[:16]
    if not wheels.is_dir():
        partial = fresh(home / "partial")
        platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
        command += ["--python-version", "3.12", *platforms, "--dest", str(partial), "-r", str(HERE / "packages.txt")]
        call(command, "the wheels are fetched once from the index that pip is configured for, which must be reachable")
        partial.rename(wheels)
    link = home / "current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(wheels)
    link.replace(home / "current")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ["suite", "proxy", "index"]:
        parser.add_argument(f"--{name}", required=True)
    for name in ["tools", "workspace", "temp"]:
        parser.add_argument(f"--{name}", type=Path, required=True)
    arguments = parser.parse_args()
    check_tree(arguments.workspace)
    if arguments.proxy == "fopro":
        proxy(arguments.tools)
    if arguments.suite == "client":
        if arguments.index != "registry":
            packages(arguments.tools)
        return
    home = suite(arguments.suite, arguments.tools, arguments.workspace)
    (arguments.temp / "suite").symlink_to(home)


if __name__ == "__main__":
    main()
