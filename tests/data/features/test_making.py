"""Making features from every source, and one message for every wish that cannot be met."""

import json
import re

import numpy as np
import pytest

from minirearec.data import load
from minirearec.data.features import Making, encoders, make_features
from minirearec.data.features.making import WIDTH
from minirearec.errors import MiniReaRecError
from tests.data.features.films import TITLES, films
from tests.data.files.examples import put

EMPTY = [index for index, title in enumerate(TITLES) if title in ("", "?")]


def cosines(vectors):
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths, lengths, 1)
    return unit @ unit.T


def test_titles_that_share_words_are_near_each_other():
    told = []
    features = make_features(films(), Making("titles"), told.append)
    near = cosines(features.values)
    assert near[0, 6] > 0.1 and abs(near[0, 9]) < 1e-6, "both are red; these share nothing"
    assert features.missing == len(EMPTY) and not features.values[EMPTY].any()
    assert re.fullmatch(r"TF-IDF of title, \d+ terms", features.origin)
    assert told[0] == "counting terms" and told[1].startswith("reducing ") and told[1].endswith("pass 1 of 7")


def test_without_a_reduction_it_is_tf_idf_itself():
    """With as many directions as there are, all cosines are those of the weights: the rows are only rotated."""
    features = make_features(films(), Making("titles"))
    assert features.width < WIDTH
    lengths = np.linalg.norm(np.delete(features.values, EMPTY, 0), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-6)


def test_by_default_everything_that_is_known_is_taken():
    data = films("brand", "categories", "price")
    features = make_features(data)
    assert features.origin.startswith("TF-IDF of title, brand, categories, ") and features.missing == 0
    assert not np.allclose(cosines(features.values), cosines(make_features(data, Making("titles")).values))
    assert cosines(features.values)[2, 7] > 0.1, "both are of Ace"


def test_attributes_alone_are_whole():
    features = make_features(films("categories"), Making("attributes"))
    assert features.width == 4 and features.missing == 1
    near = cosines(features.values)
    assert near[0, 9] == pytest.approx(1) and near[0, 6] == pytest.approx(0, abs=1e-6)


def test_the_text_of_the_paper():
    features = make_features(films("price"), Making("paper"))
    assert features.origin.startswith("TF-IDF of title, price in lines as in the paper, ") and features.missing == 1


def test_chosen_columns_width_and_seed_matter():
    data = films("brand", "categories")
    assert make_features(data, Making(texts=("brand",))).width == 2
    narrow = make_features(data, Making(width=3))
    assert narrow.width == 3 and narrow.sha256 == make_features(data, Making(width=3)).sha256
    titles = films()
    titles.titles[0] = "red red river"
    plain, sublinear = (make_features(titles, Making("titles", sublinear=flag)) for flag in (False, True))
    assert plain.sha256 != sublinear.sha256


def test_a_file_of_attributes(tmp_path):
    path = put(tmp_path, "x.json", json.dumps({str(item): [item % 3, "x y"] for item in range(1, 10)}))
    features = make_features(films(titles=False), Making(str(path)))
    assert features.origin == "TF-IDF of file x.json, 4 terms" and (features.width, features.missing) == (3, 1)
    near = cosines(features.values)
    assert near[0, 3] == pytest.approx(1) and 0 < near[0, 1] < 0.9


def test_a_file_of_vectors_is_taken_as_it_is(tmp_path):
    vectors = np.arange(30.0).reshape(10, 3)
    np.save(tmp_path / "x.npy", vectors)
    features = make_features(films(titles=False), Making(str(tmp_path / "x.npy")))
    assert (features.values == vectors).all() and features.origin == "file x.npy"


def test_an_encoder_reads_the_texts(monkeypatch):
    read = []

    def lengths(texts, on_step):
        read.extend(texts)
        return np.array([[len(text), text.count("e"), 1] for text in texts], dtype=np.float32)

    monkeypatch.setitem(encoders.ENCODERS, "lengths", lengths)
    features = make_features(films("categories"), Making(encoder="lengths"))
    assert read[1] == "The red House Drama, Crime" and features.values[1].tolist() == [26, 4, 1]
    assert features.origin == "lengths of title, categories" and not features.values[2].any()
    narrow = make_features(films("categories"), Making(encoder="lengths", width=2)).values
    np.testing.assert_allclose(narrow @ narrow.T, features.values @ features.values.T, atol=2)


@pytest.mark.parametrize("making, message", [
    (Making("tites"), "--from: unknown source 'tites'. Choose one of: all, titles, attributes, paper; or give a .npy"),
    (Making("x.npz"), "--from: unknown source 'x.npz'"), (Making("none.npy"), "none.npy: no such file"),
    (Making("none.json"), "none.json: no such file"), (Making("attributes"), "data set films: has no attributes"),
    (Making("x.npy", width=3), "--width: has no meaning for a .npy file. Leave it out"),
    (Making("x.json", texts=("title",)), "--texts: has no meaning for a .json file"),
    (Making("x.json", encoder="wordllama"), "--encoder: has no meaning for a .json file"),
    (Making(encoder="wordllama", sublinear=True), "--sublinear: has no meaning for an encoder"),
    (Making(encoder="gpt"), "--encoder: unknown encoder 'gpt'"), (Making(texts=("x",)), "--texts: unknown column 'x'"),
])
def test_wishes_that_cannot_be_met(making, message):
    with pytest.raises(MiniReaRecError, match=f"^{re.escape(message)}"):
        make_features(films(), making)


@pytest.mark.parametrize("values, message", [
    (np.ones((9, 2)), "file x.npy: has 9 rows for 10 items"), (np.full((10, 2), np.nan), "row 0 holds NaN"),
    (np.zeros((10, 2)), "is zero everywhere"), (np.ones(10), "not a matrix of numbers")])
def test_files_of_vectors_that_do_not_fit(tmp_path, values, message):
    np.save(tmp_path / "x.npy", values)
    with pytest.raises(MiniReaRecError, match=message):
        make_features(films(), Making(str(tmp_path / "x.npy")))


def test_titles_without_words():
    data = films()
    data.titles[:] = "?"
    with pytest.raises(MiniReaRecError, match="title: holds no words"):
        make_features(data)


def test_settings_are_plain():
    assert Making("titles", texts=("title",), width=3).settings() == {
        "source": "titles", "texts": ["title"], "width": 3, "seed": 0}


def test_real_titles_and_genres(shared_data):
    data = load("ml-100k", shared_data, download=False)
    features = make_features(data, Making(texts=("title", "categories")))
    known = {title: index for index, title in enumerate(data.titles.tolist())}
    near = cosines(features.values)[known["Star Trek: The Wrath of Khan"]]
    assert (features.width, features.missing) == (WIDTH, 0)
    assert "Star Trek" in data.titles[np.argsort(-near)[1]] and near[known["Casablanca"]] < 0.3


def test_real_attributes_of_beauty(shared_data, beauty_file):
    data = load("beauty", shared_data, download=False)
    features = make_features(data, Making(str(shared_data / "Beauty_item2attributes.json"), width=16))
    assert features.values.shape == (12101, 16) and features.missing == 0
