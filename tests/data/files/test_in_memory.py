"""Lists of histories and data frames as data sets: the same content as the same rows in a file."""

from datetime import UTC, datetime

import numpy as np
import pytest

from minirearec.data import load
from minirearec.data.files.importing import import_file
from minirearec.errors import DataError

ROWS = [(user, item, (user * 7 + item * 3) % 11) for user in range(4) for item in range(user, user + 4)]


def test_lists_become_histories_of_numbered_users():
    data = load([[5, 7, 9, 5], np.array([7, 5, 11])])
    assert len(data) == 2 and data.user_ids.tolist() == [1, 2] and data.item_ids.tolist() == [5, 7, 9, 11]
    assert data.item_ids[data.history(0)].tolist() == [5, 7, 9, 5]
    assert data.item_ids[data.history(data.user_index("2"))].tolist() == [7, 5, 11], "an id may be a number or text"
    text = load([["b", "a", "c"]])
    assert text.item_ids[text.history(0)].tolist() == ["b", "a", "c"] and not text.synthetic


@pytest.mark.parametrize("histories, message", [
    ([], "there are no histories"), ([[1, 2, 3], [1, 2]], "history 2: 2 items, fewer than 3"),
    ([[1, 2.5, 3]], "history 1: "), ([[1, None, 3]], "history 1: "), ([[True, 1, 2]], "history 1: "),
    ([1, 2, 3], "history 1: '1' is not a list"), ([[1, 2, 3], None], "history 2: 'None' is not a list"),
    ([["a", "b", "c"], "abc"], "history 2: 'abc' is not a list of item ids")])
def test_lists_that_are_no_histories_are_refused(histories, message):
    with pytest.raises(DataError, match=message):
        load(histories)


class Column(list):
    """A column of a frame."""

    def to_list(self):
        return list(self)


class Frame(dict):
    """What pandas and polars have in common."""

    @property
    def columns(self):
        return list(self)


def frame(kind, times):
    columns = {"user_id": [f"u{row[0]}" for row in ROWS], "item": [row[1] for row in ROWS], "purchased_at": times,
               "title": [f"Item {row[1]}" for row in ROWS]}
    if kind == "plain":
        return Frame({name: Column(values) for name, values in columns.items()})
    return pytest.importorskip(kind, reason=f"{kind} is not installed; miniReaRec does not need it").DataFrame(columns)


@pytest.mark.parametrize("kind", ["plain", "pandas", "polars"])
@pytest.mark.parametrize("as_dates", [False, True])
def test_a_frame_is_what_its_file_would_be(kind, as_dates, tmp_path):
    seconds = [float(row[2]) for row in ROWS]
    found = load(frame(kind, [datetime.fromtimestamp(one, UTC) for one in seconds] if as_dates else seconds))
    path = tmp_path / "shop.csv"
    path.write_text("user_id,item,purchased_at,title\n" + "".join(
        f"u{user},{item},{time},Item {item}\n" for user, item, time in ROWS))
    assert found.sha256 == import_file(path).sha256
    assert found.titles is not None and found.titles.tolist() == [f"Item {item}" for item in found.item_ids]


def changed(kind, **columns):
    """Return a frame of three rows of one user, with other columns."""
    values = {"user": ["u"] * 3, "item": [1, 2, 3], "time": [1, 2, 3], **columns}
    return pytest.importorskip(kind).DataFrame(values)


def test_what_pandas_makes_of_columns():
    pandas = pytest.importorskip("pandas", reason="pandas is not installed; miniReaRec does not need it")
    plain = load(changed("pandas"))
    for kinds in ({"user": "category", "item": "category"}, {"item": "float64"}, {"item": "Int64", "time": "Int64"},
                  {"user": "string", "time": "float32"}, {"item": "uint8"}):
        assert load(changed("pandas").astype(kinds)).sha256 == plain.sha256, kinds
    dates = pandas.to_datetime(pandas.Series([1, 2, 3]), unit="s")
    for times in (dates, dates.dt.tz_localize("UTC"), dates.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")):
        assert load(changed("pandas").assign(time=times)).sha256 == plain.sha256
    titles = load(changed("pandas", title=["x", pandas.NA, float("nan")])).titles
    assert titles is not None and titles.tolist() == ["x", "", ""]


def test_what_polars_makes_of_columns():
    polars = pytest.importorskip("polars", reason="polars is not installed; miniReaRec does not need it")
    frame, plain = changed("polars"), load(changed("polars"))
    for columns in ({"user": frame["user"].cast(polars.Categorical)}, {"item": frame["item"].cast(polars.Float64)},
                    {"time": polars.from_epoch(frame["time"])}, {"time": (frame["time"] * 1000).cast(
                        polars.Datetime("ms"))}):
        assert load(frame.with_columns(**columns)).sha256 == plain.sha256, columns
    assert load(frame.lazy()).sha256 == plain.sha256


@pytest.mark.parametrize("change, message", [
    (lambda frame: frame.set_index("user"), "no column looks like the user.*reset their index"),
    (lambda frame: frame.assign(item=[1, None, 3]), "data frame:2: the item id is missing.*drop rows"),
    (lambda frame: frame.assign(rating=[1, float("nan"), 3]), "data frame:2: the rating .*drop rows"),
    (lambda frame: frame[["user", "item", "item", "time"]], "has the column 'item' twice"),
    (lambda frame: frame["item"], "a Series is no data set.*a frame of pandas"),
    (lambda frame: frame.to_numpy(), "a ndarray is no data set"), (dict, "a dict is no data set")])
def test_frames_that_are_no_interactions_are_refused_with_advice_for_frames(change, message):
    pytest.importorskip("pandas", reason="pandas is not installed; miniReaRec does not need it")
    with pytest.raises(DataError, match=message) as refused:
        load(change(changed("pandas")))
    assert " --" not in str(refused.value)


def test_a_frame_without_a_time_warns_and_one_with_holes_is_refused():
    with pytest.warns(UserWarning, match="the order of its rows is taken as the order of events"):
        data = load(Frame(user=Column([1, 1, 1]), item=Column([3, 2, 1])))
    assert data.item_ids[data.history(0)].tolist() == [3, 2, 1]
    with pytest.raises(DataError, match="data frame:2: "):
        load(Frame(user=Column([1, 1, 1]), item=Column([3, None, 1]), time=Column([1, 2, 3])))
    with pytest.raises(DataError, match="Users need at least 3 rows"):
        load(Frame(user=Column([1, 2, 3]), item=Column([3, 2, 1]), time=Column([1, 2, 3])))
