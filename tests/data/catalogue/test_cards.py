"""The cards that ship with the library, and the reader's strictness."""

import re

import pytest

from minirearec.config import Config
from minirearec.data import card, cards
from minirearec.data.catalogue.cards import read_card
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
        assert not (found.filename or found.urls or found.sha256)
    elif found.parts:
        assert found.recipe and not (found.filename or found.urls or found.sha256)
        for part in found.parts:
            assert all(url.startswith("https://") and url.endswith("/" + part.filename) for url in part.urls)
            assert part.urls or part.filename in found.by_hand, "an address, or words that say how to get it"
    else:
        assert re.fullmatch("[0-9a-f]{64}", found.sha256)
        assert found.urls and all(re.search(r"/[0-9a-f]{40}/", url) for url in found.urls), "pinned to a commit"
        assert all(url.startswith("https://") and url.endswith("/" + found.filename) for url in found.urls)


@pytest.mark.parametrize("name", [name for name, found in sorted(cards().items()) if found.training])
def test_settings_of_a_card_are_settings(name):
    made = Config.make(**card(name).training)
    flat = {key: value for section in made.to_dict().values() for key, value in section.items()}
    assert card(name).training.items() <= flat.items()


def test_files_do_not_share_a_name():
    names = [found.filename for found in cards().values() if found.filename]
    names += [part.filename for found in cards().values() for part in found.parts] + [found for found in cards()]
    assert len(names) == len(set(names))


def test_simulation_has_the_published_size():
    real, simulated = card("beauty"), card("beauty-sim")
    assert (real.users, real.items, real.interactions) == (simulated.users, simulated.items, simulated.interactions)


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(DataError, match="unknown data set 'Beuty'. Did you mean beauty.*Known: baby-products, beauty, .*toys"):
        card("Beuty")


def test_unknown_name_with_nothing_near():
    with pytest.raises(DataError, match="unknown data set 'qqq'. Known: "):
        card("qqq")


def test_minimal_card_is_valid():
    assert read_card(toml(urls='["a", "b"]'), "x.toml").urls == ("a", "b")


@pytest.mark.parametrize("text, message", [
    (toml(colour='"red"'), "unknown field 'colour'"),
    (toml(users='"many"'), "users must be int"),
    (toml(urls='"one"'), "urls must be tuple"),
    (toml(licence=None), "missing.*licence"),
    ("name = ", "not valid TOML"),
    (toml(parts="[{role = 'r', file = 'f'}]"), "parts: unknown field 'file'"),
    (toml(parts="[{role = 'r'}]"), "parts: missing.*filename"),
])
def test_bad_cards(text, message):
    with pytest.raises(DataError, match=rf"x\.toml: .*{message}"):
        read_card(text, "x.toml")
