"""Texts of items: titles, brands, categories and so on, from columns of a table of interactions or of items."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from minirearec.data.files.columns import TEXTS, Columns
from minirearec.data.files.lines import check_text
from minirearec.data.files.rows import Place, id_text, kind_of, open_rows

MANY = ("categories", "attributes")  # an item may have many of them: they are kept as one text, separated by BETWEEN
BETWEEN = "|"


class Texts:
    """Collect the texts of items, by role and item number. The first one given counts."""

    def __init__(self):
        self.found: dict[str, dict[int, str]] = {}

    def add(self, role: str, item: int, value, where, kind: str = "") -> None:
        """Add a value of a table of this kind, unless the item has one. ``where`` is put into words for an error."""
        known = self.found.setdefault(role, {})
        if item not in known and (text := text_of(role, value, by_spaces=kind == "inter")):
            check_text(text, role, str(where))
            known[item] = text

    def read(self, path: Path, index: dict[str, int], columns: Columns = Columns()) -> None:
        """Add the texts in a table of items. ``index``: the number of each item's id; items without one are skipped.

        Raises DataError, naming file and line, for a table that does not fit, and for one without any column of texts.
        """
        kind = "inter" if path.suffix == ".item" else kind_of(path)
        names, rows = open_rows(path, kind)
        given: dict[str, Any] = {role: name for role in ("item", *TEXTS)
                                 if (name := getattr(columns, role)) in names or name == "-"}
        wanted = Columns(**given)
        found = wanted.find(names, f"{path}:1", ("item", *TEXTS), ("item",))
        if len(found) == 1:
            wanted.find(names, f"{path}:1", ("item", "title"), ("item", "title"))  # says what is missing
        item = names.index(found.pop("item"))
        places = [(role, names.index(column)) for role, column in found.items()]
        for line, values in rows:
            number = index.get(id_text(values[item]).strip())
            if number is not None:
                for role, place in places:
                    self.add(role, number, values[place], Place(path, line), kind)

    def arrays(self, order: Iterable[int]) -> dict[str, np.ndarray]:
        """Return the texts of each role that has some, for the items with these numbers; empty where there is none."""
        return {role: np.array([self.found[role].get(item, "") for item in order], dtype=object)
                for role in TEXTS if self.found.get(role)}


def text_of(role: str, value, by_spaces: bool = False) -> str:
    """Return a value as one line of text.

    Several labels are separated by ``|``, ``,`` or, with ``by_spaces`` as in atomic files, spaces; JSON has lists.
    """
    if role not in MANY:
        return " ".join(" ".join(_flat(value)).split())
    labels = list(_flat(value))
    if isinstance(value, str):
        labels = value.split(next((sign for sign in (BETWEEN, ",") if sign in value), None if by_spaces else BETWEEN))
    tidy = (" ".join(label.replace(BETWEEN, "/").split()) for label in labels)
    return BETWEEN.join(dict.fromkeys(filter(None, tidy)))


def labels_of(text: str) -> list[str]:
    """Return the labels in a text that ``text_of`` made."""
    return text.split(BETWEEN) if text else []


def _flat(value) -> Iterator[str]:
    """Yield the texts in a value of JSON: those of lists in turn, those of objects as ``key=value``."""
    waiting = [value]  # a list may be nested deeper than functions can be
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            value = [inner if isinstance(inner, dict | list | None) else f"{key}={inner}"
                     for key, inner in value.items()]
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif value is not None:
            yield str(value)
