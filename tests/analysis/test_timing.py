"""Timing counts what each way computes; its tables have every K, with and without the cache, beside the paper's."""

import numpy as np
import pytest

from minirearec.analysis import analyze, timing
from minirearec.analysis.timing import cached, uncached
from minirearec.evaluation.published import REASONING_OVERHEAD


class Counting:
    """An engine that notes how many positions it passes over."""

    def __init__(self):
        self.passed = []

    def states(self, items, lengths, steps):
        self.passed.append((items.shape[1], lengths.tolist(), steps))
        return np.zeros((len(items), steps + 1, 2))

    def scores(self, state):
        assert state.shape == (2, 2)
        return state


def test_without_a_cache_every_step_reads_everything_again():
    items, lengths = np.ones((2, 4), np.int32), np.array([4, 1])
    with_cache, without = Counting(), Counting()
    cached(with_cache, items, lengths, 2)
    uncached(without, items, lengths, 2)
    assert with_cache.passed == [(4, [4, 1], 2)]
    assert without.passed == [(4, [4, 1], 0), (5, [5, 2], 0), (6, [6, 3], 0)]


@pytest.mark.parametrize("settings", [
    {"method": "erl", "steps": 1}, {"method": "prl", "steps": 2, "backbone": "bert4rec", "backend": "numpy"}])
def test_every_k_has_a_time_and_a_share(settings, train, data, monkeypatch):
    monkeypatch.setattr(timing, "SAMPLE", 8)
    found = analyze(train(**settings), data=data, timing=True)
    own = found.timing
    assert own.targets == 8 and own.device == "cpu" and min(own.cached + own.uncached) > 0
    rows = {(row["row"], row["measure"]): row["value"] for row in found.records() if row["table"] == "timing"}
    assert rows["K = 5", "ms without cache"] == own.uncached[5]
    assert rows["K = 2", "% over K = 0 with cache"] == pytest.approx(100 * (own.cached[2] - own.cached[0])
                                                                     / own.cached[0])
    assert rows["K = 3", "% in the paper with cache"] == REASONING_OVERHEAD[3] and len(rows) == 4 * 6 + 5


def test_nothing_is_timed_unless_asked_and_without_steps(train, data, run):
    assert analyze(run, data=data).timing is None
    assert analyze(train(method="base"), data=data, timing=True).timing is None
