"""Values as lines of JSON, both ways between the grader and the student's process. Never pickle: it runs code.

Lists, texts, numbers and None are themselves. Tuples, dicts and arrays are objects with one key that says what they
are; an array is its dtype, its shape and its little-endian bytes in base64.
"""

import base64
import json
import math
from typing import Any

import numpy as np

DTYPES = {np.dtype(name).newbyteorder("<").str: np.dtype(name).newbyteorder("<")
          for name in ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")}
MOST_PARTS = 200_000  # commas in a message: lists of more values are not what assignments are about
KINDS = "numbers, texts, lists, tuples, dicts or NumPy arrays"


class Refused(Exception):
    """A value that cannot be sent; the message names it, such as ``a Tensor``."""


def to_line(message: dict, limit: int) -> bytes:
    """Return a message as one line of at most ``limit`` bytes. Raises Refused for what is larger."""
    try:
        line = json.dumps(message, ensure_ascii=True, check_circular=False).encode() + b"\n"
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits, lists in lists in lists
        raise Refused(f"something that cannot be written as JSON ({error})") from None
    if len(line) > limit or line.count(b",") > MOST_PARTS:
        raise Refused(f"more than can be sent ({len(line):,} bytes)")
    return line


def from_line(line: bytes) -> dict:
    """Return the message of a line. Raises ValueError for anything that is not one."""
    if not line.endswith(b"\n") or line.count(b",") > MOST_PARTS:
        raise ValueError("not a whole message")
    try:
        message = json.loads(line)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(message, dict):
        raise ValueError("not a message")
    return message


def encode(value, limit: int):
    """Return a value as JSON can express it. Raises Refused for all but plain data, and for arrays above ``limit``."""
    try:
        return _encode(value, limit)
    except RecursionError:
        raise Refused("something nested too deeply, or that contains itself") from None


def _encode(value, limit: int):
    if value is None:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if type(value) is list:
        return [_encode(part, limit) for part in value]
    if isinstance(value, tuple):
        return {"tuple": [_encode(part, limit) for part in value]}
    if type(value) is dict:
        if not all(isinstance(key, str) for key in value):
            raise Refused("a dict whose keys are not all texts")
        return {"dict": {str(key): _encode(part, limit) for key, part in value.items()}}
    if type(value) is np.ndarray:
        return {"array": _encode_array(value, limit)}
    raise Refused(f"{'an' if type(value).__name__[:1] in 'AEIOUaeiou' else 'a'} {type(value).__name__[:80]}")


def _encode_array(array: np.ndarray, limit: int) -> dict:
    dtype = array.dtype.newbyteorder("<")
    if dtype.str not in DTYPES:
        raise Refused(f"an array of dtype {str(array.dtype)[:80]}")
    if array.nbytes > limit * 3 // 4:
        raise Refused(f"an array of shape {list(array.shape)} ({array.nbytes:,} bytes)")
    data = np.ascontiguousarray(array).astype(dtype, copy=False).tobytes()
    return {"dtype": dtype.str, "shape": list(array.shape), "data": base64.b64encode(data).decode()}


def decode(tree) -> Any:
    """Return the value that ``encode`` encoded. Raises ValueError for anything else."""
    try:
        return _decode(tree)
    except (KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"not a value: {error}") from None


def _decode(tree):
    if tree is None or isinstance(tree, bool | int | float | str):
        return tree
    if isinstance(tree, list):
        return [_decode(part) for part in tree]
    [(kind, content)] = tree.items() if isinstance(tree, dict) and len(tree) == 1 else [(None, None)]
    if kind == "tuple" and isinstance(content, list):
        return tuple(_decode(part) for part in content)
    if kind == "dict" and isinstance(content, dict):
        return {key: _decode(part) for key, part in content.items()}
    if kind == "array" and isinstance(content, dict):
        return _decode_array(**content)
    raise ValueError("not a value")


def _decode_array(dtype: str, shape: list[int], data: str) -> np.ndarray:
    kind, content = DTYPES[dtype], base64.b64decode(data, validate=True)
    if not isinstance(shape, list) or not all(type(length) is int and length >= 0 for length in shape):
        raise ValueError("not a shape")
    if math.prod(shape) * kind.itemsize != len(content):
        raise ValueError("bytes and shape do not agree")
    if kind.kind == "b" and content.strip(b"\0\1"):
        raise ValueError("bytes that are not booleans")
    return np.frombuffer(content, kind).reshape(shape).astype(kind.newbyteorder("="))
