#!/usr/bin/env python3
"""Runs uv commands as tests: some that resolve or install from an index, some that touch no network.

    client.py --requirements DIR --jobs N --filter GLOB --temp DIR --report FILE

Each test has an empty uv cache of its own, as every test of uv's own suite has: whatever one fetches, the next one
fetches again. That is what an HTTP cache between uv and the index can save. The report is JUnit.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from pathlib import Path
from xml.etree import ElementTree

# Interpreter, platform and wheels are pinned, so that every machine asks the index for the same files.
PINNED = ["--python-version", "3.12", "--python-platform", "x86_64-manylinux_2_28", "--only-binary", ":all:"]
COMPILE = ["uv", "pip", "compile", "--no-header", *PINNED]
INSTALL = ["uv", "pip", "install", "--target", "site", "--link-mode", "copy", *PINNED]

# Name, and the command; `{requirements}` is test/requirements of uv's sources.
TESTS = [
    ("compile_black", [*COMPILE, "{requirements}/black.in"]),
    ("compile_jupyter", [*COMPILE, "{requirements}/jupyter.in"]),
    ("compile_jupyter_hashes", [*COMPILE, "--generate-hashes", "{requirements}/jupyter.in"]),
    ("compile_trio", [*COMPILE, "{requirements}/trio.in"]),
    ("install_black", [*INSTALL, "-r", "{requirements}/black.in"]),
    ("install_trio", [*INSTALL, "-r", "{requirements}/trio.in"]),
    ("init", ["uv", "init", "--offline", "project"]),
    ("python_find", ["uv", "python", "find", "--offline"]),
    ("venv", ["uv", "venv", "--offline", "environment"]),
]


def run(name, command, arguments):
    """Runs one test in a directory of its own: name, seconds, and why it failed."""
    directory = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=arguments.temp.resolve()))
    environment = {
        **os.environ,
        "UV_CACHE_DIR": str(directory / "cache"),
        # Not whatever a search of this machine's PATH would find, nor the time that it takes.
        "UV_PYTHON_SEARCH_PATH": str(Path(sys.executable).resolve().parent),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_CONFIG": "1",
        "UV_NO_PROGRESS": "1",
    }
    command = [word.replace("{requirements}", str(arguments.requirements.resolve())) for word in command]
    started = time.monotonic()
    ended = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, errors="replace")
    seconds = time.monotonic() - started
    if ended.returncode == 0:
        return name, seconds, None
    said = ended.stderr.strip() or f"exit code {ended.returncode}"
    return name, seconds, f"exit code {ended.returncode}: {said}"


def report(results, path):
    """Writes a JUnit report."""
    suite = ElementTree.Element("testsuite", name="client", tests=str(len(results)))
    for name, seconds, reason in results:
        case = ElementTree.SubElement(suite, "testcase", classname="client", name=name, time=f"{seconds:.6f}")
        if reason:
            ElementTree.SubElement(case, "failure", message=reason[:1000])
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requirements", type=Path, required=True)
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument("--filter", default="*")
    parser.add_argument("--temp", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.jobs < 1:
        parser.error("--jobs is below 1")
    if not shutil.which("uv"):
        sys.exit("client: error: `uv` is not on PATH (hint: `bench doctor --scenario uv-tests`)")
    # `all()` is the default of the param `filter`, in the language of the suites that nextest runs.
    pattern = "*" if arguments.filter == "all()" else arguments.filter
    chosen = [test for test in TESTS if fnmatchcase(test[0], pattern)]
    if not chosen:
        names = ", ".join(name for name, _ in TESTS)
        sys.exit(f"client: error: no test matches `{pattern}`, a glob on: {names}")
    with ThreadPoolExecutor(arguments.jobs) as pool:
        results = list(pool.map(lambda test: run(*test, arguments), chosen))
    report(results, arguments.report)
    failed = [(name, reason) for name, _, reason in results if reason]
    for name, seconds, reason in results:
        print(f"{'FAIL' if reason else 'PASS'} {seconds:7.3f}s {name}")
    for name, reason in failed:
        print(f"client: error: {name}: {reason}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
