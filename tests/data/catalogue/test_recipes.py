"""The recipes of the catalogue: every filter shown by a row that it drops, in files of the published formats."""

import csv
import gzip
import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from minirearec.data import by_time, card, cards, fetch, load, make_split
from minirearec.data.catalogue import loading as catalogue
from minirearec.data.catalogue.amazon import Limits, amazon_2023, read_item_titles
from minirearec.data.catalogue.recipes import RECIPES, counts, prepare, yelp
from minirearec.data.files.folder import load_directory
from minirearec.errors import DataError, DownloadError

HEADER = "user_id,parent_asin,rating,timestamp,history\n"
TITLES = {name: f"Item {name}" for name in "ABCDFGH"} | {"E": "", "Z": None}  # null is no title, an empty one is
TRAIN = """\
U1,A,5.0,1000,
U1,B,4.0,1001,A
U1,C,5.0,1002,A B
U1,D,3.0,1003,A B C
U1,E,4.0,1004,A B C D
U2,B,5.0,1001,
U2,A,4.0,1002,B
U2,Z,5.0,1003,B A
U2,C,5.0,1004,B A Z
U3,F,5.0,1001,
U3,G,5.0,1002,F
U4,H,5.0,1000,
"""
VALID = """\
U1,G,5.0,1010,A B C D E
U1,B,3.0,1011,A B C D E G
U1,H,5.0,1012,A B C D E G B
U2,D,5.0,1010,B A Z C A
U3,A,5.0,1010,F G
U5,A,5.0,1010,
"""
TEST = """\
U1,F,4.0,1020,A B C D E G B H
U3,E,5.0,1020,F G A B C
U3,D,3.0,1021,F G A B C E
U6,G,5.0,1022,A B C D E
"""
KEPT = {"train": [("U1", "A", "B"), ("U1", "AB", "C"), ("U1", "ABCD", "E"), ("U2", "B", "A"), ("U3", "F", "G")],
        "valid": [("U1", "ABCDE", "G")], "test": [("U3", "FGABC", "E"), ("U6", "ABCDE", "G")]}


def write_amazon(folder, train=TRAIN, valid=VALID, test=TEST, titles=TITLES):
    files = {part: folder / f"Video_Games.{part}.csv.gz" for part in ("train", "valid", "test")}
    for path, text in zip(files.values(), (train, valid, test)):
        path.write_bytes(gzip.compress((HEADER + text).encode()))
    files["titles"] = folder / "meta_Video_Games.jsonl.gz"
    objects = [{"main_category": "Games", "title": title, "parent_asin": item, "price": None}
               for item, title in titles.items()]
    files["titles"].write_bytes(gzip.compress("".join(json.dumps(found) + "\n" for found in objects).encode()))
    return files


def amazon(folder, limits=Limits(), **content):
    files = write_amazon(folder, **content)
    return amazon_2023(files, read_item_titles(files["titles"]), limits)


def rows(data):
    """(user, history, target) of every part in original ids, as training and evaluation see them."""
    split, found = make_split(data), {"train": []}
    ids = np.char.add(data.item_ids.astype(str), "")
    for user in range(data.n_users):
        begin, end = split.train_offsets[user:user + 2]
        items = ids[split.train_items[begin:end]]
        counted = np.ones(end - begin, dtype=bool) if split.is_target is None else split.is_target[begin:end]
        found["train"] += [(data.user_ids[user], "".join(items[:place]), items[place])
                           for place in range(1, end - begin) if counted[place]]
    for part in ("valid", "test"):
        found[part] = [(data.user_ids[user], "".join(ids[split.history(row, part)]), ids[target])
                       for row, (user, target) in enumerate(zip(split.rows(part).user, split.target(part)))]
    return found


def test_amazon_keeps_these_rows(tmp_path):
    data = amazon(tmp_path)
    assert rows(data) == KEPT
    assert data.user_ids.tolist() == ["U1", "U2", "U3", "U6"]
    assert dict(zip(data.item_ids, data.titles)) == {item: TITLES[item] for item in "ABCDEFG"}
    assert counts(data, as_rows=True) == {"users": 4, "items": 7, "interactions": 8, "rows to train": 5,
                                          "rows to validate": 1, "rows to test": 2}


@pytest.mark.parametrize("filtered_by, change, part, kept", [
    ("rating, train", {"train": TRAIN.replace("U1,D,3.0", "U1,D,3.5")}, "train", ("U1", "ABC", "D")),
    ("title of the target", {"titles": {**TITLES, "Z": "Zed"}}, "train", ("U2", "BA", "Z")),
    ("title of the history", {"titles": {**TITLES, "Z": "Zed"}}, "train", ("U2", "BAZ", "C")),
    ("no history, train", {"train": TRAIN + "U7,A,5.0,1,\nU7,H,5.0,2,A\n"}, "train", ("U7", "A", "H")),
    ("rating, valid", {"valid": VALID.replace("U1,B,3.0", "U1,B,4.0")}, "valid", ("U1", "ABCDEG", "B")),
    ("target not in train", {"train": TRAIN + "U8,A,5.0,1,H\n"}, "valid", ("U1", "ABCDEGB", "H")),
    ("history not in train", {"train": TRAIN + "U8,A,5.0,1,Z\n", "titles": {**TITLES, "Z": ""}}, "valid", ("U2", "BAZCA", "D")),
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
    (Limits(2, 1), "valid", [("U1", "ABCDE", "G"), ("U3", "FG", "A")]), (Limits(5, 1), "valid", [("U1", "ABCDE", "G")]),
    (Limits(2, 2), "train", [("U1", "AB", "C"), ("U1", "ABCD", "E")]), (Limits(5, 4), "train", [("U1", "ABCD", "E")])])
