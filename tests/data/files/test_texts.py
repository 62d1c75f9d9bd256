"""Texts of items: how values become text, and where they come from."""

import json

import numpy as np
import pytest

from minirearec.data.files.columns import Columns
from minirearec.data.files.importing import import_file
from minirearec.data.files.texts import Texts, labels_of, text_of
from minirearec.errors import ConfigError, DataError
from tests.data.files.examples import ALL, csv_of, put, texts_of

DEEP = json.loads("[" * 900 + '"x"' + "]" * 900)


@pytest.mark.parametrize("role, value, text", [
    ("brand", " Red  Ace\n", "Red Ace"), ("brand", None, ""), ("price", 9.5, "9.5"), ("brand", "a|b, c", "a|b, c"),
    ("description", ["One.", ["Two."], None], "One. Two."), ("title", DEEP, "x"), ("categories", DEEP, "x"),
    ("categories", "a|b, c| |a", "a|b, c"), ("categories", "a, b c", "a|b c"), ("categories", "b c", "b c"),
    ("categories", ["a|b", "c, d", ["e"]], "a/b|c, d|e"), ("attributes", [3, 4], "3|4"), ("categories", "", ""),
    ("attributes", {"a": "b", "c": None, "d": [1], "e": {"f": True}}, "a=b|1|f=True"),
])
def test_values_become_one_line(role, value, text):
    assert text_of(role, value) == text


def test_labels_of_atomic_files_are_separated_by_spaces():
    assert text_of("categories", "Animation Children's", by_spaces=True) == "Animation|Children's"
    assert text_of("categories", "Games, PC games", by_spaces=True) == "Games|PC games"
    assert text_of("brand", "Red Ace", by_spaces=True) == "Red Ace"
    assert labels_of("Animation|Children's") == ["Animation", "Children's"] and labels_of("") == []


def test_the_first_text_of_an_item_counts():
    texts = Texts()
    for item, value in ((1, ""), (1, "Ace"), (1, "Bolt"), (0, None)):
        texts.add("brand", item, value, "x:1")
    assert {role: column.tolist() for role, column in texts.arrays([1, 0, 7]).items()} == {"brand": ["Ace", "", ""]}
    assert Texts().arrays([0]) == {}
    with pytest.raises(DataError, match="x:7: the brand 'a.x00b' holds a character that is not text"):
        texts.add("brand", 2, "a\x00b", "x:7")


ROWS = [("u", "b", "Bee", "Ace", "x|y", "5"), ("u", "a", "", "", "y", ""), ("v", "b", "other", "Bolt", "", "")]
NAMES = ("user", "item", "title", "Brand", "genres", "Price")


def test_columns_of_an_interaction_table(tmp_path):
    path = put(tmp_path, "x.csv", csv_of(ROWS, names=NAMES))
    data = import_file(path, filters=ALL)
    assert texts_of(data) == {"brand": ["", "Ace"], "categories": ["y", "x|y"], "price": ["", "5"]}
    named = import_file(path, filters=ALL, columns=Columns(description="Brand", brand="-", price="-", title="-"))
    assert named.titles is None
    assert texts_of(named) == {"categories": ["y", "x|y"], "description": ["", "Ace"]}


