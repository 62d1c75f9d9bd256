"""Compare what a student's function returned with what was expected: expectations raise Mismatch."""

import numpy as np

from minirearec_tutorials.grading.checks.check import Mismatch

RTOL, ATOL = 1e-9, 1e-11


def expect(condition, what: str) -> None:
    """Raise Mismatch(what) unless a condition on the student's output holds."""
    if not condition:
        raise Mismatch(what)


def expect_close(got, expected, what: str, rtol: float = RTOL, atol: float = ATOL) -> None:
    """Compare the student's output with the expected one: kind, shape, then values. NaN equals only NaN.

    Tuples and lists are compared part by part. Booleans and integers must be equal exactly. A single boolean may stand
    for 1 or 0.
    """
    if isinstance(expected, tuple | list):
        if not isinstance(got, tuple | list) or len(got) != len(expected):
            raise Mismatch(f"{what} should be a tuple of {len(expected)} values, got {_kind(got)}", got, expected)
        for index, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
            expect_close(mine, theirs, f"{what}, value {index + 1} of {len(expected)}", rtol, atol)
        return
    wanted = np.asarray(expected)
    if not isinstance(got, np.ndarray | np.generic | int | float):
        raise Mismatch(f"{what} should be {_kind(expected)}, got {_kind(got)}", got, expected)
    array = np.asarray(got)
    if array.shape != wanted.shape:
        raise Mismatch(f"{what} should have shape {list(wanted.shape)}, got {list(array.shape)}", got, expected)
    if array.dtype == bool and not array.ndim and wanted.dtype != bool:
        array = array.astype(float)  # [rank <= k] may stand for 1 or 0
    if (wanted.dtype == bool) != (array.dtype == bool) or array.dtype.kind not in "biuf":
        raise Mismatch(f"{what} should hold {_numbers(wanted)}, got {_numbers(array)}", got, expected)
    same = agreeing(array, wanted, rtol, atol)
    if not same.all():
        wrong = np.argwhere(~np.atleast_1d(same))
        differ = f"{len(wrong)} of {array.size} values differ, the first at {wrong[0].tolist()}"
        raise Mismatch(f"{what}: {differ if array.ndim else 'the value differs'}", got, expected)


def agreeing(got, expected, rtol: float = RTOL, atol: float = ATOL) -> np.ndarray:
    """Return where two arrays of one shape are equal: booleans and integers exactly, NaN with NaN."""
    if np.asarray(expected).dtype.kind in "biu":
        return np.asarray(got == np.asarray(expected))
    return np.asarray(np.isclose(got, expected, rtol, atol, equal_nan=True))


def shaped(got, shape: tuple[int, ...], what: str) -> np.ndarray:
    """Return ``got``, which must be an array of numbers of this shape, so that a check can compute with it."""
    given = f"shape {list(got.shape)}" if isinstance(got, np.ndarray) else f"a {type(got).__name__}"
    expect(given == f"shape {list(shape)}" and got.dtype.kind in "biuf",
           f"{what} should be an array of shape {list(shape)}, got {given}")
    return got


def parts(got, count: int, what: str) -> tuple | list:
    """Return ``got``, which must be a tuple or list of ``count`` values. Raises Mismatch(what) for anything else."""
    expect(isinstance(got, tuple | list) and len(got) == count, what)
    return got


def _kind(value) -> str:
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, np.ndarray):
        return f"an array of shape {list(value.shape)}"
    if isinstance(value, tuple | list):
        return f"{len(value)} values"
    return "a number" if isinstance(value, bool | int | float | np.generic) else f"a {type(value).__name__}"


def _numbers(array: np.ndarray) -> str:
    names = {"b": "booleans", "i": "integers", "u": "integers", "f": "real numbers"}
    return names.get(array.dtype.kind, str(array.dtype))
