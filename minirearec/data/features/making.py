"""Making features: from the texts and labels of a data set, or from a file."""

import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from minirearec.data.features.attribute_file import read_attributes
from minirearec.data.features.encoders import encode
from minirearec.data.features.features import ROWS, Features, read_matrix
from minirearec.data.features.item_text import PAPER, SOURCES, columns_of, terms, texts
from minirearec.data.features.sparse import Sparse
from minirearec.data.features.svd import strongest
from minirearec.data.features.tfidf import Terms, count, tf_idf
from minirearec.errors import ConfigError, DataError
from minirearec.text import one_line

if TYPE_CHECKING:
    from minirearec.data.sequences import SequenceData

WIDTH = 128
# Settings that files refuse:
FILES = {".npy": ("texts", "encoder", "width", "sublinear", "seed"), ".json": ("texts", "encoder")}


@dataclass(frozen=True)
class Making:
    """How features are made. ``source``: a name of SOURCES, or the path of a .npy or .json file."""

    source: str = "all"
    texts: tuple[str, ...] = ()  # columns in place of those of the source
    encoder: str = ""  # a sentence encoder in place of TF-IDF
    width: int | None = None  # F; by default WIDTH, or that of the encoder
    sublinear: bool = False  # counts enter as 1 + ln(count)
    seed: int = 0

    def settings(self) -> dict:
        """Return what was chosen, as plain values; what is off is left out."""
        return {name: list(value) if isinstance(value, tuple) else value
                for name, value in asdict(self).items() if value or name == "seed"}


def make_features(data: "SequenceData", making: Making = Making(),
                  on_step: Callable[[str], None] = lambda step: None) -> Features:
    """Make the features [V, F] of a data set's items; ``on_step`` is told, in words, what is being done.

    Words and labels are weighed by TF-IDF and reduced to their strongest directions, and so are the attributes in a
    .json file. The vectors of an encoder are reduced if they are wider than ``width``. A .npy file is taken as it is.
    Raises DataError for data without what the source needs and for files that do not fit, ConfigError for settings
    that are unknown or have no meaning for the source.
    """
    path = Path(os.path.expanduser(making.source))
    kind = path.suffix.lower() if making.source not in SOURCES else ""
    _refuse_idle(making, kind)
    origin = f"file {one_line(path.name)}"
    if kind == ".npy":
        return Features(read_matrix(path, ROWS), origin, data.n_items)
    numbering = Terms()
    if kind == ".json":
        documents = [[numbering.label(label) for label in found] for found in read_attributes(path, data)]
        return _of_terms(documents, origin, making, on_step)
    columns, as_lines = columns_of(data, making.source, making.texts), making.source == PAPER
    origin = ", ".join(columns) + " in lines as in the paper" * as_lines
    if making.encoder:
        vectors = encode(making.encoder, texts(columns, as_lines), on_step)
        if making.width is not None and making.width < vectors.shape[1]:
            vectors = _reduced(vectors.astype(np.float64), making, on_step)
        return Features(vectors, f"{making.encoder} of {origin}")
    documents = map(numbering.words, texts(columns, as_lines)) if as_lines else terms(columns, numbering)
    return _of_terms(documents, origin, making, on_step)


def _refuse_idle(making: Making, kind: str) -> None:
    if making.source not in SOURCES and kind not in FILES:
        raise ConfigError(f"unknown source {making.source!r}", "--from",
                          f"Choose one of: {', '.join(SOURCES)}; or give a .npy or .json file.")
    idle = FILES.get(kind, ("sublinear",) if making.encoder else ())
    for name in idle:
        if getattr(making, name):
            raise ConfigError(f"has no meaning for {f'a {kind} file' if kind else 'an encoder'}", f"--{name}",
                              "Leave it out.")


def _of_terms(documents: Iterable[Iterable[int]], origin: str, making: Making, on_step) -> Features:
    """Return features of the terms of each item."""
    on_step("counting terms")
    counts = count(documents)
    if not counts.width:
        raise DataError("holds no words", origin, "Features need some text with letters or digits.")
    vectors = _reduced(tf_idf(counts, making.sublinear), making, on_step)
    return Features(vectors, f"TF-IDF of {origin}, {counts.width:,} terms")


def _reduced(matrix: Sparse | np.ndarray, making: Making, on_step) -> np.ndarray:
    return strongest(matrix, making.width or WIDTH, making.seed, on_pass=lambda done, total: on_step(
        f"reducing {matrix.shape[1]:,} columns, pass {done + 1} of {total}"))
