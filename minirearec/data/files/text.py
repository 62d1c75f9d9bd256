"""Reading the text format of the public sequence files: ``user item item ...``, one user per line."""

import gzip
import hashlib
import os
import re
from array import array
from pathlib import Path

import numpy as np

from minirearec.data.files.lines import DAMAGED, incomplete, is_gz, short, unreadable, without_gz
from minirearec.data.files.remote import RemoteFile
from minirearec.data.sequences import SequenceData
from minirearec.errors import DataError
from minirearec.plain import open_plain

MIN_ITEMS = 3  # leave-one-out needs a train, a validation and a test item
_GAPS = " \t"  # what separates ids; str.split() would take no-break spaces, form feeds and others for gaps too
_PLAIN_LINE = re.compile(f"[0-9{_GAPS}]+")  # stricter than int(), which also takes 1_000, +5 and other scripts' digits
_UTF8_BOM = b"\xef\xbb\xbf"


def read_sequences(path, name: str | None = None, expect: RemoteFile | None = None,
                   fewest: int = MIN_ITEMS) -> SequenceData:
    """Read a data set from a text file of lines ``user item item ...``, whole numbers, oldest item first.

    Item ids are positive (0 is the padding id). A byte order mark, Windows line ends and blank lines at
    the end are accepted, and a file that ends in .gz is unpacked. With ``expect`` the bytes must have its sha256.
    Every user must have ``fewest`` items.
    Raises DataError, naming file and line, for anything else.
    """
    path = Path(path)
    content = _read_bytes(path)
    sha256 = hashlib.sha256(content).hexdigest()
    if expect is not None and sha256 != expect.sha256:
        raise expect.mismatch(path, sha256)
    lines = _decode(content, path).replace("\r\n", "\n").replace("\r", "\n").rstrip(f"{_GAPS}\n").split("\n")
    if lines == [""]:
        raise DataError("the file is empty", str(path), "Expected lines of the form: user item item ...")

    line_of_user: dict[int, int] = {}
    items, lengths = array("q"), []
    for number, line in enumerate(lines, start=1):
        user, *history = _parse_line(line, f"{path}:{number}", fewest)
        if user in line_of_user:
            raise DataError(f"user {user} occurs twice, first on line {line_of_user[user]}", f"{path}:{number}",
                            "Put all items of a user on one line.")
        line_of_user[user] = number
        items.extend(history)
        lengths.append(len(history))

    item_ids, indices = np.unique(np.frombuffer(items, dtype=np.int64), return_inverse=True)
    return SequenceData(
        name=name or (expect.dataset if expect else without_gz(path).stem),
        items=indices.astype(np.int32),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        user_ids=np.array(list(line_of_user), dtype=np.int64),
        item_ids=item_ids, sha256=sha256, synthetic=False, source=f"file {path}")


def _read_bytes(path: Path) -> bytes:
    if os.path.isdir(path):
        raise DataError("is a directory, not a data file", str(path), "Give the path of a text file.")
    try:
        with open_plain(path) as file:
            content = file.read() or b""  # None: a file of the system, such as /proc/kmsg, with nothing to read now
        return gzip.decompress(content) if is_gz(path) else content
    except DAMAGED as error:
        raise incomplete(str(path), error) from None
    except FileNotFoundError:
        raise DataError("no such file", str(path), "Check the path, or give the name of a data set.") from None
    except OSError as error:
        raise unreadable(path, error) from error


def _decode(content: bytes, path: Path) -> str:
    content = content.removeprefix(_UTF8_BOM)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[:error.start].count(b"\n") + 1
        raise DataError(f"byte 0x{content[error.start]:02x} is not UTF-8 text", f"{path}:{line}",
                        "Expected plain text: user item item ..., one user per line.") from None


def _parse_line(line: str, where: str, fewest: int) -> array:
    """Return the user id and the item ids of one line, as 64-bit integers."""
    if not line.strip(_GAPS):
        raise DataError("empty line", where, "Remove it: every line is a user.")
    if not _PLAIN_LINE.fullmatch(line):
        raise _bad_token(line, where)
    tokens = line.split()
    try:
        values = array("q", map(int, tokens))
    except (OverflowError, ValueError):  # ValueError: Python refuses to convert thousands of digits
        longest = max(tokens, key=len)
        raise DataError(f"id {short(longest)} is too large", where, "Ids must be below 2^63.") from None
    if 0 in values[1:]:
        raise DataError("item id 0", where, "0 is the padding id; item ids start at 1.")
    if len(values) <= fewest:
        items = len(values) - 1
        raise DataError(f"user {values[0]} has {items} item{'s' * (items != 1)}, fewer than {fewest}", where,
                        "Remove users with fewer: leave-one-out needs an item each to train, validate and test.")
    return values


def _bad_token(line: str, where: str) -> DataError:
    bad = next(token for token in re.split(f"[{_GAPS}]+", line.strip(_GAPS))
               if not (token.isascii() and token.isdigit()))
    if re.fullmatch(r"-[0-9]+", bad):
        return DataError(f"negative id {short(bad)}", where, "Item ids start at 1, user ids at 0.")
    return DataError(f"{short(bad)!r} is not a whole number", where,
                     "Expected: user item item ..., separated by spaces or tabs.")
