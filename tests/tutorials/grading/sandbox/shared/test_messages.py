"""Values arrive as they were sent; what is not plain data is refused on both sides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from minirearec_tutorials.grading.sandbox.shared import messages
from minirearec_tutorials.grading.sandbox.shared.calls import same

ROOM = 1_000_000
dtypes = st.sampled_from([np.dtype(name) for name in messages.DTYPES] + [np.dtype(">f8"), np.dtype(">i2")])
plain = (st.none() | st.booleans() | st.integers() | st.floats() | st.text()
         | dtypes.flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=0, min_side=0, max_side=3))))
trees = st.recursive(plain, lambda part: st.lists(part, max_size=3) | st.tuples(part, part)
                     | st.dictionaries(st.text(), part, max_size=3), max_leaves=6)


def kinds(value):
    """Replace every array in a value by its dtype, without the order of bytes and the memory layout."""
    if isinstance(value, np.ndarray):
        return value.dtype.newbyteorder("=")
    if isinstance(value, dict):
        return {key: kinds(part) for key, part in value.items()}
    return type(value)(map(kinds, value)) if isinstance(value, list | tuple) else type(value)


@given(trees)
def test_values_arrive_as_they_were_sent(value):
    line = messages.to_line({"value": messages.encode(value, ROOM)}, ROOM)
    arrived = messages.decode(messages.from_line(line)["value"])
    assert same(value, arrived) and kinds(value) == kinds(arrived)


@pytest.mark.parametrize("value, expected", [
    (np.float64(0.5), 0.5), (np.float32(0.5), 0.5), (np.int64(7), 7), (np.bool_(True), True)])
def test_numpy_scalars_arrive_as_numbers(value, expected):
    arrived = messages.decode(messages.encode(value, ROOM))
    assert arrived == expected and type(arrived) is type(expected)


def endless():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize("value, says", [
    (object(), "an object"), (np.array([object()]), "dtype object"), (np.array([1j]), "dtype complex128"),
    (np.ma.masked_array([1.0]), "a MaskedArray"), ({1: 2}, "keys are not all texts"), ({1, 2}, "a set"),
    (endless(), "contains itself"), (np.zeros(ROOM), "shape [1000000]"), (len, "builtin_function"), (1j, "a complex"),
    (np.array(["a"]), "dtype <U1"), ((part for part in ()), "a generator")])
def test_what_is_no_plain_data_is_refused(value, says):
    with pytest.raises(messages.Refused) as refused:
        messages.encode(value, ROOM)
    assert says in str(refused.value)


@pytest.mark.parametrize("tree", [
    {"array": {"dtype": "|O", "shape": [1], "data": "AAAAAAAAAAA="}},
    {"array": {"dtype": "<f8", "shape": [2], "data": "AAAAAAAAAAA="}},
    {"array": {"dtype": "<f8", "shape": [-1], "data": "AAAAAAAAAAA="}},
    {"array": {"dtype": "<f8", "shape": [0, 10 ** 30], "data": ""}},
    {"array": {"dtype": "<f8", "shape": [True], "data": "AAAAAAAAAAA="}},
    {"array": {"dtype": "|b1", "shape": [1], "data": "Ag=="}},
    {"array": {"dtype": "<f8", "shape": [1], "data": "!"}},
    {"array": {"dtype": ["<f8"], "shape": [1], "data": "AAAAAAAAAAA="}},
    {"array": {"shape": [1]}}, {"array": [1]}, {"tuple": 3}, {"dict": []}, {"pickle": "gASVAAAA"}, {},
    {"a": 1, "b": 2}])
def test_forged_values_are_refused(tree):
    with pytest.raises(ValueError):
        messages.decode(tree)


JSON_LETTERS = '[]{}",:0123456789eE-.\\uatrfn'


@given(st.binary(max_size=200) | st.text(alphabet=JSON_LETTERS, max_size=60).map(str.encode))
def test_garbage_is_no_message(garbage):
    try:
        message = messages.from_line(garbage + b"\n")
    except ValueError:
        return
    assert isinstance(message, dict)


@pytest.mark.parametrize("line", [b"", b"{}", b"[" * 100_000 + b"\n", b"[1" + b",1" * 300_000 + b"]\n", b"[]\n",
                                  b"9" * 5000 + b"\n"])
def test_lines_that_are_cut_off_or_absurd_are_no_messages(line):
    with pytest.raises(ValueError):
        messages.from_line(line)
