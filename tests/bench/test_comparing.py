"""Which results may be compared, and what is said about them."""

import copy
import json

import pytest

from minirearec.bench.comparing import differences, read, same_work
from minirearec.config import Config
from minirearec.errors import BenchError


@pytest.fixture
def result() -> dict:
    """Return the parts of a result that a comparison looks at."""
    return {"bench": 1, "quick": False, "full_epoch": False, "backend": "torch", "memory": {},
            "data": {"name": "beauty", "sha256": "a1"}, "settings": Config.make(method="erl").to_dict(),
            "cases": {"training step": {"part": "training", "note": "", "seconds": {"median": 1.0}}},
            "machine": {"processor": "A", "device": "cpu", "cores": 2, "threads": 2, "platform": "Linux",
                        "versions": {"torch": "2.13"}}}


def changed(result: dict, *path, value) -> dict:
    """Return a copy with one value replaced."""
    other = copy.deepcopy(result)
    place = other
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return other


def test_a_result_is_read_back(result, tmp_path):
    path = tmp_path / "old.json"
    path.write_text(json.dumps(result))
    assert read(path) == result
    same_work(result, read(path), str(path))


@pytest.mark.parametrize("text", ["", "[]", "3", '{"bench": 1}', '{"bench": 2}', '{"bench": null, "cases": 3}', "\x00",
                                  "[" * 100_000])
def test_other_files_are_refused(text, tmp_path):
    path = tmp_path / "old.json"
    path.write_text(text)
    with pytest.raises(BenchError, match="not a result of minirearec bench"):
        read(path)


@pytest.mark.parametrize("path, value", [
    (("bench",), 7), (("settings", "model", "width"), "wide"), (("settings", "model"), {"magic": 1}),
    (("settings",), []), (("cases", "training step"), []), (("cases", "training step", "seconds"), {}),
    (("cases", "training step", "seconds", "median"), "x"), (("cases",), []), (("machine",), None),
    (("data",), {}), (("memory",), [])])
def test_mistyped_results_are_refused(result, tmp_path, path, value):
    (tmp_path / "old.json").write_text(json.dumps(changed(result, *path, value=value)))
    with pytest.raises(BenchError, match="not a result of minirearec bench"):
        read(tmp_path / "old.json")


def test_a_missing_file_is_refused(tmp_path):
    for path in (tmp_path / "old.json", tmp_path):  # neither a folder nor a pipe is read
        with pytest.raises(BenchError, match=r"not a result of minirearec bench \(there is no such file\)"):
            read(path)


@pytest.mark.parametrize("path, value, told", [
    (("data", "sha256"), "b2", "data (beauty)"), (("backend",), "numpy", "backend (numpy)"),
    (("settings", "model", "width"), 64, "width (64 there, 128 here)"),
    (("settings", "objective", "kl_weight"), 0.1, "kl_weight (0.1 there, 0.0 here)")])
def test_other_work_is_not_compared(result, path, value, told):
    with pytest.raises(BenchError, match="it measured other work; different: ") as error:
        same_work(result, changed(result, *path, value=value), "old.json")
    assert told in str(error.value)


def test_a_setting_that_an_earlier_version_did_not_have_is_its_default(result):
    older = copy.deepcopy(result)
    del older["settings"]["model"]["backbone"]
    same_work(result, older, "old.json")


def test_other_machines_are_told(result):
    assert differences(result, result) == []
    other = changed(changed(result, "machine", "cores", value=8), "machine", "versions", value={"torch": "2.4"})
    assert differences(result, {**other, "quick": True}) == [
        "cores: 8 before, 2 now", "torch: 2.4 before, 2.13 now", "quick: True before, False now"]
