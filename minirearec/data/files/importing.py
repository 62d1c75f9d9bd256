"""Importing a file of interactions: read, filter, order, split, and report what remains after every step."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from minirearec.data.files.columns import ROLES, TEXTS, Columns
from minirearec.data.files.filters import above_rating, in_order, k_core, without_duplicates
from minirearec.data.files.interactions import Interactions, table_of
from minirearec.data.files.remote import file_sha256
from minirearec.data.files.rows import FORMATS, TEXT, kind_of
from minirearec.data.files.tables import read_table, with_texts
from minirearec.data.files.text import MIN_ITEMS, read_sequences
from minirearec.data.sequences import SequenceData, check_name, content_sha256
from minirearec.data.splits import last_n
from minirearec.data.splits.in_time import by_time
from minirearec.errors import ConfigError, DataError
from minirearec.text import printable

SPLITS = ("leave-one-out", "time", "last-n")  # names of --split


@dataclass(frozen=True)
class Filters:
    """What an import leaves out, and how it orders the rest. Applied in the order of these fields."""

    above: float | None = None  # ratings must be higher than this
    ties: str = "file"
    tie_seed: int = 0
    duplicates: str = "keep"
    core: int = 0  # users and items must have this many interactions
    min_history: int = MIN_ITEMS  # users must also have this many


@dataclass(frozen=True)
class SplitRule:
    """How imported data are split; see ``by_time`` and ``last_n``."""

    kind: str = "leave-one-out"
    cuts: tuple = (0.8, 0.9)
    by: str = "quantile"
    row_history: int = 1  # items that a row's history needs, with a cut in time
    known_items: bool = True
    n: int = 1


@dataclass(frozen=True)
class Step:
    """What remains after one step of an import."""

    what: str
    users: int
    items: int
    interactions: int


def import_file(path, kind: str | None = None, columns: Columns = Columns(), filters: Filters = Filters(),
                split: SplitRule = SplitRule(), items_file=None, name: str | None = None,
                on_step: Callable[[Step], None] = lambda step: None,
                on_columns: Callable[[dict[str, str], list[str]], None] = lambda found, others: None) -> SequenceData:
    """Import a file of interactions. ``on_step`` is told what remains after each step, reading included.

    ``on_columns``: see ``read_table``. Without a time, the order of the file is taken as the order of events.

    ``kind``: ``text`` (``user item item ...``), ``csv``, ``tsv``, ``jsonl`` or ``inter``; by default what the
    file's name says. Raises DataError, naming file and line, for a file that does not fit, and when nothing remains.
    """
    path = Path(os.path.expanduser(path))
    name = name or path.name.split(".")[0]
    check_name(name, str(path), "Choose another with --name.")
    kind = kind or kind_of(path)
    items_file = None if items_file is None else Path(os.path.expanduser(items_file))
    if kind == TEXT:
        _refuse_columns(columns, items_file)
        table = table_of(read_sequences(path, fewest=1))
        table = table if items_file is None else with_texts(table, items_file, columns)
    elif kind in FORMATS:
        table = read_table(path, kind, columns, items_file, on_columns)
    else:
        raise ConfigError(f"unknown format {kind!r}", "--format", f"Choose one of: {TEXT}, {', '.join(FORMATS)}.")
    on_step(step("read", table))
    table = apply(table, filters, on_step)
    if not len(table):
        raise DataError("no interactions are left", str(path), "Filter less: use a lower rating threshold, a smaller "
                        "core or shorter histories.")
    data = apply_split(sequences(table, name, printable(f"imported from {path}")), split)
    if data.given is not None:
        on_step(Step(data.given.rule, data.n_users, data.n_items, data.n_interactions))
    return replace(data, sha256=content_sha256(data))


def _refuse_columns(columns: Columns, items_file: Path | None) -> None:
    """Raise ConfigError for columns that were named although a text file has none; a table of items has some."""
    options = {**{role: f"--{role}-column" for role in ROLES}, "header": "--columns", "key": "--items-column"}
    allowed = () if items_file is None else (*TEXTS, "key")
    for role in (role for role in options if getattr(columns, role) and role not in allowed):
        raise ConfigError("a text file has no columns", options[role],
                          "Leave it out, or say with --format what kind of table the file is.")


def apply(table: Interactions, filters: Filters, on_step: Callable[[Step], None] = lambda step: None) -> Interactions:
    """Filter and order a table. The k-core and the shortest history are applied together, to one fixed point."""
    def done(what, kept):
        if what and len(kept) < len(table):
            on_step(step(what, kept))
        return kept

    if filters.above is not None:
        table = done(f"ratings above {filters.above:g}", above_rating(table, filters.above))
    table = in_order(table, filters.ties, filters.tie_seed)
    table = done(f"the {filters.duplicates} of duplicates", without_duplicates(table, filters.duplicates))
    shortest = max(filters.core, filters.min_history)
    what = f"{filters.core}-core" * bool(filters.core) + " and " * bool(filters.core and shortest > filters.core) + \
        f"at least {shortest} items a user" * (shortest > filters.core)
    return done(what, k_core(table, shortest, filters.core))


def sequences(table: Interactions, name: str, source: str) -> SequenceData:
    """Return the histories in an ordered table; users and items without a row are left out."""
    users, user = np.unique(table.user, return_inverse=True)
    items, item = np.unique(table.item, return_inverse=True)
    data = SequenceData(
        name=name, items=item.astype(np.int32),
        offsets=np.concatenate([[0], np.cumsum(np.bincount(user, minlength=len(users)))]).astype(np.int64),
        user_ids=table.user_ids[users], item_ids=table.item_ids[items], sha256="", synthetic=False, source=source,
        titles=None if table.titles is None else table.titles[items], timestamps=table.timestamp,
        texts={role: column[items] for role, column in table.texts.items()})
    return replace(data, sha256=content_sha256(data))


def apply_split(data: SequenceData, rule: SplitRule) -> SequenceData:
    """Return the data with the split of a rule; leave-one-out needs none of its own."""
    if rule.kind == "time":
        return by_time(data, rule.cuts, rule.by, min_history=rule.row_history, min_train_history=rule.row_history,
                       known_items=rule.known_items).data
    if rule.kind == "last-n":
        return last_n(data, rule.n).data
    if rule.kind != "leave-one-out":
        raise ConfigError(f"unknown split {rule.kind!r}", "--split", f"Choose one of: {', '.join(SPLITS)}.")
    return data


def step(what: str, table: Interactions) -> Step:
    """Return the counts of a table."""
    return Step(what, len(np.unique(table.user)), len(np.unique(table.item)), len(table))


def source_sha256(paths: list[Path]) -> dict[str, str]:
    """Return the sha256 of files by name, to remember where data came from."""
    return {printable(path.name): file_sha256(path) for path in paths}
