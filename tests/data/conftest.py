"""A small web server on 127.0.0.1 whose answers a test chooses path by path."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class Server:
    """Answers ``/name`` with the next of the answers given for it; the last one repeats."""

    def __init__(self):
        self.answers: dict[str, list] = {}
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.requests.append(self.path)
                answers = outer.answers[self.path]
                status, body, length = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(status)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def url(self, path: str, *answers) -> str:
        """The address of a path that gives these (status, body, claimed length or None) in turn."""
        self.answers[path] = list(answers)
        return f"http://127.0.0.1:{self.http.server_address[1]}{path}"

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server(monkeypatch):
    """A running Server; proxies of the environment are kept out of the way."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = Server()
    yield running
    running.close()


@pytest.fixture
def closed_url(monkeypatch):
    """An address on 127.0.0.1 where nothing listens."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return f"http://127.0.0.1:{port}/Beauty.txt"
