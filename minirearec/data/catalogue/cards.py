"""Cards: what is known of each data set before it is read. One TOML file each in ``datasets/cards``."""

import difflib
import tomllib
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files

from minirearec.errors import DataError

PACKAGE = "minirearec_cards"


@dataclass(frozen=True)
class Part:
    """One of several files that a data set is prepared from."""

    role: str  # what it is to the recipe, such as "train"
    filename: str
    urls: tuple[str, ...] = ()  # empty: to be had by hand only
    sha256: str = ""  # empty: not known; the counts of what comes out are checked instead
    optional: bool = False


@dataclass(frozen=True)
class Card:
    """A data set: where to get it, how to know that it is the right one, and whom to cite."""

    name: str
    title: str
    description: str
    users: int
    items: int
    interactions: int
    split: str
    licence: str
    citation: str
    by_hand: str  # how to get the file without us
    filename: str = ""  # empty for synthetic sets, as are urls and sha256
    urls: tuple[str, ...] = ()  # mirrors of the same bytes, tried in turn
    sha256: str = ""
    synthetic: bool = False
    recipe: str = ""  # how the data set is prepared from its parts; see ``recipes``
    parts: tuple[Part, ...] = ()
    settings: dict = field(default_factory=dict)  # of the recipe
    training: dict = field(default_factory=dict)  # settings of a run that suit it better than the defaults
    rows: tuple[int, ...] = ()  # rows to train, validate and test, for a recipe with a split of its own


@cache
def cards() -> dict[str, Card]:
    """All cards by name, in alphabetical order."""
    found = {}
    for entry in files(PACKAGE).iterdir():
        if entry.name.endswith(".toml"):
            card = read_card(entry.read_text(encoding="utf-8"), f"card {entry.name}")
            found[card.name] = card
    return dict(sorted(found.items()))


def read_card(text: str, where: str) -> Card:
    """The card in a TOML text. Raises DataError for bad TOML and for fields that are missing, unknown or mistyped."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"not valid TOML: {error}", where) from None
    if isinstance(values.get("parts"), list):
        values["parts"] = [_filled(Part, part, f"{where}: parts") if isinstance(part, dict) else part
                           for part in values["parts"]]
    return _filled(Card, values, where)


def _filled(kind, values: dict, where: str):
    """A dataclass from TOML values: lists become tuples, names and types are checked."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    known = {item.name: item for item in fields(kind)}
    for name, value in values.items():
        if name not in known:
            raise DataError(f"unknown field {name!r}", where, f"Known: {', '.join(known)}.")
        expected = getattr(known[name].type, "__origin__", known[name].type)  # tuple[str, ...] -> tuple
        if type(value) is not expected:
            raise DataError(f"{name} must be {expected.__name__}, got {value!r}", where)
    try:
        return kind(**values)
    except TypeError as error:  # its message names the missing fields
        raise DataError(str(error).partition("() ")[2], where) from None


def card(name: str) -> Card:
    """The card of a data set. Raises DataError for a name that is not known, with the nearest one."""
    known = cards()
    if name not in known:
        near = difflib.get_close_matches(str(name).lower(), known, n=1)
        guess = f"Did you mean {near[0]}? " if near else ""
        raise DataError(f"unknown data set {name!r}", "", f"{guess}Known: {', '.join(known)}; or give the path "
                        "of a text file with lines of the form: user item item ...")
    return known[name]
