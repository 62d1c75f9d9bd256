"""Kills, damage and strange values, drawn with fixed seeds; the benchmarks draw more of them in the same way."""

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.benchmarks import faults
from tests.benchmarks.mistyped import mistyped

BENCHMARKS = Path(faults.__file__).parent


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return faults.Runs(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def old_runs(tmp_path_factory):
    return faults.Runs(tmp_path_factory.mktemp("old"), old=True)


def count(found) -> Counter:
    """Count the verdicts; a fault that did harm fails the test and is named."""
    verdicts = Counter()
    for what, verdict, told in found:
        assert verdict != "harm", f"{what}: {told}"
        verdicts[verdict] += 1
    return verdicts


def test_killed_runs_end_as_if_nothing_had_happened():
    """The program is forked, which needs a process without threads of other tests."""
    result = subprocess.run([sys.executable, BENCHMARKS / "kills.py", "--kills", "10", "--seed", "1"],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["identical"] == found["runs"] and found["kills"] >= 10


def test_flipped_bytes(runs):
    found = count(faults.flips(runs, 60, random.Random(1)))
    assert found["refused"] > 30 and found["no effect"] > 5, "bytes of env.json and metrics.jsonl change no figure"


def test_cut_swapped_and_linked_files(runs):
    assert count(faults.others(runs, random.Random(1))).total() == 150


def test_strange_values_in_runs_with_and_without_sums(runs, old_runs):
    for some, number in ((runs, 50), (old_runs, 250)):
        found = count(mistyped(some, number, random.Random(1)))
        assert found["refused"] > number / 3


def test_a_run_inside_an_epoch_is_among_them(runs):
    assert runs.expected["-inside"][2] == runs.expected[""][2], "resumed, it has the results of the finished one"
