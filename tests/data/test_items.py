"""Item ids and their indices: numbers or texts, in the order given, and unknown ones named."""

import numpy as np
import pytest

from minirearec.data.items import Items, as_id
from minirearec.errors import HistoryError

NUMBERS = Items("beauty", np.array([3, 7, 20]))
TEXTS = Items("films", np.array(["B00A", "B00B", "b00a"]), np.array(["One", "Two", "Three"]))


def test_indices_keep_order_and_repeats():
    found = NUMBERS.indices([20, 3, 20])
    assert found.tolist() == [2, 0, 2] and found.dtype == np.int32


def test_ids_may_be_texts_which_differ_in_case():
    assert TEXTS.indices(["b00a", "B00A"]).tolist() == [2, 0]
    assert TEXTS.titles[TEXTS.indices(["b00a"])].tolist() == ["Three"]


def test_an_id_may_be_a_number_or_its_text():
    assert NUMBERS.indices(["7", 3, np.int64(20)]).tolist() == [1, 0, 2]
    assert as_id(7, TEXTS.ids) == as_id(np.int32(7), TEXTS.ids) == "7" and as_id("7", TEXTS.ids) == "7"


def test_any_iterable_is_a_history():
    assert NUMBERS.indices(np.array([7, 3])).tolist() == [1, 0]
    assert NUMBERS.indices(item for item in (7, 3)).tolist() == [1, 0]


@pytest.mark.parametrize("history, message", [
    ([], "history for data set beauty: the history is empty. Give at least one item id."),
    ([4], "unknown item id 4. The 3 item ids lie between 3 and 20.$"),
    ([3, 4, 5], "unknown item ids 4, 5. "),
    (range(100, 108), "unknown item ids 100, 101, 102, 103, 104 and 3 more. "),
    ([0], "unknown item id 0. .* 0 is the padding id, not an item.$"),
    (["8"], "unknown item id 8. "), (["x"], "unknown item id x. "), ([True], "unknown item id True. ")])
def test_what_cannot_be_found_is_named(history, message):
    with pytest.raises(HistoryError, match=message):
        NUMBERS.indices(history)


@pytest.mark.parametrize("history, message", [
    ("12", "expected a list of item ids, got '12'"), (5, "expected a list of item ids, got 5"),
    ([[3, 7]], "expected item ids, got .*3, 7.* among them"), ([{3}], r"expected item ids, got \{3\} among them")])
def test_what_is_no_list_of_ids_is_refused(history, message):
    with pytest.raises(HistoryError, match=message):
        NUMBERS.indices(history)
