"""The rows of a table, streamed line by line: CSV, TSV, JSON lines and RecBole's atomic files."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from minirearec.data.files.lines import LONGEST_LINE, read_lines, short, without_gz
from minirearec.errors import DataError

TEXT = "text"
SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".json": "jsonl", ".ndjson": "jsonl", ".inter": "inter"}
FORMATS = ("csv", "tsv", "jsonl", "inter")
INTERACTIONS = {".txt": TEXT, **SUFFIXES}
EXACT = 2**53  # whole numbers up to here are themselves as floats
SEPARATORS = {"csv": ",", "tsv": "\t", "inter": "\t"}

Row = tuple[int, list]  # line number, values in the order of the names


def kind_of(path: Path, known: dict[str, str] = INTERACTIONS,
            fix: str = f"Give it with --format: {TEXT}, {', '.join(FORMATS)}.") -> str:
    """Return the format that a file's name says. Raises DataError if it says none of the known ones."""
    last = without_gz(path).suffix.lower()
    if last not in known:
        raise DataError("the name does not say which format the file has", str(path), fix)
    return known[last]


def open_rows(path: Path, kind: str, header: tuple[str, ...] = ()) -> tuple[list[str], Iterator[Row]]:
    """Return the column names of a table and its rows.

    For JSON lines the names are those of all objects, which may lack some: the file is read twice.
    """
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
    try:
        while (values := _next_row(reader)) is not None:
            yield reader.line_num, values
    except csv.Error as error:
        raise DataError(f"not {kind.upper()} ({error})", f"{path}:{reader.line_num}",
                        "A quotation mark may be unclosed or misplaced.") from None


def _next_row(reader) -> list[str] | None:
    previous = csv.field_size_limit(LONGEST_LINE)  # of the whole process, so for no longer than one row
    try:
        return next(reader, None)
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


def spaced_columns(path: Path) -> set[str]:
    """Return the columns of an atomic file that hold several values, separated by spaces."""
    _, names = next(_split_rows(path, "inter"))
    return {name.partition(":")[0].strip() for name in names if name.strip().endswith("_seq")}


def _open_json(path: Path) -> tuple[list[str], Iterator[Row]]:
    names = list(dict.fromkeys(name for _, found in _json_objects(path) for name in found))
    if not names:
        raise DataError("the file is empty", str(path), "Expected one JSON object per line.")
    return names, ((line, [found.get(name) for name in names]) for line, found in _json_objects(path))


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


def id_text(value) -> str:
    """Return an id as text. Booleans, fractions, lists and so on are not ids; they count as missing.

    A whole float is a number: pandas makes floats of a column of numbers where one was missing.
    """
    if type(value) is str:
        return value
    if type(value) is float and value.is_integer() and abs(value) < EXACT:
        return str(int(value))
    return str(value) if type(value) is int else ""


class Place(tuple):
    """Hold (path, line), and put it into words only when an error needs it."""

    def __new__(cls, path: Path, line: int):
        return tuple.__new__(cls, (path, line))

    def __str__(self) -> str:
        return f"{self[0]}:{self[1]}"
