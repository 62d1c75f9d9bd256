"""Command lines made at random, from fixed seeds: none ends in a traceback, hangs, or sends a control sequence.

``tests/benchmarks/fuzz_commands.py`` runs more of them.
"""

import os
import random

import click
import pytest

from minirearec_cli.main import cli
from tests.cli.fuzzing import TRAINING, attempt, command_line, furnish, fuzz, leaves

COUNT = 500


@pytest.fixture
def furnished(tmp_path, monkeypatch):
    """Work in a folder with data, runs and traps; its parents are ours too."""
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    furnish(folder)
    for words in (["train", "--dataset", "data.txt", *TRAINING, "--out", "run"],
                  ["data", "import", "films.csv", "--out", "films"],
                  ["train", "--dataset", "./films", *TRAINING, "--out", "film-run", "--method", "prl"]):
        assert attempt([*words], 60).code == 0


def test_no_command_line_ends_badly(furnished):
    before = os.stat(os.devnull).st_rdev
    outcomes = list(fuzz(seed=10, count=COUNT))
    bad = [f"{outcome.words!a}\n{outcome.problem}" for outcome in outcomes if outcome.problem]
    assert not bad, "\n\n".join(bad[:3])
    assert len(outcomes) == COUNT and os.stat(os.devnull).st_rdev == before
    assert sum(outcome.code == 0 for outcome in outcomes) > COUNT // 5, "many of them are right"


@pytest.mark.parametrize("body, problem", [
    (lambda: 1 / 0, "ZeroDivisionError"), (lambda: click.echo("fine"), ""),
    (lambda: click.get_current_context().exit(3), "exit code 3"),
    (lambda: os.write(1, b""), ""), (lambda: [None for _ in iter(int, 1)], "TimeoutError"),
    (lambda: click.get_current_context().exit(2), "no message")])
def test_what_is_wrong_is_found(body, problem, monkeypatch):
    info = next(command for path, command in leaves(cli) if path == ("info",))
    monkeypatch.setattr(info, "callback", lambda **_: body())
    found = attempt(["info"], 0.5).problem
    assert problem in found and bool(problem) == bool(found)


def test_a_seed_makes_the_same_command_line_again_and_all_commands_have_their_turn():
    tree = list(leaves(cli))
    assert {"train", "evaluate", "recommend", "info"} < {path[0] for path, _ in tree} and len(tree) > 15
    for path, command in tree:
        assert command_line(random.Random(3), path, command) == command_line(random.Random(3), path, command)