def test_a_table_of_items(tmp_path):
    path = put(tmp_path, "y.inter", "user_id:token\titem_id:token\n1\tb\n1\ta\n1\tc\n")
    put(tmp_path, "y.item", "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        "a\tAlpha\t1990\tDrama Children's\nz\tnone\t1\tx\nb\tBeta\t\t\n")
    data = import_file(path, filters=ALL)
    assert data.titles.tolist() == ["Alpha", "Beta", ""]
    assert texts_of(data) == {"categories": ["Drama|Children's", "", ""], "year": ["1990", "", ""]}
    items = put(tmp_path, "items.jsonl", '{"asin": "b", "category": ["x", "y"], "brand": "Ace"}\n')
    data = import_file(path, filters=ALL, items_file=items, columns=Columns(brand="-"))
    assert texts_of(data) == {"categories": ["", "x|y", ""]} and data.titles is None
    with pytest.raises(DataError, match="items.csv:1: no column looks like the title"):
        import_file(path, filters=ALL, items_file=put(tmp_path, "items.csv", "item,colour\na,red\n"))


def test_items_that_are_filtered_out_take_their_texts_with_them(tmp_path):
    rows = [("u", item, 5, item.upper()) for item in "abcd"] + [("v", "c", 1, "")]
    data = import_file(put(tmp_path, "x.csv", csv_of(rows, names=("user", "item", "rating", "brand"))))
    assert texts_of(data) == {"brand": ["A", "B", "C", "D"]}
    kept = data.texts["brand"][np.array([data.item_ids.tolist().index("c")])]
    assert kept.tolist() == ["C"]


def test_either_table_may_have_the_named_columns(tmp_path):
    path = put(tmp_path, "x.csv", csv_of([("u", item, "Ace") for item in "abc"], names=("user", "item", "maker")))
    items = put(tmp_path, "items.csv", "sku,heading\na,Alpha\nb,Beta\n")
    columns = Columns(key="sku", title="heading", brand="maker")
    data = import_file(path, filters=ALL, items_file=items, columns=columns)
    assert data.titles.tolist() == ["Alpha", "Beta", ""] and texts_of(data) == {"brand": ["Ace"] * 3}
    with pytest.raises(DataError, match="x.csv:1: there is no column 'nothing' for the title"):
        import_file(path, filters=ALL, items_file=items, columns=Columns(key="sku", title="nothing"))


def test_items_may_be_in_columns_of_different_names(tmp_path):
    path = put(tmp_path, "x.csv", csv_of([("u", item) for item in "abc"], names=("user", "sku")))
    for name, columns in (("sku", Columns(item="sku")), ("id", Columns(item="sku")), ("item", Columns(item="sku")),
                          ("code", Columns(item="sku", key="code"))):
        items = put(tmp_path, "items.csv", f"{name},title\na,Alpha\nb,Beta\n")
        data = import_file(path, filters=ALL, items_file=items, columns=columns)
        assert data.titles.tolist() == ["Alpha", "Beta", ""]
    for columns, message in ((Columns(item="sku"), "no column looks like the item.*'code'.*with --items-column"),
                             (Columns(item="sku", key="x"), "items.csv:1: there is no column 'x' for the item")):
        with pytest.raises(DataError, match=message):
            import_file(path, filters=ALL, items_file=items, columns=columns)
    with pytest.raises(ConfigError, match="--items-column: there is no table of items"):
        import_file(path, filters=ALL, columns=Columns(item="sku", key="code"))


def test_a_text_file_takes_texts_from_a_table_of_items_and_has_no_columns(tmp_path):
    path = put(tmp_path, "x.txt", "1 5 7 5\n2 7 9 5\n")
    items = put(tmp_path, "items.csv", "item,title,genre\n9,Nine,x\n5,Five,\n")
    data = import_file(path, filters=ALL, items_file=items)
    assert data.titles.tolist() == ["Five", "", "Nine"] and texts_of(data) == {"categories": ["", "", "x"]}
    assert import_file(path, filters=ALL, items_file=items, columns=Columns(title="genre")).titles[2] == "x"
    for columns, option in ((Columns(user="who"), "--user-column"), (Columns(header=("a", "b")), "--columns"),
                            (Columns(title="genre"), "--title-column")):
        with pytest.raises(ConfigError, match=f"{option}: a text file has no columns"):
            import_file(path, filters=ALL, columns=columns)


def test_objects_of_items_may_lack_what_others_have(tmp_path):
    path = put(tmp_path, "x.csv", csv_of([("u", item) for item in "abc"], names=("user", "item")))
    items = put(tmp_path, "items.jsonl", '{"item": "a", "title": "A"}\n{"item": "b", "brand": "Ace", "title": "B"}\n')
    data = import_file(path, filters=ALL, items_file=items)
    assert data.titles.tolist() == ["A", "B", ""] and texts_of(data) == {"brand": ["", "Ace", ""]}


def test_a_long_text_is_read_from_either_table(tmp_path):
    """Both are open at once, and the limit on a field is one of the whole process."""
    path = put(tmp_path, "x.csv", csv_of([("u", item) for item in "abc"], names=("user", "item")))
    rows = [("a", "A", "a"), *((f"x{number}", "X", "x") for number in range(9)), ("b", "B", "word " * 40_000)]
    items = put(tmp_path, "items.csv", csv_of(rows, names=("item", "title", "description")))
    data = import_file(path, filters=ALL, items_file=items)
    assert list(map(len, texts_of(data)["description"])) == [1, 199_999, 0]


@pytest.mark.parametrize("name", ["items.txt", "items", "items.txt.gz"])
def test_a_table_of_items_needs_a_name_that_says_its_format(name, tmp_path):
    path = put(tmp_path, "x.csv", csv_of([("u", item) for item in "abc"], names=("user", "item")))
    with pytest.raises(DataError, match=f"{name}: the name does not say .* ends in .item, .csv, .tsv or .jsonl"):
        import_file(path, filters=ALL, items_file=put(tmp_path, name, "item,title\na,A\n"))


def test_a_table_of_other_items_is_refused(tmp_path):
    path = put(tmp_path, "x.csv", csv_of([("u", item) for item in "abc"], names=("user", "item")))
    with pytest.raises(DataError, match="items.csv: has none of the items of the interactions.*such as 'a'"):
        import_file(path, filters=ALL, items_file=put(tmp_path, "items.csv", "item,title\nx1,Alpha\n"))


def test_only_sequences_of_atomic_files_are_cut_at_spaces(tmp_path):
    put(tmp_path, "y.inter.gz", "user_id:token\titem_id:token\n1\ta\n1\tb\n1\tc\n")
    put(tmp_path, "y.item.gz", "item_id:token\tgenre:token\nb\tScience Fiction\n")
    assert texts_of(import_file(tmp_path / "y.inter.gz", filters=ALL)) == {"categories": ["", "Science Fiction", ""]}
