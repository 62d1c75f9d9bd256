"""The paper's Amazon 2023 sets, from the published 5-core files that are cut in time and hold each row's history.

``{Category}.train.csv``, ``.valid.csv`` and ``.test.csv`` have the columns user_id, parent_asin, rating, timestamp
and history: the items, separated by spaces, that the user reviewed before, whatever the rating. Titles are in
``meta_{Category}.jsonl``. The filters are those of the paper's authors: the rating, and what ``_Reader.keep`` says.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from minirearec.data.files.columns import Columns
from minirearec.data.files.interactions import Builder, id_array
from minirearec.data.files.lines import short
from minirearec.data.files.rows import open_rows
from minirearec.data.sequences import Rows, SequenceData, content_sha256
from minirearec.data.splits.in_time import split_rows
from minirearec.data.splits.leakage import check
from minirearec.errors import DataError

PARTS = ("train", "valid", "test")
RULE = "published cut in time, rows with a history"
LEAST_RATING = 3  # rows must have more


@dataclass(frozen=True)
class Limits:
    """How many items the history of a row must have."""

    min_history: int = 5  # to validate and test
    min_train_history: int = 1


@dataclass(eq=False)
class _Part:
    """Kept rows of one file."""

    user: array = field(default_factory=lambda: array("q"))
    length: array = field(default_factory=lambda: array("q"))

    def rows(self) -> Rows:
        return Rows(*(np.array(values, dtype=np.int64) for values in (self.user, self.length)))


def amazon_2023(files: dict[str, Path], titles: dict[str, str], limits: Limits = Limits(), name: str = "amazon",
                on_part: Callable[[str, int], None] = lambda part, rows: None) -> SequenceData:
    """Read the data set of one category, with its split. ``files``: a path for each of train, valid and test.

    A row is kept when its rating is above 3 and its history is long enough (``limits``); a training row only when
    the target and the whole history have a title, and a row to validate or test only when they occur in a kept
    training row. A user's histories are one sequence that grows from row to row, so it is stored once.
    ``on_part`` is told how many rows of each file were kept.
    Raises DataError, naming file and line, for rows that do not fit the format.
    """
    reader, parts = _Reader(titles, limits), {}
    for part in PARTS:
        parts[part] = reader.read(Path(files[part]), part)
        on_part(part, len(parts[part].user))
    return replace(reader.data(parts, name, f"Amazon Reviews 2023, {Path(files['train']).name} and its companions"),
                   name=name)


def read_item_titles(path) -> dict[str, str]:
    """Read the title of each item in ``meta_{Category}.jsonl``; items whose title is null are left out."""
    names, rows = open_rows(Path(path), "jsonl")
    found = Columns(item="parent_asin", title="title").find(names, f"{path}:1", ("item", "title"), ("item", "title"))
    item, title = names.index(found["item"]), names.index(found["title"])
    return {str(values[item]): str(values[title]) for _, values in rows if values[title] is not None}


class _Reader:
    """Read the files one after the other; remember users, items and the longest sequence of every user."""

    def __init__(self, titles: dict[str, str], limits: Limits):
        self.titles, self.limits, self.builder = titles, limits, Builder()
        self.sequences: list[array] = []
        self.trained: set[str] = set()  # items of kept training rows

    def read(self, path: Path, part: str) -> _Part:
        """Read one file; return the rows that are kept."""
        names, rows = open_rows(path, "csv")
        wanted = ("user_id", "parent_asin", "rating", "history")
        missing = [name for name in wanted if name not in names]
        if missing:
            raise DataError(f"no column {missing[0]!r}", f"{path}:1", "Expected a published file 'with history', whose "
                            "columns are user_id, parent_asin, rating, timestamp and history.")
        user, item, rating, history = map(names.index, wanted)
        kept, line = _Part(), 0
        for line, values in rows:
            before = values[history].split()
            try:
                liked = float(values[rating]) > LEAST_RATING
            except ValueError:
                raise DataError(f"the rating {short(values[rating])!r} is not a number", f"{path}:{line}",
                                "The file is damaged; download it again.") from None
            if liked and self.keep(part, before, values[item]):
                items = [*before, values[item]]
                self.add(kept, values[user], items, f"{path}:{line}")
                if part == "train":
                    self.trained.update(items)
        if not line:
            raise DataError("has no rows", str(path), "The file is cut short; download it again.")
        return kept

    def keep(self, part: str, before: list[str], target: str) -> bool:
        """Return whether a row above the rating is kept."""
        if part == "train":
            return (len(before) >= max(1, self.limits.min_train_history) and target in self.titles
                    and all(map(self.titles.__contains__, before)))
        return (len(before) >= max(1, self.limits.min_history) and target in self.trained
                and all(map(self.trained.__contains__, before)))

    def add(self, kept: _Part, user_id: str, items: list[str], where: str) -> None:
        """Store a row, and the user's sequence when the row is longer than the earlier ones."""
        users, known = self.builder.users, self.builder.items.index
        user = users.add(user_id, where)
        if user == len(self.sequences):
            self.sequences.append(array("i"))
        try:
            row = array("i", map(known.__getitem__, items))
        except KeyError:
            row = array("i", [self.builder.items.add(item, where) for item in items])
        sequence = self.sequences[user]
        shared = min(len(row), len(sequence))
        if row[:shared] != sequence[:shared]:
            raise DataError(f"the history of user {short(user_id)} does not continue an earlier row of the user",
                            where, "Expected published files 'with history', where it grows from row to row.")
        if len(row) > len(sequence):
            self.sequences[user] = row
        kept.user.append(user)
        kept.length.append(len(row) - 1)

    def data(self, parts: dict[str, _Part], name: str, source: str) -> SequenceData:
        """Return the sequences and the split of all kept rows."""
        texts = list(self.builder.items.index)
        ids = id_array(texts)
        order = np.argsort(ids, kind="stable")
        number = np.empty(len(order), dtype=np.int32)
        number[order] = np.arange(len(order))
        lengths = np.array([len(sequence) for sequence in self.sequences], dtype=np.int64)
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        flat = np.concatenate([np.frombuffer(sequence, dtype=np.int32) for sequence in self.sequences]) \
            if self.sequences else np.empty(0, dtype=np.int32)
        rows = {part: found.rows() for part, found in parts.items()}
        is_target, train_lengths = np.zeros(len(flat), dtype=bool), np.zeros(len(lengths), dtype=np.int64)
        is_target[offsets[rows["train"].user] + rows["train"].length] = True
        np.maximum.at(train_lengths, rows["train"].user, rows["train"].length + 1)
        data = SequenceData(name, number[flat], offsets, self.builder.users.array(), ids[order], "", False, source,
                            np.array([self.titles.get(texts[index], "") for index in order], dtype=object))
        split = split_rows(data, train_lengths, is_target, rows["valid"], rows["test"], RULE, known_items=True)
        check(split)
        return replace(split.data, sha256=content_sha256(split.data))
