"""Rates of products, and the shortest time that work could take."""

import pytest

from minirearec.bench import roofline
from minirearec.bench.roofline import Roofline, best_seconds
from minirearec.bench.work import Product


def test_work_takes_the_time_of_its_products_at_their_rates(monkeypatch):
    measured = []

    def take(product):
        measured.append(product)
        return 0.5

    monkeypatch.setattr(roofline, "best_seconds", take)
    line = Roofline("torch", "cpu")
    assert line.seconds([Product(2, 3, 4, 10), Product(2, 3, 4, 1.5), Product(4, 3, 2),
                         Product(4, 3, 2, 2, "bf16"), Product(9, 9, 9, 0)]) == 7.25
    assert len(measured) == 3, "a shape is measured once, and only if it is needed"


def test_the_best_round_counts():
    moments = iter([0.0, 0.5, 1.0, 1.25, 2.0, 2.005, 2.015, 3.0, 3.5, 4.0, 4.5])
    calls = []
    best = best_seconds(lambda: calls.append(1), clock=lambda: next(moments))
    assert best == pytest.approx(0.0075)  # the third round: two calls
    assert len(calls) == 7  # and one before the first round


@pytest.mark.parametrize("backend, dtype", [("numpy", "float32"), ("torch", "float32"), ("torch", "bf16")])
def test_a_rate_is_measured(backend, dtype):
    assert Roofline(backend, "cpu").rate(Product(4, 3, 5, dtype=dtype)) > 0
