"""The sessions of CI: each installs what its lock file names, by hash, then the package."""

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"


def install(session: nox.Session, *, package: bool) -> None:
    """Install the session's lock file; with `package`, the project in place.

    Not silent: what uv says it did is what tells a cache that was used from one that was not.
    """
    session.install("--require-hashes", "-r", f"requirements/{session.name}.txt", silent=False)
    if package:
        # The build backend is in the lock file, so nothing is fetched that has no hash.
        session.install("--no-deps", "--no-build-isolation", "--editable", ".", silent=False)


@nox.session(tags=["all", "quick"])
def lint(session: nox.Session) -> None:
    """Style and likely mistakes."""
    install(session, package=False)
    session.run("ruff", "check", "--no-cache", ".")
    session.run("ruff", "format", "--no-cache", "--check", ".")


@nox.session(tags=["all"])
def tests(session: nox.Session) -> None:
    """Behaviour, with branch coverage."""
    install(session, package=True)
    session.run("pytest", "--cov", "--cov-report=term", "--cov-fail-under=90")


@nox.session(tags=["all", "quick"])
def typecheck(session: nox.Session) -> None:
    """Types of package and tests."""
    install(session, package=True)
    session.run("mypy")


@nox.session(tags=["all"])
def docs(session: nox.Session) -> None:
    """The site, with the reference made of docstrings."""
    install(session, package=True)
    session.run(
        *("mkdocs", "build", "--strict", "--quiet", "--site-dir", "build/site"),
        env={"NO_MKDOCS_2_WARNING": "1"},
    )
