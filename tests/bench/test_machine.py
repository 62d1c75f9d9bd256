"""Facts of the machine."""

import pytest

from minirearec.bench import machine
from minirearec.bench.machine import load_average, processor, threads_and_rates
from minirearec.bench.roofline import Roofline


def test_the_processor_has_a_name(monkeypatch):
    assert processor()
    monkeypatch.setattr(machine.Path, "read_text", lambda self: "processor : 0\nmodel name\t: A: fast one\n")
    assert processor() == "A: fast one"


def test_the_load_is_unknown_on_some_systems(monkeypatch):
    assert load_average() >= 0
    monkeypatch.delattr(machine.os, "getloadavg")
    assert load_average() == 0


@pytest.mark.parametrize("backend, dtypes", [("numpy", ["float32"]), ("torch", ["float32", "bf16"])])
def test_threads_and_rates(backend, dtypes):
    found = threads_and_rates(Roofline(backend, "cpu"), 4, 10)
    assert list(found["rates"]) == dtypes and min(found["rates"].values()) > 0
    assert found["product"] == [512, 4, 10] and found["threads"] >= 1 and found["device"] == "cpu"
