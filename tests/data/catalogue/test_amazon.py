"""The Amazon 2023 recipe: every filter shown by a row that it drops, in files of the published format."""

import pytest

from minirearec.data.catalogue.amazon import Limits, amazon_2023, read_item_titles
from minirearec.data.catalogue.recipes import counts
from minirearec.data.sequences import SplitKind
from minirearec.errors import DataError
from tests.data.catalogue.amazon_files import KEPT, TEST, TITLES, TRAIN, VALID, rows, write_amazon


def amazon(folder, limits=Limits(), **content):
    files = write_amazon(folder, **content)
    return amazon_2023(files, read_item_titles(files["titles"]), limits)


def test_amazon_keeps_these_rows(tmp_path):
    data = amazon(tmp_path)
    assert rows(data) == KEPT
    assert data.user_ids.tolist() == ["U1", "U2", "U3", "U6"]
    assert dict(zip(data.item_ids, data.titles, strict=True)) == {item: TITLES[item] for item in "ABCDEFG"}
    assert counts(data, as_rows=True) == {"users": 4, "items": 7, "interactions": 8, "rows to train": 5,
                                          "rows to validate": 1, "rows to test": 2}


@pytest.mark.parametrize("filtered_by, change, part, kept", [
    ("rating, train", {"train": TRAIN.replace("U1,D,3.0", "U1,D,3.5")}, "train", ("U1", "ABC", "D")),
    ("title of the target", {"titles": {**TITLES, "Z": "Zed"}}, "train", ("U2", "BA", "Z")),
    ("title of the history", {"titles": {**TITLES, "Z": "Zed"}}, "train", ("U2", "BAZ", "C")),
    ("no history, train", {"train": TRAIN + "U7,A,5.0,1,\nU7,H,5.0,2,A\n"}, "train", ("U7", "A", "H")),
    ("rating, valid", {"valid": VALID.replace("U1,B,3.0", "U1,B,4.0")}, "valid", ("U1", "ABCDEG", "B")),
    ("target not in train", {"train": TRAIN + "U8,A,5.0,1,H\n"}, "valid", ("U1", "ABCDEGB", "H")),
    ("history not in train", {"train": TRAIN + "U8,A,5.0,1,Z\n", "titles": {**TITLES, "Z": ""}}, "valid",
     ("U2", "BAZCA", "D")),
    ("history not in train, test", {"train": TRAIN + "U8,A,5.0,1,H\n"}, "test", ("U1", "ABCDEGBH", "F")),
    ("rating, test", {"test": TEST.replace("U3,D,3.0", "U3,D,5.0")}, "test", ("U3", "FGABCE", "D")),
])
def test_amazon_filters(tmp_path, filtered_by, change, part, kept):
    """Each row was dropped for one reason: without the reason it is kept."""
    assert kept not in KEPT[part] and kept in rows(amazon(tmp_path, **change))[part]


def test_an_item_without_metadata_has_no_title(tmp_path):
    train = TRAIN + "U9,X,5.0,9,A\n"
    assert rows(amazon(tmp_path, train=train)) == KEPT
    assert ("U9", "A", "X") in rows(amazon(tmp_path, train=train, titles={**TITLES, "X": "Ex"}))["train"]


@pytest.mark.parametrize("limits, part, kept", [
    (Limits(2, 1), "valid", [("U1", "ABCDE", "G"), ("U3", "FG", "A")]),
    (Limits(5, 1), "valid", [("U1", "ABCDE", "G")]),
    (Limits(2, 2), "train", [("U1", "AB", "C"), ("U1", "ABCD", "E")]), (Limits(5, 4), "train", [("U1", "ABCD", "E")])])
def test_amazon_histories_have_a_least_length(tmp_path, limits, part, kept):
    train = TRAIN if limits.min_train_history == 1 else TRAIN + "U9,F,5.0,9,A B C D E G\n"
    extra = [] if limits.min_train_history == 1 or part == "valid" else [("U9", "ABCDEG", "F")]
    assert rows(amazon(tmp_path, limits, train=train))[part] == kept + extra


@pytest.mark.parametrize("change, message", [
    ({"valid": VALID + "U1,G,5.0,1011,B A C D E\n"},
     r"valid.csv.gz:8: the history of user U1 does not continue an earlier row"),
    ({"valid": VALID + "U1,G,many,1011,B\n"}, r"valid.csv.gz:8: the rating 'many' is not a number"),
    ({"valid": VALID + "U1,G\n"}, r"valid.csv.gz:8: 2 values in 5 columns"),
    ({"test": ""}, r"test.csv.gz: has no rows"),
    ({"test": "U3,D,3.0,1021,F G A B C E\n"}, "no rows are left to test on"),
])
def test_amazon_files_that_do_not_fit(tmp_path, change, message):
    with pytest.raises(DataError, match=message):
        amazon(tmp_path, **change)


def test_an_amazon_file_without_history_is_recognised(tmp_path):
    files = write_amazon(tmp_path)
    files["train"] = tmp_path / "x.csv"
    files["train"].write_text("user_id,parent_asin,rating,timestamp\nU,A,5.0,1\n")
    with pytest.raises(DataError, match="x.csv:1: no column 'history'.*Expected a published file"):
        amazon_2023(files, {})


def test_the_split_promises_known_items(tmp_path):
    given = amazon(tmp_path).given
    assert given.kind is SplitKind.IN_TIME and given.known_items
