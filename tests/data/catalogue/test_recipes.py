"""The recipes of the catalogue: every filter shown by a row that it drops, and MovieLens in the plainest way."""

import csv
import gzip
import inspect
import json
from collections import Counter

import pytest

from minirearec.data import by_time, card, cards, load, make_split
from minirearec.data.catalogue.recipes import RECIPES, amazon, counts, prepare, yelp
from tests.data.catalogue.amazon_files import TITLES, rows, write_amazon
from tests.data.files.examples import texts_of


def review(user, business, stars, day, hour=12):
    return {"review_id": "r", "user_id": user, "business_id": business, "stars": stars, "useful": 0, "funny": 0,
            "cool": 0, "text": "Good, \"very\" good.\n",
            "date": f"2019-{day // 28 + 1:02}-{day % 28 + 1:02} {hour:02}:00:00"}


# Two who go to the same places, day 0 to 100; with a core of 2 and histories of 2: cuts at day 80 and 90.
STORY = [(user, business, 5, day) for user in ("ann", "bob")
         for business, day in (("b1", 0), ("b2", 10), ("b3", 20), ("b4", 70), ("b1", 85), ("b2", 95), ("b3", 100))]


def yelp_rows(folder, reviews, **options):
    path = folder / "yelp_academic_dataset_review.json"
    path.write_text("".join(json.dumps(review(*row)) + "\n" for row in reviews))
    return rows(yelp({"reviews": path}, "yelp", **{"core": 2, "min_history": 2, **options}))


ANN = {"train": [("ann", "b1b2", "b3"), ("ann", "b1b2b3", "b4")], "valid": [("ann", "b1b2b3b4", "b1")],
       "test": [("ann", "b1b2b3b4b1", "b2"), ("ann", "b1b2b3b4b1b2", "b3")]}


def of(user, found):
    return {part: [row for row in kept if row[0] == user] for part, kept in found.items()}


def test_yelp_keeps_these_rows(tmp_path):
    found = yelp_rows(tmp_path, STORY)
    assert of("ann", found) == ANN
    assert of("bob", found) == {part: [("bob", *row[1:]) for row in kept] for part, kept in ANN.items()}


@pytest.mark.parametrize("dropped", [
    ("ann", "b4", 3, 75), ("cat", "b1", 5, 5), ("ann", "b9", 5, 50), ("cat", "b9", 5, 50)],
                         ids=["3 stars", "a user below the core", "a business below the core", "both"])
def test_yelp_drops(tmp_path, dropped):
    assert of("ann", yelp_rows(tmp_path, [*STORY, dropped])) == ANN


def test_yelp_core_is_a_fixed_point(tmp_path):
    """cat and b9 have two reviews each until dan, who has one, is gone."""
    chain = [("dan", "b9", 5, 1), ("cat", "b9", 5, 2), ("cat", "b1", 5, 3)]
    assert yelp_rows(tmp_path, STORY + chain) == yelp_rows(tmp_path, STORY)


def test_yelp_needs_histories_and_known_businesses(tmp_path):
    late = [("cat", "b1", 5, 88), ("cat", "b2", 5, 89), ("cat", "b3", 5, 99), ("ann", "new", 5, 97),
            ("bob", "new", 5, 98)]
    found = yelp_rows(tmp_path, STORY + late)
    kept = {"train": [], "valid": [], "test": [("cat", "b1b2", "b3")]}
    assert of("cat", found) == kept, "not b1 and b2: short histories"
    assert of("ann", found)["test"] == ANN["test"][:1], "neither the new one nor what comes after it"


def test_yelp_titles_are_the_names_of_businesses(tmp_path):
    yelp_rows(tmp_path, STORY)
    businesses = tmp_path / "yelp_academic_dataset_business.json"
    businesses.write_text('{"business_id": "b1", "name": "Café Ä", "attributes": null, "categories": "Bars, Food"}\n'
                          '{"business_id": "b3", "name": null, "attributes": {"Alcohol": "none"}}\n')
    data = yelp({"reviews": tmp_path / "yelp_academic_dataset_review.json", "titles": businesses}, "yelp", core=2,
                min_history=2)
    assert data.titles.tolist() == ["Café Ä", "", "", ""]
    assert texts_of(data) == {"categories": ["Bars|Food", "", "", ""], "attributes": ["", "", "Alcohol=none", ""]}


