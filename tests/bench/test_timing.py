"""Times in turns, and peak memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from minirearec.bench import timing
from minirearec.bench.timing import Times, in_turns, peak_memory


def test_ways_take_turns_and_the_first_calls_do_not_count(monkeypatch):
    now, called = [0.0], []
    monkeypatch.setattr(timing.time, "perf_counter", lambda: now[0])

    def way(name, *seconds):
        left = list(seconds)

        def call():
            called.append(name)
            now[0] += left.pop(0)
        return call

    taken = in_turns({"a": way("a", 9, 1, 2), "b": way("b", 9, 3, 5)}, repeats=2)
    assert taken == {"a": [1, 2], "b": [3, 5]}
    assert called == ["a", "b"] * 3


def test_a_sample_is_scaled_to_the_whole():
    assert Times.of([3.0, 1.0, 8.0], scale=2) == Times(6.0, 2.0, 16.0, 3)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_peak_memory_is_this_process_alone_and_stays_after_the_memory_is_freed():
    before = peak_memory()
    held = bytearray(200 * 2**20)
    held[::4096] = b"x" * len(held[::4096])
    after = peak_memory()
    assert after >= len(held) and before is not None
    child = subprocess.check_output([sys.executable, "-c", "import minirearec.bench.timing as timing\n"
                                     "held = bytearray(b'x') * 50 * 2**20; del held; print(timing.peak_memory())"])
    assert 50 * 2**20 < int(child) < 150 * 2**20


def test_peak_memory_is_unknown_elsewhere(monkeypatch):
    monkeypatch.setattr(timing.Path, "read_text", lambda self: "Name: python\n")
    assert peak_memory() is None
