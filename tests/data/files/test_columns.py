"""Columns: found by their usual names, or named."""

import re

import pytest

from minirearec.data.files.columns import Columns
from minirearec.data.files.importing import import_file
from minirearec.errors import ConfigError, DataError
from tests.data.files.examples import ALL, ROWS, csv_of, histories, put


def test_named_columns_and_files_without_names(tmp_path):
    path = put(tmp_path, "x.csv", csv_of(ROWS, names=("who", "what", "much", "when")))
    columns = Columns(user="who", item="what", rating="much", time="when")
    expected = histories(import_file(put(tmp_path, "y.csv", csv_of(ROWS)), filters=ALL))
    assert histories(import_file(path, columns=columns, filters=ALL)) == expected
    bare = put(tmp_path, "z.csv", csv_of(ROWS).split("\n", 1)[1])
    columns = Columns(header=("user", "item", "rating", "time"))
    assert histories(import_file(bare, columns=columns, filters=ALL)) == expected
    assert histories(import_file(path, columns=Columns(user="who", item="what"), filters=ALL))["u1"] == ["a", "c", "b"]


def find(*names, **wanted):
    return Columns(**wanted).find(list(names), "x.csv:1")


def test_usual_names_are_found_whatever_their_case_and_signs():
    assert find("Reviewer ID", "parent_asin", "overall", "unixTime", "Item-Title", "Price ($)", "store",
                "colour") == {
        "user": "Reviewer ID", "item": "parent_asin", "rating": "overall", "time": "unixTime", "title": "Item-Title",
        "price": "Price ($)", "brand": "store"}


def test_the_commonest_of_several_usual_names_is_taken():
    assert find("user", "user_id", "item")["user"] == "user_id"
    assert find("user_id", "asin", "parent_asin") == {"user": "user_id", "item": "parent_asin"}
    assert find("user", "item", "tags", "class", "genres")["categories"] == "genres"


def test_a_named_column_is_taken_and_a_dash_leaves_one_out():
    assert find("user", "user_id", "item", "rating", "genre", user="user", rating="-", categories="-") == {
        "user": "user", "item": "item"}
    assert find("who", "what", user="who", item="what") == {"user": "who", "item": "what"}


@pytest.mark.parametrize("names, wanted, message", [
    (["user", "user", "item"], {}, "x.csv:1: two columns are called 'user'"),
    (["user", "item"], {"rating": "stars"}, "x.csv:1: there is no column 'stars' for the rating. The columns are"),
    (["user_id", "userId", "item"], {}, "the user may be column 'user_id' or 'userId'"),
    (["user", "price"], {}, "no column looks like the item. The columns are 'user', 'price'"),
    (["user", "item"], {"user": "user", "title": "user"}, "one column cannot be two of user, item, title"),
    ([f"c{number}" for number in range(20)], {}, "'c11' ..."),
])
def test_columns_that_do_not_fit(names, wanted, message):
    with pytest.raises(DataError, match=re.escape(message)):
        find(*names, **wanted)


def test_user_and_item_are_needed():
    with pytest.raises(ConfigError, match="--item-column: the item column cannot be left out"):
        find("user", "item", item="-")
