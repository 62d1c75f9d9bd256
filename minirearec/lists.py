"""Recommend for many users at once, and write their lists to a file: CSV, JSON lines or Parquet."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from minirearec import atomic
from minirearec.data.files.folder import refuse_existing
from minirearec.data.files.lines import read_lines, short
from minirearec.errors import ConfigError, DataError, ExportError, HistoryError
from minirearec.evaluation.full_ranking import users_at_a_time
from minirearec.evaluation.ranking import top_items
from minirearec.recommender import Recommendation, Recommender, check_finite
from minirearec.text import one_line

FORMULA = ("=", "+", "-", "@")  # what a spreadsheet may compute when a cell of text begins with it
Known = tuple[Any, np.ndarray]  # whose history it is, and its item indices [T]


def recommend_all(model: Recommender, histories: Iterable[Known], k: int = 10,
                  keep_seen: bool = False) -> Iterator[tuple[Any, Recommendation]]:
    """Yield the model's answer for every history, in their order: ``(user, the k best items)``.

    The lists are those of ``Recommender.recommend``, up to scores that differ by rounding. A bounded number of
    histories and scores is in memory. Raises ConfigError for k < 1, EvaluationError for scores that are not finite.
    """
    if k < 1:
        raise ConfigError(f"{k} items to recommend", "k", "Ask for at least 1.")
    scorer, ids, row, memory = model.scorer, model.items.ids, model.scorer.answer, None
    source, at_once = iter(histories), users_at_a_time(len(ids))
    while batch := list(islice(source, at_once)):
        newest = [history[-scorer.max_length:] for _, history in batch]
        lengths = np.array([len(history) for history in newest])
        items = np.zeros((len(batch), lengths.max()), dtype=np.int32)
        items[np.arange(items.shape[1]) < lengths[:, None]] = np.concatenate(newest)
        scores = scorer.scores(scorer.states(items, lengths), row, None if memory is None else memory[:len(batch)])
        memory = scores if memory is None else memory
        check_finite(scores, row)
        for (user, history), own in zip(batch, scores, strict=True):
            best = top_items(own, k, None if keep_seen else history)
            yield user, Recommendation(row.name, ids[best].tolist(), own[best].tolist(), row.step)


def histories_of(model: Recommender, users: list | None = None) -> Iterator[Known]:
    """Yield the full history of every user of the data set, or of those with these ids. Raises DataError for others."""
    data = model.load_data()
    index = {user: number for number, user in enumerate(data.user_ids.tolist())}
    for user in index if users is None else users:
        yield user, data.history(index[user] if user in index else data.user_index(user))


def read_users(path: Path, ids: np.ndarray) -> list:
    """Read a file with a user id in each line, in the type of ``ids``. Raises DataError, naming file and line."""
    return [_as(ids, line.strip(), where) for where, line in _lines(path)]


def read_histories(path: Path, model: Recommender) -> Iterator[Known]:
    """Yield the histories of a file with lines ``user item item ...``, oldest item first.

    A line with tabs is split at its tabs, so that ids may hold spaces. Users may be anyone: their ids are texts here.
    Raises DataError or HistoryError, naming file and line.
    """
    for where, line in _lines(path):
        user, *items = line.rstrip("\n").split("\t") if "\t" in line else line.split() or [""]
        if not user or not items:
            raise DataError("not a user and at least one item", where, "Expected lines of the form: user item item ...")
        try:
            yield user, model.items.indices([_as(model.items.ids, item, where) for item in items])
        except HistoryError as error:
            raise HistoryError(error.what, where, error.fix) from error


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the lines of a file that are not blank, with the place of each. Raises DataError when there is none."""
    empty = True
    for number, line in enumerate(read_lines(path), 1):
        if line.strip():
            empty = False
            yield f"{path}:{number}", line
    if empty:
        raise DataError("is empty", str(path), "Write a line for each user.")


