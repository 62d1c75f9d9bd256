"""Cards: what is known of each data set before it is read. One TOML file each in ``datasets/cards``."""

import difflib
import os
import tomllib
from dataclasses import dataclass, field, fields, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from minirearec.data.files.folder import is_dataset
from minirearec.data.files.remote import RemoteFile
from minirearec.errors import DataError

PACKAGE = "minirearec_cards"
FILE_FIELDS = ("filename", "urls", "sha256")  # of the card itself, for a set that is one file
PART_FIELDS = ("role", *FILE_FIELDS, "optional")


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
    by_hand: str  # how to get it without a download
    synthetic: bool = False
    recipe: str = ""  # how the data set is prepared from its parts; see ``recipes``
    file: RemoteFile | None = None  # of a set that is one text file; None for synthetic ones and those with parts
    parts: tuple[RemoteFile, ...] = ()  # the files that a recipe needs
    settings: dict = field(default_factory=dict)  # of the recipe
    training: dict = field(default_factory=dict)  # settings of a run that suit it better; see Config.for_data
    rows: tuple[int, ...] = ()  # rows to train, validate and test, for a recipe with a split of its own

    def __str__(self) -> str:
        return self.name


CARD_FIELDS = tuple(item.name for item in fields(Card) if item.name != "file")


@cache
def cards() -> dict[str, Card]:
    """Return all cards by name, in alphabetical order."""
    found = {}
    for entry in files(PACKAGE).iterdir():
        if entry.name.endswith(".toml"):
            card = read_card(entry.read_text(encoding="utf-8"), f"card {entry.name}")
            found[card.name] = card
    return dict(sorted(found.items()))


def known(name) -> Card | None:
    """Return the card of a data set, the card itself when given one, or None for a path or an unknown name."""
    if isinstance(name, Card):
        return name
    return None if isinstance(name, Path) else cards().get(str(name))


def card(name) -> Card:
    """Return the card of a data set, or the card itself when given one.

    Raises DataError for an unknown name, with the nearest one, and for the path of data of one's own.
    """
    found = known(name)
    if found is None and (os.path.isfile(name) or is_dataset(Path(name))):
        raise DataError("data of your own have no card", str(name), f"Describe them with: minirearec data stats {name}")
    if found is None:
        near = difflib.get_close_matches(str(name).lower(), cards(), n=1)
        guess = f"Did you mean {near[0]}? " if near else ""
        raise DataError(f"unknown data set {name!r}", "", f"{guess}Known: {', '.join(cards())}; or give the path "
                        "of a text file with lines of the form: user item item ...")
    return found


def read_card(text: str, where: str) -> Card:
    """Read a card from TOML text. Raises DataError for bad TOML and for missing, unknown or mistyped fields."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"not valid TOML: {error}", where) from None
    _check_names(values, (*CARD_FIELDS, *FILE_FIELDS), where)
    own = {name: values.pop(name) for name in FILE_FIELDS if name in values}
    if isinstance(values.get("parts"), list):
        values["parts"] = [_part(part, f"{where}: parts") if isinstance(part, dict) else part
                           for part in values["parts"]]
    card = _filled(Card, values, where)
    belongs = {"dataset": card.name, "by_hand": card.by_hand}
    file = replace(_filled(RemoteFile, own, where), **belongs) if own else None
    return replace(card, file=file, parts=tuple(replace(part, **belongs) for part in card.parts))


def _part(values: dict, where: str) -> RemoteFile:
    _check_names(values, PART_FIELDS, where)
    return _filled(RemoteFile, values, where)


def _check_names(values: dict, known: tuple[str, ...], where: str) -> None:
    for name in values:
        if name not in known:
            raise DataError(f"unknown field {name!r}", where, f"Known: {', '.join(known)}.")


def _filled(kind, values: dict, where: str):
    """Make a dataclass from TOML values: lists become tuples, types are checked (of ``tuple[...]`` only ``tuple``)."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    types: dict[str, Any] = {item.name: getattr(item.type, "__origin__", item.type) for item in fields(kind)}
    for name, value in values.items():
        if type(value) is not types[name]:
            raise DataError(f"{name} must be {types[name].__name__}, got {value!r}", where)
    try:
        return kind(**values)
    except TypeError as error:  # its message names the missing fields
        raise DataError(str(error).partition("() ")[2], where) from None
