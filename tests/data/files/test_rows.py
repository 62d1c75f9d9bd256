"""The rows of tables: their names, their values and the lines that messages name; see also test_tables."""

from pathlib import Path

import pytest

from minirearec.data.files.rows import Place, id_text, kind_of, open_rows
from minirearec.errors import DataError
from tests.data.files.examples import put


@pytest.mark.parametrize("name, content, names, values", [
    ("x.csv", 'a,"b c"\n1,"2,3"\n\n', ["a", "b c"], [(2, ["1", "2,3"])]),
    ("x.tsv", "a\tb\n1\t\n", ["a", "b"], [(2, ["1", ""])]),
    ("x.inter", 'a:token\tb:float_seq\n"1\t2 3\n', ["a", "b"], [(2, ['"1', "2 3"])]),
    ("x.jsonl", '{"a": 1, "b": [2]}\n{"b": null, "c": 3}\n', ["a", "b", "c"],
     [(1, [1, [2], None]), (2, [None, None, 3])]),
])
def test_names_and_rows(tmp_path, name, content, names, values):
    path = put(tmp_path, name, content)
    found, rows = open_rows(path, kind_of(path))
    assert found == names and list(rows) == values


def test_a_file_without_names(tmp_path):
    names, rows = open_rows(put(tmp_path, "x.csv", "1,2\n3\n"), "csv", ("a", "b"))
    assert names == ["a", "b"] and next(rows) == (1, ["1", "2"])
    with pytest.raises(DataError, match="x.csv:2: 1 values in 2 columns"):
        next(rows)


@pytest.mark.parametrize("name, kind", [
    ("x.CSV", "csv"), ("x.tsv.gz", "tsv"), ("x.json", "jsonl"), ("x.inter", "inter"),
    ("x.TXT", "text"), ("x.y.txt.GZ", "text")])
def test_the_name_says_the_format(name, kind):
    assert kind_of(Path(name)) == kind


@pytest.mark.parametrize("name", ["x", "x.item", "x.gz", "csv"])
def test_other_names_say_none(name):
    with pytest.raises(DataError, match=f"^{name}: the name does not say which format"):
        kind_of(Path(name))


def test_ids_are_texts_and_whole_numbers():
    assert [id_text(value) for value in ("a", 5, 5.0, True, 1.5, 1e300, float("nan"), None, ["a"])] == [
        "a", "5", "5", "", "", "", "", "", ""]
    assert str(Place(Path("x.csv"), 7)) == "x.csv:7"
