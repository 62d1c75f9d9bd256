"""Attributes from a JSON file: by item id, and one message for every other form."""

import os

import pytest

from minirearec.data.features.attribute_file import read_attributes
from minirearec.errors import DataError
from tests.data.features.films import films
from tests.data.files.examples import put


def test_attributes_in_the_order_of_the_items(tmp_path):
    path = put(tmp_path, "x.json", '{"2": [5, 5, 7], "1": ["a"], "99": [1], "10": []}')
    assert read_attributes(path, films()) == [["a"], ["5", "7"], *[[]] * 8]


@pytest.mark.parametrize("content, message", [
    ("", "not JSON"), ("[" * 100_000, "not JSON"), (b"\xff", "not JSON"), ("[1]", "a JSON list, not an object"),
    ('{"1": 5}', "item '1' has no list of texts or whole numbers"), ('{"1": [1.5]}', "item '1' has no list"),
    ('{"1": ["a"], "2": ["b"], "1": ["c"]}', "item '1' occurs twice. Put all its attributes into one list"),
    ('{"1": [[1]]}', "item '1' has no list"), ('{"77": [1]}', "has no attributes for any of the 10 items"),
    ('{"1": []}', "has no attributes for any of the 10 items. Its keys must be the item ids of data set films"),
])
def test_other_files(tmp_path, content, message):
    with pytest.raises(DataError, match=f"x.json: {message}"):
        read_attributes(put(tmp_path, "x.json", content), films())


def test_no_file(tmp_path):
    with pytest.raises(DataError, match="none.json: no such file"):
        read_attributes(tmp_path / "none.json", films())
    with pytest.raises(DataError, match="cannot be read"):
        read_attributes(tmp_path, films())
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(DataError, match="pipe.json: cannot be read"):
        read_attributes(tmp_path / "pipe.json", films())
