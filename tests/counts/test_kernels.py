"""Weights by distance, by hand."""

import numpy as np
import pytest

from minirearec.config import Config
from minirearec.counts.kernels import history_weights, kernel


@pytest.mark.parametrize("name, decay, weights", [
    ("power", 0.0, [1, 1, 1]), ("power", 2.0, [1, 1 / 4, 1 / 9]), ("exponential", 0.5, [1, 0.5, 0.25]),
    ("exponential", 0.0, [1, 0, 0]), ("logarithmic", 9.0, [2.31823, 1.75994, 1.48788])])
def test_kernels(name, decay, weights):
    assert kernel(name, decay, 3) == pytest.approx(weights, rel=1e-5)


def test_weights_of_a_logarithmic_model_sum_to_1():
    settings = Config.make(counts="pctm", history_decay=0.5).counting
    assert history_weights(settings, 3) == pytest.approx(np.array([4, 2, 1]) / 7)
    assert history_weights(Config.make(counts="rules").counting, 2) == pytest.approx([1, 1 / 4])


def test_the_head_has_its_share_and_older_items_the_rest():
    settings = Config.make(counts="pctm", history_decay=0.5, head=2, head_share=0.9).counting
    assert history_weights(settings, 4) == pytest.approx([0.6, 0.3, 0.05, 0.05])
    assert history_weights(settings, 2) == pytest.approx([2 / 3, 1 / 3]), "no older items: the head has it all"
    assert history_weights(settings, 1) == pytest.approx([1])
