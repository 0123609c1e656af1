#!/usr/bin/env python3
"""A package index on loopback that answers every request after a fixed time.

    index.py --port 18320 --dir WHEELS [--latency-ms 50] [--kind local|local-ranges]

It serves the wheels of one directory as PEP 503 (HTML) and PEP 691 (JSON), with the metadata of each wheel as a
file of its own (PEP 658), as the public index does. With `--kind local-ranges` there are no such files: a client
has to read the end of the wheel by range requests, as from many private indexes. Nothing is fetched from
anywhere, so the time of an answer is the given latency and what this machine needs to send the bytes.

One line a request goes to standard output: METHOD STATUS BYTES PATH.
"""

import argparse
import hashlib
import html
import json
import re
import sys
import time
import zipfile
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

JSON = "application/vnd.pypi.simple.v1+json"
RANGE = re.compile(r"bytes=(\d*)-(\d*)$")
# The time that files claim to have been uploaded and changed: before any `exclude-newer` of a test.
UPLOADED = "2024-01-01T00:00:00Z"
UPLOADED_SECONDS = 1704067200


def normalised(name):
    """The name of a project as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


class Wheel:
    """One wheel: its bytes on disk, its metadata in memory."""

    def __init__(self, path):
        self.path = path
        self.size = path.stat().st_size
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
            if len(names) != 1:
                raise ValueError(f"{path.name}: {len(names)} METADATA files, expected one")
            self.metadata = archive.read(names[0])
        found = re.search(rb"^Requires-Python:[ \t]*(.+?)\r?$", self.metadata.split(b"\n\n")[0], re.M)
        self.requires_python = found.group(1).decode() if found else None


class Index:
    """All projects of a directory of wheels, and the answers to every path."""

    def __init__(self, directory, metadata_files):
        self.metadata_files = metadata_files
        self.projects = {}
        self.files = {}
        for path in sorted(directory.glob("*.whl")):
            wheel = Wheel(path)
            self.files[path.name] = wheel
            self.projects.setdefault(normalised(path.name.split("-")[0]), []).append(wheel)
        if not self.files:
            raise ValueError(f"no wheels in {directory}")

    def answer(self, path, accept):
        """Content type and body of a path; a body that is a Path is a file. None: there is no such thing."""
        parts = [unquote(part) for part in urlsplit(path).path.strip("/").split("/")]
        if parts == ["simple"]:
            return self.page({"projects": [{"name": name} for name in self.projects]}, self.projects, accept)
        if len(parts) == 2 and parts[0] == "simple":
            wheels = self.projects.get(normalised(parts[1]))
            return wheels and self.project(normalised(parts[1]), wheels, accept)
        if len(parts) == 2 and parts[0] == "files":
            if parts[1] in self.files:
                return "application/octet-stream", self.files[parts[1]].path
            wheel = self.files.get(parts[1].removesuffix(".metadata"))
            if wheel and self.metadata_files:
                return "application/octet-stream", wheel.metadata
        return None

    def project(self, name, wheels, accept):
        """The page of a project."""
        files, links = [], []
        for wheel in wheels:
            file = {
                "filename": wheel.path.name,
                "url": f"/files/{wheel.path.name}",
                "hashes": {"sha256": wheel.sha256},
                "size": wheel.size,
                "upload-time": UPLOADED,
            }
            attributes = ""
            if wheel.requires_python:
                file["requires-python"] = wheel.requires_python
                attributes += f' data-requires-python="{html.escape(wheel.requires_python)}"'
            if self.metadata_files:
                digest = hashlib.sha256(wheel.metadata).hexdigest()
                file["core-metadata"] = {"sha256": digest}
                attributes += f' data-core-metadata="sha256={digest}"'
            files.append(file)
            url = f"/files/{wheel.path.name}#sha256={wheel.sha256}"
            links.append(f'<a href="{url}"{attributes}>{wheel.path.name}</a><br>')
        if JSON in accept:
            return JSON, self.json({"name": name, "versions": [], "files": files})
        return "text/html", "\n".join(["<!DOCTYPE html>", *links]).encode()

    def page(self, data, names, accept):
        """The list of projects."""
        if JSON in accept:
            return JSON, self.json(data)
        return "text/html", "\n".join(f'<a href="/simple/{name}/">{name}</a>' for name in names).encode()

    @staticmethod
    def json(data):
        return json.dumps({"meta": {"api-version": "1.1"}, **data}).encode()


def handler(index, latency):
    """A request handler class for an index; latency in seconds."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "index"
        disable_nagle_algorithm = True

        def do_GET(self):
            self.reply(send_body=True)

        def do_HEAD(self):
            self.reply(send_body=False)

        def reply(self, send_body):
            time.sleep(latency)
            found = index.answer(self.path, self.headers.get("Accept", ""))
            if not found:
                self.send(HTTPStatus.NOT_FOUND, "text/plain", b"not found", {}, send_body)
                return
            kind, body = found
            headers = {"Cache-Control": "max-age=600, public", "Last-Modified": formatdate(UPLOADED_SECONDS, usegmt=True)}
            if isinstance(body, Path):
                headers["Accept-Ranges"] = "bytes"
                body = body.read_bytes()
            asked = self.headers.get("Range")
            span = asked and "Accept-Ranges" in headers and self.span(asked, len(body))
            if span == "outside":
                self.send(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, kind, b"", {"Content-Range": f"bytes */{len(body)}"}, send_body)
            elif span:
                start, end = span
                headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
                self.send(HTTPStatus.PARTIAL_CONTENT, kind, body[start : end + 1], headers, send_body)
            else:
                self.send(HTTPStatus.OK, kind, body, headers, send_body)

        @staticmethod
        def span(asked, size):
            """First and last byte of a single range; None for one that is to be ignored (RFC 9110, 14.2)."""
            match = RANGE.match(asked)
            if not match or match.groups() == ("", ""):
                return None
            first, last = match.groups()
            if not first:
                start, end = max(size - int(last), 0), size - 1
                return (start, end) if int(last) else "outside"
            start, end = int(first), min(int(last), size - 1) if last else size - 1
            if last and int(last) < start:
                return None
            return (start, end) if start < size else "outside"

        def send(self, status, kind, body, headers, send_body):
            # One write a line: lines of other threads must not get in between.
            sys.stdout.write(f"{self.command} {status.value} {len(body)} {self.path}\n")
            sys.stdout.flush()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if send_body:
                self.wfile.write(body)

        def log_message(self, format, *args):
            """Requests are logged by `send`."""

    return Handler


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--kind", choices=["local", "local-ranges"], default="local")
    arguments = parser.parse_args()
    if arguments.latency_ms < 0:
        parser.error("--latency-ms is below 0")
    try:
        index = Index(arguments.dir, arguments.kind == "local")
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        sys.exit(f"index: error: {error}")
    ThreadingHTTPServer.daemon_threads = True
    try:
        server = ThreadingHTTPServer(("127.0.0.1", arguments.port), handler(index, arguments.latency_ms / 1000))
    except OSError as error:
        sys.exit(f"index: error: port {arguments.port}: {error.strerror}")
    print(f"listening on 127.0.0.1:{server.server_port}: {len(index.files)} wheels, {arguments.latency_ms:g} ms a request", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
