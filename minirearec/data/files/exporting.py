"""Exporting a data set to the formats that other tools read."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np

from minirearec import atomic
from minirearec.data.files.folder import refuse_existing
from minirearec.data.files.lines import is_gz
from minirearec.data.files.rows import FORMATS, TEXT
from minirearec.data.sequences import SequenceData
from minirearec.errors import ConfigError, DataError

EXPORTS = (TEXT, *FORMATS)


def export(data: SequenceData, path, kind: str) -> Path:
    """Write the interactions, user after user, oldest first: the whole file, or none when that fails.

    ``text``: ``user item item ...``, for which ids must be whole numbers and items at least 1. The tables have
    columns user_id, item_id, and timestamp and title where known; ``inter`` puts titles in an ``.item`` file beside
    it. Names that end in ``.gz`` are compressed. A split that belongs to the data is not exported: its rows are
    positions in these histories, and the same cut makes it again.
    Raises DataError when the file exists, cannot be written or cannot hold the ids.
    """
    path = Path(path)
    if kind not in EXPORTS:
        raise ConfigError(f"unknown format {kind!r}", "--format", f"Choose one of: {', '.join(EXPORTS)}.")
    if kind == TEXT:
        _check_numbers(data, path)
    titles, items = data.titles, path.with_name(path.name.removesuffix(".gz").removesuffix(".inter") + ".item")
    refuse_existing(path)
    if kind == "inter" and titles is not None:
        refuse_existing(items)
    _write(path, lambda file: WRITERS[kind](data, file))
    if kind == "inter" and titles is not None:
        _write(items, lambda file: _write_items(data.item_ids, titles, file))
    return path


def _write(path: Path, writer) -> None:
    opener = gzip.open if is_gz(path) else open
    try:
        with atomic.replacing(path) as part, opener(part, "wt", encoding="utf-8", newline="\n") as file:
            writer(file)
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror or error}", str(path),
                        "Choose a folder with free space that you may write to.") from error


def _check_numbers(data: SequenceData, path: Path) -> None:
    for what, ids, lowest in (("user", data.user_ids, 0), ("item", data.item_ids, 1)):
        if ids.dtype.kind != "i" or ids.min() < lowest:
            raise DataError(f"{what} ids are not whole numbers from {lowest} up, which the text format needs",
                            str(path), "Choose another --format, such as csv.")


def _columns(data: SequenceData) -> dict[str, list]:
    """Return the columns of a table, each a list with one value per interaction."""
    user = np.repeat(data.user_ids, np.diff(data.offsets))
    columns = {"user_id": user.tolist(), "item_id": data.item_ids[data.items].tolist()}
    if data.timestamps is not None:
        columns["timestamp"] = [int(time) if time.is_integer() else time for time in data.timestamps.tolist()]
    return columns


def _with_titles(data: SequenceData) -> dict[str, list]:
    columns = _columns(data)
    if data.titles is not None:
        columns["title"] = data.titles[data.items].tolist()
    return columns


def _write_text(data: SequenceData, file) -> None:
    histories = np.split(data.item_ids[data.items], data.offsets[1:-1])
    for user, history in zip(data.user_ids.tolist(), histories, strict=True):
        file.write(f"{user} {' '.join(map(str, history.tolist()))}\n")


def _write_separated(separator: str):
    def write(data: SequenceData, file) -> None:
        columns = _with_titles(data)
        writer = csv.writer(file, delimiter=separator, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))

    return write


def _write_json(data: SequenceData, file) -> None:
    columns = _with_titles(data)
    for values in zip(*columns.values(), strict=True):
        file.write(json.dumps(dict(zip(columns, values, strict=True)), ensure_ascii=False) + "\n")


def _write_atomic(data: SequenceData, file) -> None:
    columns = _columns(data)
    types = {"timestamp": "float"}
    file.write("\t".join(f"{name}:{types.get(name, 'token')}" for name in columns) + "\n")
    for values in zip(*columns.values(), strict=True):
        file.write("\t".join(map(str, values)) + "\n")


def _write_items(item_ids: np.ndarray, titles: np.ndarray, file) -> None:
    file.write("item_id:token\ttitle:token_seq\n")
    for item, title in zip(item_ids.tolist(), titles.tolist(), strict=True):
        file.write(f"{item}\t{title}\n")


WRITERS = {TEXT: _write_text, "csv": _write_separated(","), "tsv": _write_separated("\t"), "jsonl": _write_json,
           "inter": _write_atomic}