def test_amazon_histories_have_a_least_length(tmp_path, limits, part, kept):
    train = TRAIN if limits.min_train_history == 1 else TRAIN + "U9,F,5.0,9,A B C D E G\n"
    extra = [] if limits.min_train_history == 1 or part == "valid" else [("U9", "ABCDEG", "F")]
    assert rows(amazon(tmp_path, limits, train=train))[part] == kept + extra


@pytest.mark.parametrize("change, message", [
    ({"valid": VALID + "U1,G,5.0,1011,B A C D E\n"}, r"valid.csv.gz:8: the history of user U1 does not go on where"),
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


# --- Yelp ----------------------------------------------------------------------------------------------------

def review(user, business, stars, day, hour=12):
    return {"review_id": "r", "user_id": user, "business_id": business, "stars": stars, "useful": 0, "funny": 0,
            "cool": 0, "text": "Good, \"very\" good.\n", "date": f"2019-{day // 28 + 1:02}-{day % 28 + 1:02} {hour:02}:00:00"}


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


@pytest.mark.parametrize("dropped", [("ann", "b4", 3, 75), ("cat", "b1", 5, 5), ("ann", "b9", 5, 50), ("cat", "b9", 5, 50)],
                         ids=["3 stars", "a user below the core", "a business below the core", "both"])
def test_yelp_drops(tmp_path, dropped):
    assert of("ann", yelp_rows(tmp_path, [*STORY, dropped])) == ANN


def test_yelp_core_is_a_fixed_point(tmp_path):
    """cat and b9 have two reviews each until dan, who has one, is gone."""
    chain = [("dan", "b9", 5, 1), ("cat", "b9", 5, 2), ("cat", "b1", 5, 3)]
    assert yelp_rows(tmp_path, STORY + chain) == yelp_rows(tmp_path, STORY)


def test_yelp_needs_histories_and_known_businesses(tmp_path):
    late = [("cat", "b1", 5, 88), ("cat", "b2", 5, 89), ("cat", "b3", 5, 99), ("ann", "new", 5, 97), ("bob", "new", 5, 98)]
    found = yelp_rows(tmp_path, STORY + late)
    assert of("cat", found) == {"train": [], "valid": [], "test": [("cat", "b1b2", "b3")]}, "not b1 and b2: short histories"
    assert of("ann", found)["test"] == ANN["test"][:1], "neither the new one nor what comes after it"


def test_yelp_titles_are_the_names_of_businesses(tmp_path):
    yelp_rows(tmp_path, STORY)
    businesses = tmp_path / "yelp_academic_dataset_business.json"
    businesses.write_text('{"business_id": "b1", "name": "Café Ä", "city": "X", "attributes": null}\n')
    data = yelp({"reviews": tmp_path / "yelp_academic_dataset_review.json", "titles": businesses}, "yelp", core=2,
                min_history=2)
    assert data.titles.tolist() == ["Café Ä", "", "", ""]


# --- MovieLens from the shared folder --------------------------------------------------------------------------

@pytest.fixture(scope="module")
def movielens(shared_data):
    """The file read in the plainest way: rated above 3, and the 5-core by dropping rows until nothing changes."""
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
    assert loaded.titles[loaded.item_indices([1])][0] == "Toy Story" and loaded.name == "ml-100k"


def test_movielens_leave_one_out(movielens, loaded):
    histories = {}
    for user, item, _ in movielens:
        histories.setdefault(user, []).append(item)
    split = make_split(loaded)
    for part, place in (("valid", -2), ("test", -1)):
        assert dict(zip(loaded.user_ids.tolist(), loaded.item_ids[split.target(part)].tolist())) == {
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
            for row, (user, target) in enumerate(zip(data_rows.user, split.target(part))))
    assert counts(split.data, as_rows=True)["rows to train"] == len(expected["train"])


# --- The catalogue ---------------------------------------------------------------------------------------------

@pytest.fixture
def game_shop(tmp_path, monkeypatch, server):
    """A catalogue whose video-games come from a local server, with the counts of the small files."""
    source = tmp_path / "source"
    source.mkdir()
    files = write_amazon(source)
    served = {role: (200, path.read_bytes(), None) for role, path in files.items()}
    parts = tuple(replace(part, urls=(server.url(f"/{part.filename}", served[part.role]),))
                  for part in card("video-games").parts)
    small = replace(card("video-games"), parts=parts, users=4, items=7, interactions=8, rows=(5, 1, 2))
    monkeypatch.setattr(catalogue, "card", lambda name: small if name == "video-games" else card(name))
    monkeypatch.setattr(catalogue, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.delenv("MINIREAREC_DATA", raising=False)
    small_files = {part.role: source / part.filename for part in parts}
    return small, small_files, server


def test_fetch_downloads_prepares_and_keeps(game_shop, tmp_path):
    small, _, server = game_shop
    path = fetch("video-games", tmp_path / "data")
    assert path == tmp_path / "data" / "video-games" and len(server.requests) == 4
    assert rows(load_directory(path)) == KEPT
    assert load("video-games", tmp_path / "data", download=False).sha256 == load_directory(path).sha256
    assert fetch("video-games", tmp_path / "data") == path and len(server.requests) == 4
    assert catalogue.state("video-games", tmp_path / "data") == ("found, prepared", path)
    assert not list((tmp_path / "data").glob("*.part"))


def test_load_fetches_what_is_not_there(game_shop, tmp_path):
    data = load("video-games", tmp_path / "data")
    assert rows(data) == KEPT and (data.name, data.synthetic) == ("video-games", False)
    assert catalogue.state("video-games")[0] == "not here; downloaded when asked for"


def test_files_that_are_here_are_used_as_they_are(game_shop, tmp_path):
    _, files, server = game_shop
    data = load("video-games", files["train"].parent, download=False)
    assert rows(data) == KEPT and server.requests == []
    assert not (files["train"].parent / "video-games").exists(), "reading writes nothing"
    assert catalogue.state("video-games", files["train"].parent) == ("its files are here", files["train"].parent)
    unpacked = files["valid"].with_suffix("")
    unpacked.write_bytes(gzip.decompress(files["valid"].read_bytes()))
    files["valid"].unlink()
    assert load("video-games", unpacked.parent, download=False).sha256 == data.sha256


def test_other_counts_are_refused_unless_asked_for(game_shop, tmp_path, monkeypatch):
    small, files, _ = game_shop
    other = replace(small, users=5, rows=(5, 2, 2))
    monkeypatch.setattr(catalogue, "card", lambda name: other)
    with pytest.raises(DataError, match="not those of its card: 4 users and not 5, 1 rows to validate and not 2.*--any-version"):
        load("video-games", files["train"].parent)
    fetch("video-games", tmp_path / "data", any_version=True)
    again = load("video-games", tmp_path / "data", download=False)
    assert (again.name, again.where) == ("video-games-other-version", "video-games")


def test_a_gzip_file_that_is_cut_or_no_gzip_is_not_kept(game_shop, tmp_path, monkeypatch):
    from minirearec.data.catalogue import download

    monkeypatch.setattr(download, "RETRY_SECONDS", 0)
    small, files, server = game_shop
    for body in (files["test"].read_bytes()[:-20], b"<html>log in</html>"):
        server.answers["/Video_Games.test.csv.gz"] = [(200, body, None)]
        with pytest.raises(DownloadError, match="wrong bytes .not a whole gzip file"):
            fetch("video-games", tmp_path / "data")
        assert not (tmp_path / "data" / "Video_Games.test.csv.gz").exists()
        assert not (tmp_path / "data" / "video-games").exists()
    server.answers["/Video_Games.test.csv.gz"] = [(200, files["test"].read_bytes(), None)]
    before = len(server.requests)
    fetch("video-games", tmp_path / "data")
    assert len(server.requests) == before + 2, "the test file and what follows it: the others are there"


def test_what_needs_hands_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "cache_folder", lambda: tmp_path / "cache")
    for call in (lambda: fetch("yelp", tmp_path / "data"), lambda: load("yelp", tmp_path / "data")):
        with pytest.raises(DownloadError, match="yelp_academic_dataset_review.json not in .*data.*agree to its terms"):
            call()
    with pytest.raises(DownloadError, match="nor are its files .yelp_academic_dataset_review.json., and downloading is off"):
        load("yelp", tmp_path, download=False)
    assert "by hand" in catalogue.state("yelp")[0]
    assert not (tmp_path / "data").exists()


def test_a_damaged_part_is_found(shared_data, tmp_path):
    text = (shared_data / "ml-100k.inter").read_text()
    (tmp_path / "ml-100k.inter").write_text(text[:100000])
    with pytest.raises(DataError, match="ml-100k.inter: wrong sha256"):
        load("ml-100k", tmp_path, download=False)
    assert catalogue.state("ml-100k", tmp_path)[0] == "found, with a wrong sha256"


def test_an_optional_part_may_be_missing(shared_data, tmp_path, monkeypatch, server):
    monkeypatch.setattr(catalogue, "cache_folder", lambda: tmp_path / "cache")
    real = card("ml-100k")
    parts = (replace(real.parts[0], urls=(server.url("/i", (200, (shared_data / "ml-100k.inter").read_bytes(), None)),)),
             replace(real.parts[1], urls=(server.url("/t", (404, b"", None)),)))
    monkeypatch.setattr(catalogue, "card", lambda name: replace(real, parts=parts))
    assert load("ml-100k", tmp_path / "data").titles is None


def test_every_recipe_and_setting_of_the_cards_is_known():
    import inspect

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

