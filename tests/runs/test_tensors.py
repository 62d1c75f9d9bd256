"""Files of tensors: written with their sum, read back equal, refused when a byte differs or they are something else."""

import pickle

import numpy as np
import pytest
from safetensors.numpy import save

from minirearec.errors import RunError
from minirearec.runs.seal import Seal
from minirearec.runs.tensors import decode, encode

TENSORS = {"b": np.arange(6, dtype=np.float32).reshape(2, 3).T, "a": np.array([1, 2], np.int64),
           "none": np.zeros((0, 3))}


def test_tensors_and_facts_come_back(tmp_path):
    (tmp_path / "x").write_bytes(encode(TENSORS, {"epoch": 3, "list": [1.5]}))
    tensors, facts = decode(tmp_path / "x", Seal(), "")
    assert facts["epoch"] == 3 and facts["list"] == [1.5]
    assert tensors.keys() == TENSORS.keys() and all(np.array_equal(tensors[name], TENSORS[name]) for name in TENSORS)


def test_every_changed_byte_is_refused_or_without_effect(tmp_path):
    content, path = encode(TENSORS, {"epoch": 3}), tmp_path / "x"
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1:])
        try:
            tensors, facts = decode(path, Seal(), "")
        except RunError:
            continue
        assert facts["epoch"] == 3 and all(np.array_equal(tensors[name], TENSORS[name]) for name in TENSORS)


@pytest.mark.parametrize("content", [
    b"", b"x" * 7, pickle.dumps({"a": [1, 2]}), b"\xff" * 100, save({"a": np.zeros(2)}, {"epoch": "not JSON"}),
    save({"a": np.zeros(2)}, {"epoch": "[" * 100_000})])
def test_what_is_no_file_of_tensors_is_refused(content, tmp_path):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(RunError, match="not readable as safetensors"):
        decode(tmp_path / "x", Seal(), "")
