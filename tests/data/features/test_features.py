"""Features: what is accepted as a matrix of vectors, and what never is."""

import pickle
import re

import numpy as np
import pytest

from minirearec.data.features.features import ROWS, Features, check, read_matrix, values_sha256
from minirearec.errors import DataError

GOOD = np.array([[1, 2], [0, 0], [3, -4.5]])


def test_what_features_say_of_themselves():
    features = Features(GOOD, "by hand")
    assert features.values.dtype == np.float32 and (features.values == GOOD).all()
    assert (features.width, features.missing, features.origin) == (2, 1, "by hand")
    some = features.take(np.array([2, 1]))
    assert some.values.tolist() == [[3, -4.5], [0, 0]] and some.missing == 1 and some.sha256 != features.sha256


@pytest.mark.parametrize("rows, alike", [([0, 2], 0), ([0, 2, 0, 0, 2], 5), ([0, 2, 2], 2), ([0, 1, 1], 0)])
def test_items_with_the_same_features_are_counted_and_those_without_are_not(rows, alike):
    assert Features(GOOD[rows], "by hand").alike == alike


@pytest.mark.parametrize("values, message", [
    (GOOD[:2], "has 2 rows for 3 items. A matrix of features has a row for each item"),
    (GOOD[0], "shape (2,), not a matrix of numbers"), (GOOD[:, :0], "shape (3, 0), not a matrix"),
    (GOOD.astype(str), "not a matrix of numbers"), (GOOD.astype(complex), "type complex128"),
    (np.where(GOOD == 3, np.nan, GOOD), "row 2 holds NaN"), (np.where(GOOD == 1, -np.inf, GOOD), "row 0 holds NaN"),
    (GOOD * 1e39, "row 0 holds NaN, infinity or a number too large for float32"),
    (GOOD * 0, "is zero everywhere. At least one item must have features"),
])
def test_unusable_values(values, message):
    with pytest.raises(DataError, match=f"^x.npy: .*{re.escape(message)}"):
        check(values, 3, "x.npy")


@pytest.mark.parametrize("kind", ["f2", "f8", ">f4", "i1", "u8"])
def test_numbers_of_every_kind_become_float32(kind):
    assert check(np.abs(GOOD).astype(kind), 3, "").dtype == np.float32


def test_the_sha256_is_that_of_values_and_shape():
    sha256 = values_sha256(GOOD.astype("f4"))
    assert sha256 == values_sha256(GOOD.astype(">f4")) == values_sha256(np.asfortranarray(GOOD, dtype="f4"))
    assert sha256 != values_sha256(GOOD.astype("f4").reshape(2, 3))
    assert sha256 != values_sha256((GOOD + np.eye(3, 2) * 1e-5).astype("f4"))


@pytest.mark.parametrize("content", [
    pickle.dumps([1, 2]), b"", b"PK\x03\x04" + bytes(100), b"\x93NUMPY\x01\x00",
    b"\x93NUMPY\x01\x00v\x00" + b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999, 999999)}".ljust(118)])
def test_a_file_that_is_no_array(tmp_path, content):
    path = tmp_path / "x.npy"
    path.write_bytes(content)
    with pytest.raises(DataError, match="x.npy: is not readable as an array of numbers"):
        read_matrix(path, ROWS)


def test_objects_in_an_array_are_never_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("it was unpickled",))

    np.save(tmp_path / "x.npy", np.array([Trap()], dtype=object))
    with pytest.raises(DataError, match="is not readable as an array of numbers"):
        read_matrix(tmp_path / "x.npy", ROWS)
    with pytest.raises(DataError, match="none.npy: no such file"):
        read_matrix(tmp_path / "none.npy", ROWS)
