"""Read the files of a run with care, since a run may come from elsewhere: regular files only, and typed content."""

import json
import math
import os
import stat
from pathlib import Path
from typing import Any, get_args, get_origin

from minirearec.errors import RunError

LONGEST = 2**26  # bytes; a config.toml or results.json has a few thousand
LONGEST_ITEMS = 2**32  # of items.json, with the titles of a large catalogue


def check_file(path: Path, longest: int | None = None) -> None:
    """Raise RunError unless a path leads to a regular file. A pipe or a device could be read forever."""
    try:
        found = os.stat(path)
    except FileNotFoundError as error:
        raise RunError(f"{path.name} is missing", str(path.parent),
                       "This is not a run directory, or it is incomplete; train again.") from error
    except OSError as error:
        raise RunError(f"cannot be read ({error.strerror})", str(path), "Check its permissions.") from error
    if not stat.S_ISREG(found.st_mode):
        raise RunError("is not a regular file", str(path), "The run is damaged, or not a run; train again.")
    if longest is not None and found.st_size > longest:
        raise RunError(f"has {found.st_size:,} bytes, and at most {longest:,} make sense", str(path),
                       "The run is damaged, or not a run; train again.")


def read(path: Path, longest: int = LONGEST) -> bytes:
    """Return the content of a regular file. Raises RunError when it is missing, too long or not readable."""
    check_file(path, longest)
    try:
        return path.read_bytes()
    except OSError as error:
        raise RunError(f"cannot be read ({error.strerror})", str(path), "Check its permissions.") from error


def parse_json(text: bytes | str, where: str, fix: str) -> Any:
    """Return the value of a JSON text. Raises RunError when it is not JSON, or nested without end."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RunError(f"not JSON ({error})", where, fix) from error


def fits(value, kind) -> bool:
    """Return whether a value has a type: a plain one, ``list[T]``, ``dict[str, T]`` or ``{name: T, ...}``, all nested.

    A dict of names may hold more. A float is finite, and an int is no bool.

    >>> fits({"users": 3, "kept": {"step 0": 0.5}}, {"users": int, "kept": dict[str, float]})
    True
    """
    if isinstance(kind, dict):
        return type(value) is dict and all(name in value and fits(value[name], part) for name, part in kind.items())
    if get_origin(kind) is dict:
        return type(value) is dict and all(fits(part, get_args(kind)[1]) for part in value.values())
    if get_origin(kind) is list:
        return type(value) is list and all(fits(part, get_args(kind)[0]) for part in value)
    return type(value) is kind and (kind is not float or math.isfinite(value))
