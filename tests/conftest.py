"""Fixtures and Hypothesis profiles shared by all tests, and a small web server on 127.0.0.1."""

import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.outside import SHARED, needs

# One profile for everyone: no deadline (a busy machine is not a bug), and repeatable in CI.
settings.register_profile("default", deadline=None, max_examples=30,
                          suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("default"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(autouse=True)
def forget_plugins():
    """Forget the plugins that a test loaded: commands are printed with those of their program."""
    yield
    if plugins := sys.modules.get("minirearec.plugins"):
        plugins._loaded.clear()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder with the real data files."""
    return needs(SHARED / "data")


@pytest.fixture(scope="session")
def beauty_file(shared_data) -> Path:
    """Return the path of the real Beauty.txt."""
    return needs(shared_data / "Beauty.txt")


@pytest.fixture(scope="session")
def data():
    """Return a synthetic data set that is so small that an epoch takes only a moment."""
    from minirearec.data import beauty_sim

    return beauty_sim(users=200, items=80, interactions=1600)


class Server:
    """A web server that answers ``/name`` with the next answer given for it; the last answer repeats."""

    def __init__(self):
        self.answers: dict[str, list] = {}
        self.requests: list[str] = []
        self.starts: list[int] = []  # the first byte that each request asked for
        self.resumes = True  # whether it can start at a byte other than 0
        self.pace: tuple[int, float] | None = None  # bytes at a time, and the seconds to wait after them
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests.append(self.path)
                answers = outer.answers[self.path]
                status, body, length = answers.pop(0) if len(answers) > 1 else answers[0]
                length = len(body) if length is None else length
                first = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
                outer.starts.append(first)
                if status == 200 and first and outer.resumes:
                    status, body, length = 206 if first < length else 416, body[first:], max(0, length - first)
                self.send_response(status)
                if status == 206:
                    self.send_header("Content-Range", f"bytes {first}-{first + length - 1}/{first + length}")
                self.send_header("Content-Length", str(length))
                self.end_headers()
                at_once, wait = outer.pace or (len(body) or 1, 0.0)
                for start in range(0, len(body), at_once):
                    self.wfile.write(body[start:start + at_once])
                    time.sleep(wait)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def url(self, path: str, *answers) -> str:
        """Return the address of a path with these answers (status, body, claimed length or None) in turn."""
        self.answers[path] = list(answers)
        return f"http://127.0.0.1:{self.http.server_address[1]}{path}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server(monkeypatch):
    """Yield a running Server that no proxy of the environment intercepts."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = Server()
    yield running
    running.close()


@pytest.fixture
def closed_url(monkeypatch):
    """Return an address on 127.0.0.1 where nothing listens."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return f"http://127.0.0.1:{port}/Beauty.txt"


@pytest.fixture
def offer(monkeypatch):
    """Return a function that puts cards into the catalogue and replaces those with the same name."""
    from minirearec.data.catalogue import cards as module

    def change(*changed):
        offered = {**module.cards(), **{card.name: card for card in changed}}
        monkeypatch.setattr(module, "cards", lambda: offered)

    return change


@pytest.fixture
def lookups(monkeypatch):
    """Return the list of names that are looked up in the catalogue."""
    from minirearec.data.catalogue import cards as module

    names = []

    class Watched(dict):
        def get(self, name, default=None):
            names.append(name)
            return super().get(name, default)

        def __getitem__(self, name):
            names.append(name)
            return super().__getitem__(name)

        def __contains__(self, name):
            names.append(name)
            return super().__contains__(name)

    watched = Watched(module.cards())
    monkeypatch.setattr(module, "cards", lambda: watched)
    return names
