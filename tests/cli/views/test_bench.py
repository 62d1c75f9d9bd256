"""How a benchmark is drawn."""

import io

import pytest
from rich.console import Console

from minirearec.bench.session import Done, Measured, Measuring
from minirearec.config import Config
from minirearec.errors import BenchError
from minirearec_cli.views import bench


def seconds(median: float) -> dict:
    return {"median": median, "low": median, "high": median, "repeats": 3}


@pytest.fixture
def result() -> dict:
    """Return a result with a case of every kind."""
    cases = {"training step": {"part": "training", "note": "7 positions", "seconds": seconds(0.5), "share": 0.25},
             "test set in batches, K = 0": {"part": "evaluation", "note": "", "seconds": seconds(2.0), "share": 0.5},
             "test set in batches, K = 2": {"part": "evaluation", "note": "", "seconds": seconds(2.1), "share": 0.5},
             "test set padded, K = 0": {"part": "evaluation", "note": "", "seconds": seconds(4.0)},
             "test set padded, K = 2": {"part": "evaluation", "note": "", "seconds": seconds(4.1)},
             "one user, K = 0": {"part": "serving", "note": "", "seconds": seconds(0.0004), "share": 0.9},
             "one user, K = 2": {"part": "serving", "note": "", "seconds": seconds(0.0006), "share": 0.8},
             "minirearec --help": {"part": "start-up", "note": "", "seconds": seconds(0.05)}}
    return {"seconds": 75.0, "load": 0.1, "quick": False, "full_epoch": False, "backend": "torch", "cases": cases,
            "settings": Config.make(method="erl", steps=2).to_dict(), "memory": {"training": 10**9, "opening": None},
            "data": {"name": "b", "synthetic": True, "users": 1, "items": 2, "interactions": 3},
            "machine": {"device": "cpu", "threads": 2, "cores": 2, "processor": "A", "versions": {},
                        "product": [512, 128, 2], "rates": {"float32": 8e10}}}


def drawn(result, older=None, width=80) -> str:
    console = Console(file=io.StringIO(), width=width)
    bench.show(console, result, older)
    return console.file.getvalue()


@pytest.mark.parametrize("value, expected", [
    (123.4, "123 s"), (12.34, "12.3 s"), (1.0, "1.00 s"), (0.3451, "345 ms"), (0.0123, "12.3 ms"),
    (0.0058, "5.80 ms"), (0.000583, "0.583 ms")])
def test_times_have_three_digits(value, expected):
    assert bench.span(value) == expected


def test_a_result_on_synthetic_data_is_marked(result):
    text = drawn(result)
    assert "b (SYNTHETIC DATA)" in text and "80 GFLOP/s in float32" in text
    assert "Training: 7 positions" in text and "25 %" in text and "Measured in 1:15." in text
    assert "test set in batches +5.0 %\n" in text
    assert "test set padded to 50 items +2.5 % (paper, on a GPU: +3.51 %)\n  one user +50 %\n" in text
    assert "1.0 GB" in text and "opening" not in text
    assert "Other programs" not in text


def test_a_busy_machine_is_told(result):
    result["load"] = 1.5
    assert "Other programs are running (load 1.5): times are too long." in drawn(result)


def test_without_steps_there_is_no_overhead(result):
    result["settings"] = Config.make(method="base").to_dict()
    assert "overhead" not in drawn(result)


@pytest.mark.parametrize("width, ranges", [(80, False), (100, True)])
def test_a_comparison_fits_the_terminal(result, width, ranges):
    older = {**result, "cases": {"training step": result["cases"]["training step"]}, "memory": {"training": 2 * 10**9},
             "machine": {**result["machine"], "cores": 4}}
    text = drawn(result, older, width)
    assert ("min - max" in text) == ranges and max(map(len, text.splitlines())) <= 100
    assert "Not the same as in the earlier result: cores: 4 before, 2 now" in text
    assert " 1.0 GB   2.0 GB    0.50 \n" in text


def test_progress_without_a_terminal_is_a_line_for_every_case():
    console = Console(file=io.StringIO())
    events = [Measuring("training", 0, 2), Measured("training step", 0.5), Done({"a": 1})]
    assert bench.follow(console, iter(events)) == {"a": 1}
    assert console.file.getvalue() == "training step: 500 ms\n"


def test_a_file_that_cannot_be_written(tmp_path):
    with pytest.raises(BenchError, match="cannot be written"):
        bench.save(tmp_path / "no" / "x.json", "{}")
