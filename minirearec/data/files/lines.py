"""Lines of text files, compressed or not, with one clear message for every way a file can be damaged."""

import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from minirearec.errors import DataError
from minirearec.plain import open_plain

LONGEST_LINE = 1_000_000  # characters; a longer line means that the file is not a table
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)  # what unpacking raises
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def is_gz(path: Path) -> bool:
    """Return whether a file is compressed, as its name says."""
    return path.suffix.lower() == ".gz"


def without_gz(path: Path) -> Path:
    """Return the path that a file has when it is unpacked."""
    return path.with_suffix("") if is_gz(path) else path


def read_lines(path: Path) -> Iterator[str]:
    r"""Yield the lines of a text file (gzip when it ends in .gz), each ending in ``\n``.

    UTF-8 with or without a byte order mark; Windows and old Mac line ends become ``\n``.
    Raises DataError, naming file and line, for a file that is missing, cut short or not text, or has an endless line.
    """
    path, number = Path(path), 0
    if os.path.isdir(path):
        raise DataError("is a directory, not a data file", str(path), "Give the path of a file.")
    try:
        try:
            with open_plain(path) as raw, _text(raw, path) as file:
                while line := file.readline(LONGEST_LINE + 1):
                    number += 1
                    if len(line) > LONGEST_LINE:
                        raise DataError(f"the line is longer than {LONGEST_LINE:,} characters", f"{path}:{number}",
                                        "This is not a table with one row per line.")
                    yield line
        except UnicodeDecodeError:
            raise _not_utf8(path) from None  # reads the file again, which can fail like the first time
    except FileNotFoundError:
        raise DataError("no such file", str(path), "Check the path.") from None
    except DAMAGED as error:
        raise incomplete(f"{path}:{number + 1}", error) from None
    except OSError as error:
        raise unreadable(path, error) from error


def short(text, longest: int = 30) -> str:
    """Return a text from a file, cut to a length that fits a message."""
    text = str(text)
    return text if len(text) <= longest else f"{text[:longest - 3]}..."


def check_text(text: str, what: str, where: str) -> None:
    """Raise DataError for characters that a text file cannot hold."""
    if _CONTROL.search(text) or not _encodable(text):
        raise DataError(f"the {what} {short(text)!r} holds a character that is not text", where, "Remove it.")


def _encodable(text: str) -> bool:
    """Return whether a text is complete: JSON can write half a character, a surrogate without its partner."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def incomplete(where: str, error: Exception) -> DataError:
    """Return the error for a compressed file that cannot be unpacked."""
    return DataError(f"not a complete gzip file ({error})", where, "It is cut short or damaged; download it again.")


def unreadable(path: Path, error: OSError) -> DataError:
    """Return the error for a file that cannot be opened or read."""
    return DataError(f"cannot be read: {error.strerror or error}", str(path), "Check the file and its permissions.")


def _text(raw: BinaryIO, path: Path) -> io.TextIOWrapper:
    unpacked = gzip.GzipFile(fileobj=raw) if is_gz(path) else raw
    return io.TextIOWrapper(unpacked, encoding="utf-8-sig")


def _not_utf8(path: Path) -> DataError:
    """Return the error for a file that is not UTF-8, with the first line that is not."""
    number, opener = 0, gzip.open if is_gz(path) else open
    with opener(path, "rb") as file:
        for number, line in enumerate(iter(lambda: file.readline(5 * LONGEST_LINE), b""), 1):
            for part in re.split(b"\r(?!\n)", line):
                try:
                    part.decode("utf-8")
                except UnicodeDecodeError as error:
                    return DataError(f"byte 0x{part[error.start]:02x} is not UTF-8 text", f"{path}:{number}",
                                     "Save the file as UTF-8.")
    return DataError("is not UTF-8 text", f"{path}:{number}", "Save the file as UTF-8.")