def test_amazon_keeps_texts_of_the_items_that_are_kept(tmp_path):
    files, limits = write_amazon(tmp_path), {"min_history": 5, "min_train_history": 1}
    assert texts_of(amazon(files, "x", **limits)) == {}
    objects = [{"title": title, "parent_asin": item, "store": "Ace" * (item == "A"), "categories": ["Games", "PC, Mac"],
                "description": ["One.", "Two."], "price": 9.5, "features": ["x"]} for item, title in TITLES.items()]
    files["titles"].write_bytes(gzip.compress("".join(json.dumps(found) + "\n" for found in objects).encode()))
    data = amazon(files, "x", **limits)
    assert data.titles.tolist() == ["Item A", "Item B", "Item C", "Item D", "", "Item F", "Item G"]
    assert texts_of(data) == {"brand": ["Ace"] + [""] * 6, "categories": ["Games|PC, Mac"] * 7,
                              "description": ["One. Two."] * 7, "price": ["9.5"] * 7}


@pytest.fixture(scope="module")
def movielens(shared_data):
    """Read the file in the simplest way: ratings above 3, and the 5-core by dropping rows until nothing changes."""
    with open(shared_data / "ml-100k.inter", newline="") as file:
        found = [(int(row["user_id:token"]), int(row["item_id:token"]), float(row["timestamp:float"]))
                 for row in csv.DictReader(file, delimiter="\t") if float(row["rating:float"]) > 3]
    while True:
        users, items = (Counter(row[column] for row in found) for column in (0, 1))
        left = [row for row in found if users[row[0]] >= 5 and items[row[1]] >= 5]
        if len(left) == len(found):
            return sorted(left, key=lambda row: row[2])
        found = left


@pytest.fixture(scope="module")
def loaded(shared_data):
    return load("ml-100k", shared_data, download=False)


def test_movielens_has_the_counts_of_its_card(movielens, loaded):
    expected = card("ml-100k")
    assert (expected.users, expected.items, expected.interactions) == (
        len({row[0] for row in movielens}), len({row[1] for row in movielens}), len(movielens))
    assert (loaded.n_users, loaded.n_items, loaded.n_interactions) == (
        expected.users, expected.items, expected.interactions)
    toys = loaded.item_indices([1])[0]
    assert loaded.titles[toys] == "Toy Story" and loaded.name == "ml-100k"
    assert {role: column[toys] for role, column in loaded.texts.items()} == {
        "categories": "Animation|Children's|Comedy", "year": "1995"}


def test_movielens_leave_one_out(movielens, loaded):
    histories = {}
    for user, item, _ in movielens:
        histories.setdefault(user, []).append(item)
    split = make_split(loaded)
    for part, place in (("valid", -2), ("test", -1)):
        assert dict(zip(loaded.user_ids.tolist(), loaded.item_ids[split.target(part)].tolist(), strict=True)) == {
            user: history[place] for user, history in histories.items()}


def test_movielens_cut_in_time(movielens, loaded):
    split = by_time(loaded, (0.8, 0.9), min_history=5)
    times = sorted(row[2] for row in movielens)
    first, second = (times[int((len(times) - 1) * share)] for share in (0.8, 0.9))
    histories, expected = {}, {"train": [], "valid": [], "test": []}
    for user, item, time in movielens:
        before = histories.setdefault(user, [])
        part = "train" if time <= first else "valid" if time <= second else "test"
        if len(before) >= (1 if part == "train" else 5):
            expected[part].append((user, tuple(before), item))
        before.append(item)
    known = {item for _, before, target in expected["train"] for item in (*before, target)}
    for part in ("valid", "test"):
        kept = [row for row in expected[part] if known.issuperset((*row[1], row[2]))]
        ids, data_rows = split.data.item_ids, split.rows(part)
        assert sorted(kept) == sorted(
            (int(split.data.user_ids[user]), tuple(ids[split.history(row, part)].tolist()), int(ids[target]))
            for row, (user, target) in enumerate(zip(data_rows.user, split.target(part), strict=True)))
    assert counts(split.data, as_rows=True)["rows to train"] == len(expected["train"])


def test_every_recipe_and_setting_of_the_cards_is_known():
    for found in cards().values():
        if found.recipe:
            options = {name for name, option in inspect.signature(RECIPES[found.recipe]).parameters.items()
                       if option.kind is option.KEYWORD_ONLY}
            assert set(found.settings) == options
            assert {part.role for part in found.parts} >= {"amazon-2023": {"train", "valid", "test", "titles"},
                                                           "yelp": {"reviews"}, "movielens": {"ratings"}}[found.recipe]
            assert not found.rows or sum(found.rows) == found.interactions


def test_prepare_names_the_files(shared_data):
    files = {"ratings": shared_data / "ml-100k.inter"}
    assert "ml-100k.inter" in prepare(card("ml-100k"), files).source
