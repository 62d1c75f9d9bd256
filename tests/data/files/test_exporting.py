"""Exporting: every format that can hold the data gives them back."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data import load
from minirearec.data.files.exporting import EXPORTS, export
from minirearec.data.files.folder import save
from minirearec.data.files.importing import import_file
from minirearec.errors import ConfigError, DataError
from tests.data.files.examples import ALL, histories, put, same, small

letters = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))
texts = st.builds(lambda first, rest: (first + rest).strip(), st.sampled_from("aÉ\"'#0{雪"),
                  st.text(letters, max_size=7))
numbers = st.integers(1, 2**63 - 1).map(str)
times = st.floats(-1e15, 1e15, width=64) | st.integers(-10**12, 10**12)


@given(data=st.data(), ids=st.sampled_from([texts, numbers]), kind=st.sampled_from(EXPORTS), zipped=st.booleans())
def test_round_trip(tmp_path_factory, data, ids, kind, zipped):
    """import -> save -> load -> export -> import gives the same data, in every format that can hold them."""
    folder = tmp_path_factory.mktemp("round")
    users, items = (data.draw(st.lists(ids, min_size=1, max_size=4, unique=True)) for _ in "ui")
    timed = data.draw(st.booleans())
    rows = data.draw(st.lists(st.tuples(st.sampled_from(users), st.sampled_from(items)), min_size=1, max_size=20))
    row_times = data.draw(st.lists(times, min_size=len(rows), max_size=len(rows)))
    titles = {item: data.draw(texts) for item in items} if data.draw(st.booleans()) else {}
    objects = [{"user": user, "item": item, **({"time": time} if timed else {}),
                **({"title": titles[item]} if titles else {})}
               for (user, item), time in zip(rows, row_times, strict=True)]
    source = put(folder, "x.jsonl", "".join(json.dumps(row) + "\n" for row in objects))
    imported = import_file(source, filters=ALL)
    loaded = load(save(imported, folder / "saved"))
    assert same(imported, loaded)
    ending = ".gz" * (zipped and kind != "inter")
    target = folder / f"out{'.txt' if kind == 'text' else '.' + kind}{ending}"
    if kind == "text":
        if ids is not numbers:
            return
        again = import_file(export(loaded, target, kind), filters=ALL)
        assert histories(again) == histories(loaded)
        return
    again = import_file(export(loaded, target, kind), filters=ALL)
    assert same(loaded, again)


def test_text_format_needs_numbers(tmp_path):
    with pytest.raises(DataError, match="user ids are not whole numbers from 0 up"):
        export(small(tmp_path), tmp_path / "x.txt", "text")
    with pytest.raises(ConfigError, match="unknown format 'xml'"):
        export(small(tmp_path), tmp_path / "x.xml", "xml")


def test_nothing_is_written_over(tmp_path):
    data = small(tmp_path)
    for write in (lambda path: save(data, path), lambda path: export(data, path, "csv")):
        (tmp_path / "taken").write_text("mine")
        with pytest.raises(DataError, match="taken: there is something here already"):
            write(tmp_path / "taken")
        with pytest.raises(DataError, match="x.csv.*cannot be written|cannot be written"):
            write(tmp_path / "taken" / "below")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["taken", "x.csv"]
    assert (tmp_path / "taken").read_text() == "mine"


def test_a_failed_export_leaves_nothing(tmp_path, monkeypatch):
    data = small(tmp_path)

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("minirearec.data.files.exporting.csv.writer", full)
    with pytest.raises(DataError, match="No space left on device.*Choose a folder with free space"):
        export(data, tmp_path / "out.csv", "csv")
    assert [path.name for path in tmp_path.iterdir()] == ["x.csv"]


def test_a_compressed_atomic_file_keeps_its_titles_and_nothing_is_written_where_one_file_is_taken(tmp_path):
    data = replace(small(tmp_path), titles=np.array(["Ace", "Bolt", "Cat"], object))
    export(data, tmp_path / "x.inter.gz", "inter")
    assert import_file(tmp_path / "x.inter.gz", filters=ALL).titles.tolist() == ["Ace", "Bolt", "Cat"]
    (tmp_path / "y.item").write_text("taken")
    with pytest.raises(DataError, match="y.item"):
        export(data, tmp_path / "y.inter", "inter")
    assert not (tmp_path / "y.inter").exists()
    with pytest.raises(DataError, match="none/x.csv: cannot be written"):
        export(data, tmp_path / "none" / "x.csv", "csv")
