"""Means share their draws, and get the intervals they would get alone."""

import sys

import numpy as np
import pytest

from minirearec.analysis.figures import Figure, Tables, figures
from minirearec.errors import ConfigError
from minirearec.evaluation.metrics import bootstrap_interval


def slow_interval(values, users):
    """Draw users one by one, gather all their targets, and take the middle of the sorted means."""
    rng, groups = np.random.default_rng(0), [values[users == user] for user in np.unique(users)]
    means = sorted(np.concatenate([groups[place] for place in rng.integers(0, len(groups), len(groups))]).mean()
                   for _ in range(2000))
    return np.quantile(means, 0.025), np.quantile(means, 0.975)


def test_intervals_are_those_of_a_slow_bootstrap():
    rng = np.random.default_rng(1)
    users, columns = rng.integers(0, 15, 40), {"a": rng.normal(size=40), "b": rng.exponential(size=40)}
    for name, figure in figures(columns, users).items():
        assert figure.value == pytest.approx(columns[name].mean())
        assert (figure.low, figure.high) == pytest.approx(slow_interval(columns[name], users), abs=1e-12)
        assert (figure.low, figure.high) == pytest.approx(bootstrap_interval(columns[name], users=users))


def test_intervals_cover_the_truth_in_95_percent_of_pairs():
    """1,000 simulated pairs of models with a known mean difference; the draws of a bootstrap are shared."""
    rng = np.random.default_rng(2)
    shared, truth = rng.exponential(size=(120, 1000)), 0.1
    first, second = (shared + rng.normal(mean, 1, (120, 1000)) for mean in (truth, 0))
    found = figures(dict(enumerate((first - second).T)), np.arange(120))
    covered = np.mean([figure.low <= truth <= figure.high for figure in found.values()])
    assert 0.93 <= covered <= 0.965
    assert [figure.clear for figure in (Figure(1, 0.5, 2), Figure(-1, -2, -0.1), Figure(0.1, -1, 1))] == [True, True,
                                                                                                        False]


def test_a_frame_without_pandas_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ConfigError, match="to_frame: needs the package pandas.*pip install pandas"):
        Tables().to_frame()
