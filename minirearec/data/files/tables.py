"""Reading tables of interactions: CSV, TSV, JSON lines and RecBole's atomic files, streamed line by line."""

import csv
import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from minirearec.data.files.columns import Columns
from minirearec.data.files.interactions import Builder, Interactions
from minirearec.data.files.lines import LONGEST_LINE, read_lines, short
from minirearec.errors import DataError

SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".json": "jsonl", ".ndjson": "jsonl", ".inter": "inter"}
FORMATS = ("csv", "tsv", "jsonl", "inter")
SEPARATORS = {"csv": ",", "tsv": "\t", "inter": "\t"}

Row = tuple[int, list]  # line number, values in the order of the names


def read_table(path, kind: str, columns: Columns = Columns(), items_file=None) -> Interactions:
    """Read the interactions in a table, one per row, in the order of the file.

    ``kind``: one of FORMATS. Titles come from a column of the table, or from ``items_file``, a table of items
    whose name says its format; the ``.item`` file beside an ``.inter`` file is found without it.
    Ids are text or numbers; ratings and times are finite numbers, and times may be ISO dates (UTC) instead.
    Raises DataError, naming file and line, for a row that does not fit, and for a table without rows.
    """
    path = Path(path)
    names, rows = open_rows(path, kind, columns.header)
    found = columns.find(names, f"{path}:1")
    user, item = names.index(found["user"]), names.index(found["item"])
    rating, time, title = (names.index(found[role]) if role in found else None for role in ("rating", "time", "title"))
    builder = Builder(rating is not None, time is not None)
    to_number = _Number("rating", path).read
    to_time = _Time(path).read
    add, line = builder.add, 0
    for line, values in rows:
        add(_text(values[user]), _text(values[item]), _Place(path, line))
        if rating is not None:
            builder.rating.append(to_number(values[rating], line))
        if time is not None:
            builder.timestamp.append(to_time(values[time], line))
        if title is not None and values[title] is not None:
            builder.title(builder.item[-1], str(values[title]), _Place(path, line))
    if not builder.user:
        raise DataError("has no rows", str(path), "Expected one interaction per row.")
    if items_file is None and kind == "inter" and path.with_suffix(".item").exists():
        items_file = path.with_suffix(".item")
    if items_file is not None:
        read_titles(Path(items_file), builder, columns)
    return builder.table()


def read_titles(path: Path, builder: Builder, columns: Columns = Columns()) -> None:
    """Add the titles in a table of items to the items that a builder knows; other items are skipped."""
    names, rows = open_rows(path, "inter" if path.suffix == ".item" else kind_of(path))
    wanted = Columns(item=columns.item if columns.item in names else "",
                     title=columns.title if columns.title in names else "")
    found = wanted.find(names, f"{path}:1", roles=("item", "title"), needed=("item", "title"))
    item, title = names.index(found["item"]), names.index(found["title"])
    for line, values in rows:
        number = builder.items.index.get(_text(values[item]).strip())
        if number is not None and values[title] is not None:
            builder.title(number, str(values[title]), _Place(path, line))


def kind_of(path: Path) -> str:
    """Return the format that a file's name says. Raises DataError if it says none."""
    suffixes = [suffix.lower() for suffix in Path(path).suffixes]
    last = suffixes[-2] if len(suffixes) > 1 and suffixes[-1] == ".gz" else suffixes[-1] if suffixes else ""
    if last not in SUFFIXES:
        raise DataError("the name does not say which format the file has", str(path),
                        f"Give it with --format: text, {', '.join(FORMATS)}.")
    return SUFFIXES[last]


def open_rows(path: Path, kind: str, header: tuple[str, ...] = ()) -> tuple[list[str], Iterator[Row]]:
    """Return the column names of a table and its rows; for JSON lines the names are those of the first object."""
    if kind == "jsonl":
        return _open_json(path)
    rows = _split_rows(path, kind)
    if header:
        return list(header), _checked(rows, path, len(header))
    _, names = next(rows, (1, None))
    if names is None:
        raise DataError("the file is empty", str(path),
                        "Expected a line of column names, then one interaction per line.")
    names = [name.strip() for name in names]
    if kind == "inter":
        bad = next((name for name in names if name.partition(":")[2] not in
                    ("token", "float", "token_seq", "float_seq")), None)
        if bad is not None:
            raise DataError(f"column {short(bad)!r} does not say its type", f"{path}:1",
                            "Atomic files name columns as user_id:token, rating:float and so on.")
        names = [name.partition(":")[0] for name in names]
    return names, _checked(rows, path, len(names))


def _split_rows(path: Path, kind: str) -> Iterator[Row]:
    """Yield rows of separated values; a blank line has no values."""
    quoting = csv.QUOTE_NONE if kind == "inter" else csv.QUOTE_MINIMAL
    reader = csv.reader(read_lines(path), delimiter=SEPARATORS[kind], quoting=quoting, strict=True)
    previous = csv.field_size_limit(LONGEST_LINE)
    try:
        for values in reader:
            yield reader.line_num, values
    except csv.Error as error:
        raise DataError(f"not {kind.upper()} ({error})", f"{path}:{reader.line_num}",
                        "A quotation mark may be unclosed or misplaced.") from None
    finally:
        csv.field_size_limit(previous)


def _checked(rows: Iterator[Row], path: Path, width: int) -> Iterator[Row]:
    """Yield rows with the right number of values; blank lines are accepted at the end only."""
    blank = 0
    for line, values in rows:
        if not values or (values == [""] and width > 1):
            blank = blank or line
            continue
        if blank:
            raise DataError("empty line", f"{path}:{blank}", "Remove it: every line is an interaction.")
        if len(values) != width:
            raise DataError(f"{len(values)} values in {width} columns", f"{path}:{line}",
                            "Every row needs a value for each column, even if it is empty.")
        yield line, values


def _open_json(path: Path) -> tuple[list[str], Iterator[Row]]:
    objects = _json_objects(path)
    first = next(objects, None)
    if first is None:
        raise DataError("the file is empty", str(path), "Expected one JSON object per line.")
    names = list(first[1])

    def rows():
        yield first[0], list(first[1].values())
        for line, found in objects:
            yield line, [found.get(name) for name in names]

    return names, rows()


def _json_objects(path: Path) -> Iterator[tuple[int, dict]]:
    blank = 0
    for line, text in enumerate(read_lines(path), 1):
        if text.isspace():
            blank = blank or line
            continue
        if blank:
            raise DataError("empty line", f"{path}:{blank}", "Remove it: every line is a JSON object.")
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DataError(f"not JSON ({short(error, 80)})", f"{path}:{line}",
                            "Expected one JSON object per line.") from None
        if not isinstance(found, dict):
            raise DataError(f"a JSON {type(found).__name__}, not an object", f"{path}:{line}",
                            'Expected lines such as {"user_id": "u1", "item_id": "i1"}.')
        yield line, found


def _text(value) -> str:
    """Return an id as text. Booleans, fractions, lists and so on are not ids; they count as missing."""
    if type(value) is str:
        return value
    return str(value) if type(value) is int else ""


class _Place(tuple):
    """Hold (path, line), and put it into words only when an error needs it."""

    def __new__(cls, path: Path, line: int):
        return tuple.__new__(cls, (path, line))

    def __str__(self) -> str:
        return f"{self[0]}:{self[1]}"


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
