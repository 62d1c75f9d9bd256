"""What a page holds of a run: every array of its model, a plane of the items, and users of the test part."""

import base64
from dataclasses import replace

import numpy as np
import pytest

from minirearec.data.splits import make_split
from minirearec.errors import ExportError
from minirearec.export import in_page
from minirearec.export.as_numpy import counted, served_weights
from minirearec.export.in_page import check_together, examples_of, map_of, model_in_page, packed
from minirearec.runs.opening import load_scorer


def unpacked(array: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(array["data"]), np.dtype(array["dtype"]).newbyteorder("<"))


@pytest.mark.parametrize("method", ["base", "erl", "gate", "counts"])
def test_the_arrays_are_those_of_the_model(method, runs):
    scorer, made = load_scorer(runs[method], backend="numpy"), model_in_page(runs[method])
    expected = counted(scorer) if method == "counts" else served_weights(runs[method], scorer)
    assert made["arrays"].keys() == expected.keys() and made["answer"] == scorer.answer.name
    for name, value in expected.items():
        np.testing.assert_allclose(unpacked(made["arrays"][name]), value.ravel(), rtol=1e-7)


def test_only_the_vectors_of_items_are_halved(runs):
    made = model_in_page(runs["erl"], half=True)["arrays"]
    assert {name for name, array in made.items() if array["dtype"] == "float16"} == {"item_embedding"}


def test_numbers_are_little_endian():
    assert unpacked(packed(np.array([1.5, -2], ">f4"))).tolist() == [1.5, -2]


def test_alpha_is_one_where_the_method_has_none(runs):
    assert model_in_page(runs["erl"])["alpha"] == 1.0
    assert model_in_page(runs["prl"])["alpha"] == runs["prl"].config.objective.alpha > 1


def test_the_map_shows_the_plane_in_which_directions_lie():
    """Directions in a plane of their own, turned in space: the map finds the plane and loses nothing."""
    rng = np.random.default_rng(0)
    turned, _ = np.linalg.qr(rng.standard_normal((6, 6)))
    angles, lengths = rng.uniform(0, 6.28, 200), rng.uniform(1, 9, (200, 1))
    table = lengths * np.stack([np.cos(angles), np.sin(angles)], 1) @ turned[:2]
    made = map_of(table)
    axes = np.array(made["axes"])
    assert made["share"] == pytest.approx(1.0)
    np.testing.assert_allclose(axes @ axes.T, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(axes.T @ axes @ turned[:2].T, turned[:2].T, atol=1e-9)


@pytest.mark.parametrize("table", [np.ones((5, 1)), np.zeros((4, 3)), np.ones((1, 2))])
def test_a_map_of_hardly_anything(table):
    made = map_of(table)
    assert len(made["axes"]) == 2 and np.isfinite([*made["mean"], made["share"]]).all()


def test_examples_are_rows_of_the_test_part(titled):
    split, found = make_split(titled), examples_of(titled, 30)
    assert len(found) == 30 and found == examples_of(titled, 30)
    for one in found:
        row = titled.user_index(int(one["user"]))
        assert one["history"] == split.history(row, "test").tolist() and one["target"] == split.target("test")[row]
    assert len(examples_of(titled, 10_000)) == titled.n_users


def test_examples_of_one_user_are_told_apart_and_large_ids_are_exact(titled):
    users = np.arange(titled.n_users) + 2**53 + 1
    timed = replace(titled, user_ids=users)
    split = make_split(timed)
    twice = replace(split, test=split.test.take(np.array([3, 3, 4])))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_page, "make_split", lambda data: twice)
        names = [one["user"] for one in examples_of(timed, 5)]
    assert names == [f"{users[3]} (1)", f"{users[3]} (2)", str(users[4])]


def test_runs_of_different_data_are_refused(runs, data, train, tmp_path):
    other = train(replace(data, items=data.items[::-1].copy(), sha256="f" * 64), tmp_path / "run", method="base")
    check_together([runs["base"], runs["erl"]])
    with pytest.raises(ExportError, match="the data differ. Make a report of each"):
        check_together([runs["base"], other])
    with pytest.raises(ExportError, match="given twice. Give each run once"):
        check_together([runs["base"], runs["erl"], runs["base"]])
