"""A file of a run knows its run, its settings and its content; anything else is refused."""

import numpy as np
import pytest

from minirearec.errors import RunError
from minirearec.runs.seal import Seal, json_sha256, tensors_sha256

SEAL = Seal("our id", "sum of config.toml")
CONTENT = {"ndcg": 0.5, **SEAL.facts()}


@pytest.mark.parametrize("change, message", [
    ({}, None), ({"ndcg": 0.6}, "is damaged"), ({"more": 1}, "is damaged"), ({"sha256": "1" * 64}, "is damaged"),
    ({"sha256": None}, "is damaged"), ({"run": "another id"}, "belongs to another run"),
    ({"run": None}, "belongs to another run"), ({"config": "other sum"}, "config.toml was changed after this file")])
def test_a_sealed_file_is_checked(change, message):
    content = {**CONTENT, **change}
    if not {"sha256", "ndcg", "more"} & set(change):
        content["sha256"] = json_sha256(content)
    content = {"sha256": json_sha256(CONTENT), **content}
    if message is None:
        SEAL.check(content, json_sha256(content), "file", "")
    else:
        with pytest.raises(RunError, match=message):
            SEAL.check(content, json_sha256(content), "file", "Do this.")


def test_runs_of_an_earlier_version_have_no_seal_but_files_of_newer_runs_are_not_theirs():
    Seal().check({"ndcg": 0.5}, "any", "file", "")
    sealed = {**CONTENT, "sha256": json_sha256(CONTENT)}
    with pytest.raises(RunError, match="belongs to another run"):
        Seal().check(sealed, json_sha256(sealed), "file", "")


def test_the_sum_of_tensors_covers_everything_but_memory_layout():
    a = np.arange(6, dtype=np.float32).reshape(2, 3)
    expected = tensors_sha256({"a": a, "b": a}, {"epoch": 1})
    assert expected == tensors_sha256({"b": np.asfortranarray(a), "a": a.copy()}, {"epoch": 1, "sha256": "x"})
    others = [({"a": a}, {"epoch": 1}), ({"a": a, "b": a}, {"epoch": 2}), ({"a": a, "c": a}, {"epoch": 1}),
              ({"a": a, "b": a.reshape(3, 2)}, {"epoch": 1}), ({"a": a, "b": a.view(np.int32)}, {"epoch": 1}),
              ({"a": a, "b": a + 1}, {"epoch": 1})]
    assert len({expected, *(tensors_sha256(*other) for other in others)}) == 1 + len(others)
