"""An exported model says what it is, and nothing of the machine it was trained on."""

import json

import pytest

from minirearec.errors import DataError, ExportError
from minirearec.export.facts import facts_of, items_of, writing
from minirearec.runs.opening import load_scorer


def test_facts_tell_the_data_the_method_and_the_answer(runs, titled):
    run = runs["erl"]
    facts = facts_of(run, load_scorer(run, backend="numpy"))
    assert (facts["method"], facts["answer"], facts["max_length"]) == ("erl", "mean of steps", 8)
    assert facts["settings"] == run.config.to_dict()
    assert facts["data"] == {"name": titled.name, "sha256": titled.sha256, "synthetic": True, "users": 200, "items": 80,
                             "interactions": titled.n_interactions}


def test_items_are_ids_and_titles(runs, titled):
    items = json.loads(items_of(runs["erl"]))
    assert items == {"ids": titled.item_ids.tolist(), "titles": titled.titles.tolist()}


def test_nothing_is_overwritten(tmp_path):
    with pytest.raises(DataError, match="there is something here already"), writing(tmp_path):
        pytest.fail("not reached")


def test_an_error_of_the_system_says_where(tmp_path):
    place = tmp_path / "a file" / "model.onnx"
    place.parent.write_text("")
    with pytest.raises(ExportError, match="a file.*cannot be written.*Choose a place"), writing(place) as path:
        path.parent.mkdir(exist_ok=True)