def _as(ids: np.ndarray, word: str, where: str) -> int | str:
    if ids.dtype.kind not in "iu":
        return word
    if not (word.removeprefix("-").isascii() and word.removeprefix("-").isdigit() and len(word) < 20):
        raise DataError(f"{short(word)!r} is not a whole number", where, "Expected ids as in the data set.")
    return int(word)


def write_lists(path, lists: Iterable[tuple[Any, Recommendation]], titles: dict | None = None) -> int:
    """Write a new file of the kind that its ending names, whole or not at all; return how many lists it has.

    csv and parquet: a row for each recommended item, ``user, rank, item, score`` and ``title`` where titles by item id
    are given. jsonl: an object for each user. In CSV a text that a spreadsheet would compute gets an apostrophe first,
    and what could move a cursor is escaped. Raises ConfigError for another ending, DataError when there is something
    already, ExportError when it cannot be written.
    """
    path = Path(path)
    if path.suffix not in WRITERS:
        raise ConfigError(f"cannot write {path.suffix or 'a file without an ending'}", "--out",
                          f"Choose a name that ends in {', '.join(WRITERS)}.")
    if path.suffix == ".parquet" and find_spec("pyarrow") is None:
        raise ExportError("pyarrow is not installed", str(path), "Run: pip install pyarrow, or choose .csv or .jsonl.")
    refuse_existing(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic.replacing(path) as part, WRITERS[path.suffix](part, titles) as write:
            return sum(write(user, found) for user, found in lists)
    except OSError as error:
        raise ExportError(f"cannot be written: {error.strerror or error}", str(error.filename or path),
                          "Choose a place with free space that you may write to.") from error


Write = Callable[[Any, Recommendation], int]  # returns 1, for counting


@contextmanager
def _csv(part: Path, titles: dict | None) -> Iterator[Write]:
    with open(part, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["user", "rank", "item", "score", *["title"] * (titles is not None)])

        def write(user, found: Recommendation) -> int:
            for rank, (item, score) in enumerate(zip(found.items, found.scores, strict=True), 1):
                extra = [] if titles is None else [_cell(titles[item])]
                writer.writerow([_cell(user), rank, _cell(item), score, *extra])
            return 1

        yield write


def _cell(value):
    """Return a cell that a spreadsheet shows as it is, and a terminal too."""
    if not isinstance(value, str):
        return value
    text = one_line(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


@contextmanager
def _json_lines(part: Path, titles: dict | None) -> Iterator[Write]:
    with open(part, "w", encoding="ascii") as file:
        def write(user, found: Recommendation) -> int:
            extra = {} if titles is None else {"titles": [titles[item] for item in found.items]}
            file.write(json.dumps({"user": user, "items": found.items, "scores": found.scores, **extra}) + "\n")
            return 1

        yield write


@contextmanager
def _parquet(part: Path, titles: dict | None) -> Iterator[Write]:
    import pyarrow  # pyright: ignore[reportMissingImports]
    import pyarrow.parquet  # pyright: ignore[reportMissingImports]

    rows: dict[str, list] = {name: [] for name in ("user", "rank", "item", "score", *["title"] * (titles is not None))}
    writer: Any = None

    def flush():
        nonlocal writer
        table = pyarrow.table(rows, schema=writer and writer.schema)
        writer = writer or pyarrow.parquet.ParquetWriter(part, table.schema)
        writer.write_table(table)
        for column in rows.values():
            column.clear()

    def write(user, found: Recommendation) -> int:
        values = {"user": [user] * len(found.items), "rank": range(1, len(found.items) + 1), "item": found.items,
                  "score": found.scores}
        if titles is not None:
            values["title"] = [titles[item] for item in found.items]
        for name, column in values.items():
            rows[name].extend(column)
        if len(rows["user"]) >= ROWS_AT_A_TIME:
            flush()
        return 1

    try:
        yield write
        flush()
    finally:
        if writer is not None:
            writer.close()


ROWS_AT_A_TIME = 100_000
WRITERS = {".csv": _csv, ".jsonl": _json_lines, ".parquet": _parquet}
