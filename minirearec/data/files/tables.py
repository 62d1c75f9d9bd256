"""Reading tables of interactions, with what they say about the items."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from minirearec.data.files.columns import TEXTS, Columns
from minirearec.data.files.interactions import Builder, Interactions
from minirearec.data.files.lines import short
from minirearec.data.files.rows import Place, Row, id_text, open_rows, spaced_columns
from minirearec.data.files.texts import ItemTable, read_texts
from minirearec.errors import ConfigError, DataError


def read_table(path, kind: str, columns: Columns = Columns(), items_file=None,
               on_columns: Callable[[dict[str, str], list[str]], None] = lambda found, others: None) -> Interactions:
    """Read the interactions in a table, one per row, in the order of the file.

    ``kind``: one of ``rows.FORMATS``. Titles and other texts of items come from columns of the table, or from
    ``items_file``, a table of items whose name says its format; the ``.item`` file beside an ``.inter`` file is found
    without it. Either table may have the named columns of items and texts. ``on_columns`` is told the column of each
    role, and the columns that have none.
    Ids are text or numbers; ratings and times are finite numbers, and times may be ISO dates (UTC) instead.
    Raises DataError, naming file and line, for a row that does not fit, and for a table without rows.
    """
    path = Path(path)
    names, rows = open_rows(path, kind, columns.header)
    if items_file is None and kind == "inter":
        stem = path.name.removesuffix(".gz").removesuffix(".inter")
        items_file = next(filter(Path.exists, (path.with_name(stem + end) for end in (".item", ".item.gz"))), None)
    items = None if items_file is None else ItemTable(Path(items_file))
    if items is None and columns.key:
        raise ConfigError("there is no table of items", "--items-column", "Give one with --items.")
    builder = build(names, rows, path, kind, columns.within(names, items.names) if items else columns, on_columns)
    if items is not None:
        builder.texts.read(items, builder.items.index, columns, names)
    return builder.table()


def with_texts(table: Interactions, items_file: Path, columns: Columns) -> Interactions:
    """Return interactions of a text file with what a table of items says of their items."""
    found = read_texts(items_file, table.item_ids.tolist(), columns)
    return replace(table, titles=found.pop("title", None), texts=found)


def build(names: list[str], rows: Iterable[Row], path: Path, kind: str, columns: Columns, on_columns) -> Builder:
    """Collect the rows of a table with these column names; see ``read_table``."""
    spaced = spaced_columns(path) if kind == "inter" and not columns.header else set()
    found = columns.find(names, f"{path}:1")
    on_columns(found, [name for name in names if name not in found.values()])
    user, item = names.index(found["user"]), names.index(found["item"])
    rating, time = (names.index(found[role]) if role in found else None for role in ("rating", "time"))
    texts = [(role, names.index(found[role]), found[role] in spaced) for role in TEXTS if role in found]
    builder = Builder(rating is not None, time is not None)
    to_number = _Number("rating", path).read
    to_time = _Time(path).read
    add, line = builder.add, 0
    for line, values in rows:
        add(id_text(values[user]), id_text(values[item]), Place(path, line))
        if rating is not None:
            builder.rating.append(to_number(values[rating], line))
        if time is not None:
            builder.timestamp.append(to_time(values[time], line))
        for role, column, by_spaces in texts:
            builder.texts.add(role, builder.item[-1], values[column], Place(path, line), by_spaces)
    if not builder.user:
        raise DataError("has no rows", str(path), "Expected one interaction per row.")
    return builder


def _odd(value) -> bool:
    """Return whether float() would take a text for a number that is none in a table: 1_0, or other scripts' digits."""
    return type(value) is str and ("_" in value or not value.isascii())


class _Number:
    """Read finite numbers."""

    def __init__(self, what: str, path: Path):
        self.what, self.path = what, path

    def read(self, value, line: int) -> float:
        try:
            number = math.nan if type(value) is bool or _odd(value) else float(value)
        except (TypeError, ValueError, OverflowError):
            raise self.bad(value, line) from None
        if not math.isfinite(number):
            raise self.bad(value, line)
        return number

    def bad(self, value, line: int) -> DataError:
        return DataError(f"the {self.what} {short(value)!r} is not a finite number", f"{self.path}:{line}",
                         f"Every row needs a {self.what}; if the column has no meaning, leave it out with "
                         f"--{self.what}-column -.")


class _Time(_Number):
    """Read times, all of one kind: numbers, or ISO dates as seconds since 1970 (UTC unless they say otherwise)."""

    def __init__(self, path: Path):
        super().__init__("time", path)
        self.parse: Callable | None = None

    def read(self, value, line: int) -> float:
        if self.parse is None:
            self.parse = super().read
            try:
                return self.parse(value, line)
            except DataError:
                self.parse = self.date
        return self.parse(value, line)

    def date(self, value, line: int) -> float:
        try:
            moment = datetime.fromisoformat(value.strip())
        except (AttributeError, ValueError):
            raise self.bad(value, line) from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    def bad(self, value, line: int) -> DataError:
        kind = "a date such as 2018-09-04 08:16:19" if self.parse == self.date else "a finite number"
        return DataError(f"the time {short(value)!r} is not {kind}", f"{self.path}:{line}",
                         "Times are all numbers or all dates; if the column has no meaning, leave it out with "
                         "--time-column -.")
