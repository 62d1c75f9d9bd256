"""A small data file, settings that train on it in a moment, and the command line called in this process."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from minirearec.data import beauty_sim
from minirearec.data.catalogue import folders, loading, prepared
from minirearec.errors import DownloadError
from minirearec_cli import console
from minirearec_cli.main import cli

SMALL = ("--width", "8", "--inner-width", "8", "--layers", "1", "--batch-positions", "200", "--learning-rate", "0.01",
         "--warmup-epochs", "1")


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """Hide the network, this machine's data and its environment variables; use a small stand-in for Beauty."""
    def refuse(remote, folder, progress=None):
        raise DownloadError("could not be downloaded: no network in tests", f"data set {remote.dataset}",
                            "Tried nothing.")

    for module in (loading, prepared):
        monkeypatch.setattr(module, "download", refuse)
    monkeypatch.setattr(folders, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setitem(loading.GENERATORS, "beauty-sim",
                        lambda seed: beauty_sim(seed, users=50, items=40, interactions=400))
    for name in ("MINIREAREC_DATA", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def call(*words, env=None):
    """Return the result of a command: exit_code, stdout and stderr. Raise any exception other than an exit."""
    result = CliRunner(env=env).invoke(cli, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="session")
def minirearec():
    return call


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """Write a data file with 200 users and 80 items."""
    data, path = beauty_sim(users=200, items=80, interactions=1600), tmp_path_factory.mktemp("data") / "tiny.txt"
    path.write_text("".join(
        " ".join(map(str, [data.user_ids[user], *data.item_ids[data.history(user)].tolist()])) + "\n"
        for user in range(data.n_users)))
    return path


@pytest.fixture(scope="session")
def small() -> tuple[str, ...]:
    """Return the options of a model that trains in a moment."""
    return SMALL


@pytest.fixture(scope="session")
def finished(tiny, tmp_path_factory) -> Path:
    """Train a PRL run of two epochs. Tests only read it."""
    path = tmp_path_factory.mktemp("runs") / "finished"
    result = call("train", "--dataset", tiny, "--method", "prl", "--epochs", 2, "--out", path, "--quiet", *SMALL)
    assert result.exit_code == 0, result.output
    return path


@pytest.fixture(scope="session")
def refused():
    """Check that a command was refused with one message, exit code 2, nothing on stdout and no traceback."""
    def check(result, *fragments):
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.count("Error: ") == 1 and "Traceback" not in result.stderr
        for fragment in fragments:
            assert fragment in result.stderr

    return check


@pytest.fixture(scope="session")
def start():
    """Start the program in its own process, on one thread."""
    def begin(*words, **options):
        env = {**os.environ, "OMP_NUM_THREADS": "1", **options.pop("env", {})}
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen([sys.executable, "-m", "minirearec_cli.main", *map(str, words)], text=True, env=env,
                                **streams)

    return begin


@pytest.fixture(scope="session")
def figures():
    """Return the part of the results that must repeat: everything except the time taken and whose they are."""
    def read(path_or_results):
        results = path_or_results
        if isinstance(results, Path):
            results = json.loads((results / "results.json").read_text())
        return {key: value for key, value in results.items() if key not in ("seconds", "run", "config", "sha256")}

    return read


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Make stderr a terminal with colours."""
    stream = Terminal()
    monkeypatch.setattr(console, "sys", SimpleNamespace(stderr=stream))
    monkeypatch.setenv("TERM", "xterm-256color")
    return stream
