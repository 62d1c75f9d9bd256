"""What is known of the items of a data set, as terms to count or as texts to encode."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from minirearec.data.features.tfidf import Terms
from minirearec.data.files.columns import TEXTS
from minirearec.data.files.texts import BETWEEN, MANY, labels_of
from minirearec.errors import ConfigError, DataError

if TYPE_CHECKING:
    from minirearec.data.sequences import SequenceData

LABELS = ("brand", "year", *MANY)  # each is one term, or several; other columns are words
PAPER = "paper"  # the source that writes an item as the paper does
SOURCES = {  # the columns that each takes, as far as the data have them
    "all": tuple(role for role in TEXTS if role != "price"),  # of its digits nothing can be learned
    "titles": ("title",),
    "attributes": tuple(role for role in TEXTS if role in LABELS),
    PAPER: TEXTS,
}


def columns_of(data: "SequenceData", source: str, wanted: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Return the columns of texts to use by role: the ``wanted`` ones, or those of a source that the data have.

    Raises DataError, which says how to get some, when the data have none of them, and ConfigError for unknown roles.
    """
    unknown = [role for role in wanted if role not in TEXTS]
    if unknown:
        raise ConfigError(f"unknown column {unknown[0]!r}", "--texts", f"Choose from: {', '.join(TEXTS)}.")
    known = data.texts if data.titles is None else {"title": data.titles, **data.texts}
    for role in wanted:
        if role not in known:
            raise _lacking(data, role, known)
    found = {role: known[role] for role in wanted or SOURCES[source] if role in known}
    if not any(column.any() for column in found.values()):
        raise _lacking(data, source if source in ("titles", "attributes") else "titles and no attributes", known)
    return found


def _lacking(data: "SequenceData", what: str, known: dict) -> DataError:
    has = f"It has {', '.join(known)}. " if known else ""
    return DataError(f"has no {what}", f"data set {data.name}", f"{has}Import the data with a table of items that "
                     "has them (minirearec data import --items), or give a file: --from FILE.json or FILE.npy.")


def terms(columns: dict[str, np.ndarray], numbering: Terms) -> Iterator[list[int]]:
    """Yield the terms of each item: the n-grams of its words, and its labels whole."""
    for values in zip(*columns.values(), strict=True):
        found = []
        for role, text in zip(columns, values, strict=True):
            if role in LABELS:
                found += [numbering.label(f"{role}={label}") for label in labels_of(text)]
            else:
                found += numbering.words(text)
        yield found


def texts(columns: dict[str, np.ndarray], as_lines: bool = False) -> list[str]:
    """Return what is known of each item as one text: in a row, or ``as_lines`` as in the paper, ``- key:value``.

    An item of which nothing is known has the empty text.
    """
    form, between = ("- {role}:{text}", "\n") if as_lines else ("{text}", " ")
    return [between.join(form.format(role=role, text=text.replace(BETWEEN, ", "))
                         for role, text in zip(columns, values, strict=True) if text)
            for values in zip(*columns.values(), strict=True)]
