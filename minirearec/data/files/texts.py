"""Texts of items: titles, brands, categories and so on, from columns of a table of interactions or of items."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from minirearec.data.files.columns import TEXTS, Columns
from minirearec.data.files.lines import check_text, short
from minirearec.data.files.rows import SUFFIXES, Place, id_text, kind_of, open_rows, spaced_columns
from minirearec.errors import DataError

MANY = ("categories", "attributes")  # an item may have many of them: they are kept as one text, separated by BETWEEN
BETWEEN = "|"


class ItemTable:
    """A table of items whose name says its format: column names, rows, and which columns separate values by spaces."""

    def __init__(self, path: Path):
        kind = kind_of(path, {".item": "inter", **SUFFIXES},
                       "Rename a table of items so that it ends in .item, .csv, .tsv or .jsonl.")
        self.path = path
        self.names, self.rows = open_rows(path, kind)
        self.spaced = spaced_columns(path) if kind == "inter" else set()


class Texts:
    """Collect the texts of items, by role and item number. The first one given counts."""

    def __init__(self):
        self.found: dict[str, dict[int, str]] = {}

    def add(self, role: str, item: int, value, where, by_spaces: bool = False) -> None:
        """Add a value, unless the item has one; see ``text_of``. ``where`` is put into words for an error."""
        known = self.found.setdefault(role, {})
        if item not in known and (text := text_of(role, value, by_spaces)):
            check_text(text, role, str(where))
            known[item] = text

    def read(self, table: ItemTable, index: dict[str, int], columns: Columns = Columns(),
             others: list[str] | None = None) -> None:
        """Add the texts in a table of items. ``index``: the number of each item's id; items without one are skipped.

        ``others``: the columns of the interactions that it goes with; see ``Columns.of_items``. Raises DataError,
        naming file and line, for a table that does not fit, for one without any column of texts, and for one that has
        none of the items.
        """
        path, names = table.path, table.names
        found = columns.of_items(names, others or [], f"{path}:1")
        item, known = names.index(found.pop("item")), False
        places = [(role, names.index(column), column in table.spaced) for role, column in found.items()]
        for line, values in table.rows:
            number = index.get(id_text(values[item]).strip())
            if number is not None:
                known = True
                for role, place, by_spaces in places:
                    self.add(role, number, values[place], Place(path, line), by_spaces)
        if index and not known:
            raise DataError("has none of the items of the interactions", str(path), f"They have ids such as "
                            f"{short(next(iter(index)))!r}. Name the column of such ids with --items-column.")

    def arrays(self, order: Iterable[int]) -> dict[str, np.ndarray]:
        """Return the texts of each role that has some, for the items with these numbers; empty where there is none."""
        return {role: np.array([self.found[role].get(item, "") for item in order], dtype=object)
                for role in TEXTS if self.found.get(role)}


def read_texts(path: Path, ids: list, columns: Columns) -> dict[str, np.ndarray]:
    """Return what a table of items says of the items with these ids, by role. Raises DataError as ``Texts.read``."""
    texts = Texts()
    texts.read(ItemTable(path), {str(one): number for number, one in enumerate(ids)}, columns)
    return texts.arrays(range(len(ids)))


def text_of(role: str, value, by_spaces: bool = False) -> str:
    """Return a value as one line of text.

    Several labels are separated by ``|``, ``,`` or, with ``by_spaces`` as in some columns of atomic files, spaces; JSON
    has lists.
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
