"""The cards that ship with the library, and the reader's strictness."""

import re
from pathlib import Path

import pytest

from minirearec.config import Config, settings_of
from minirearec.count_models import COUNTS
from minirearec.data import card, cards
from minirearec.data.catalogue.cards import known, read_card
from minirearec.errors import DataError

MINIMAL = {"name": '"x"', "title": '"X"', "description": '"d"', "users": "1", "items": "1", "interactions": "1",
           "split": '"leave-one-out"', "licence": '"l"', "citation": '"c"', "by_hand": '"b"'}


def toml(**changes):
    return "\n".join(f"{name} = {value}" for name, value in {**MINIMAL, **changes}.items() if value is not None)


def test_known_names():
    assert {"beauty", "toys", "sports", "yelp-s3", "lastfm", "beauty-sim", "ml-100k", "yelp", "video-games", "software",
            "cds-vinyl", "baby-products"} <= set(cards())


@pytest.mark.parametrize("name", sorted(cards()))
def test_cards_are_complete(name):
    found = card(name)
    assert found.name == name
    assert all(getattr(found, field) for field in ("title", "description", "split", "licence", "citation", "by_hand"))
    if found.synthetic:
        assert found.file is None and not found.parts
    elif found.parts:
        assert found.recipe and found.file is None
        for part in found.parts:
            assert all(url.startswith("https://") and url.endswith("/" + part.filename) for url in part.urls)
            assert part.urls or part.filename in found.by_hand, "an address, or words that say how to get it"
            assert part.role and (part.dataset, part.by_hand) == (name, found.by_hand)
    else:
        file = found.file
        assert re.fullmatch("[0-9a-f]{64}", file.sha256) and (file.dataset, file.by_hand) == (name, found.by_hand)
        assert file.urls and all(re.search(r"/[0-9a-f]{40}/", url) for url in file.urls), "pinned to a commit"
        assert all(url.startswith("https://") and url.endswith("/" + file.filename) for url in file.urls)


@pytest.mark.parametrize("name", [name for name, found in sorted(cards().items()) if found.training])
def test_settings_of_a_card_are_settings(name):
    for counts in COUNTS:
        made, wanted = Config.for_data(card(name), counts=counts), {**settings_of(card(name), counts), "counts": counts}
        flat = {key: value for section in made.to_dict().values() for key, value in section.items()}
        assert wanted.items() <= flat.items()
    assert {key for key, value in card(name).training.items() if type(value) is dict} <= set(COUNTS)


def test_files_do_not_share_a_name():
    names = [found.file.filename for found in cards().values() if found.file]
    names += [part.filename for found in cards().values() for part in found.parts] + list(cards())
    assert len(names) == len(set(names))


def test_simulation_has_the_published_size():
    real, simulated = card("beauty"), card("beauty-sim")
    assert (real.users, real.items, real.interactions) == (simulated.users, simulated.items, simulated.interactions)


def test_unknown_name_suggests_the_nearest():
    message = "unknown data set 'Beuty'. Did you mean beauty.*Known: baby-products, beauty, .*toys"
    with pytest.raises(DataError, match=message):
        card("Beuty")


def test_a_card_is_its_own_card():
    assert known(card("beauty")) is card(card("beauty")) is card("beauty") and str(card("beauty")) == "beauty"
    assert known("Beuty") is known(Path("beauty")) is None, "a path is no name"


def test_unknown_name_with_nothing_near():
    with pytest.raises(DataError, match="unknown data set 'qqq'. Known: "):
        card("qqq")


def test_data_of_ones_own_have_no_card(tmp_path):
    (tmp_path / "own.txt").write_text("1 2 3\n")
    with pytest.raises(DataError, match="have no card.*minirearec data stats .*own.txt"):
        card(tmp_path / "own.txt")
    with pytest.raises(DataError, match="unknown data set"):
        card(str(tmp_path))


def test_minimal_card_is_valid():
    assert read_card(toml(), "x.toml").file is None
    file = read_card(toml(filename='"f"', urls='["a", "b"]'), "x.toml").file
    assert (file.filename, file.urls, file.dataset, file.by_hand) == ("f", ("a", "b"), "x", "b")


@pytest.mark.parametrize("text, message", [
    (toml(colour='"red"'), "unknown field 'colour'"),
    (toml(users='"many"'), "users must be int"),
    (toml(urls='"one"'), "urls must be tuple"),
    (toml(urls='["a"]'), "missing.*filename"),
    (toml(file='"f"'), "unknown field 'file'"),
    (toml(parts="[{role = 'r', filename = 'f', dataset = 'd'}]"), "parts: unknown field 'dataset'"),
    (toml(licence=None), "missing.*licence"),
    ("name = ", "not valid TOML"),
    (toml(parts="[{role = 'r', file = 'f'}]"), "parts: unknown field 'file'"),
    (toml(parts="[{role = 'r'}]"), "parts: missing.*filename"),
])
def test_bad_cards(text, message):
    with pytest.raises(DataError, match=rf"x\.toml: .*{message}"):
        read_card(text, "x.toml")
