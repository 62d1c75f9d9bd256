"""How twins are compared: shape, then dtype, then values. The helpers assert inside and return nothing."""

import numpy as np

RTOL, ATOL = 1e-9, 1e-11  # float64; nobody loosens these for a test of their own


def to_numpy(value) -> np.ndarray:
    """An array of NumPy or of PyTorch, or a number, as an array of NumPy."""
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


def leaves(tree, prefix: str = "") -> dict:
    """The arrays of a nest of dicts, lists and tuples by their path; None is no leaf."""
    if tree is None:
        return {}
    if isinstance(tree, dict):
        parts = tree.items()
    elif isinstance(tree, (list, tuple)):
        parts = enumerate(tree)
    else:
        return {prefix: tree}
    return {path: leaf for key, value in parts for path, leaf in leaves(value, f"{prefix}/{key}").items()}


def assert_same(ours, theirs, rtol: float = RTOL, atol: float = ATOL, what: str = "") -> None:
    """Assert that two nests of arrays have the same paths, shapes, dtypes and values."""
    ours, theirs = leaves(ours), leaves(theirs)
    assert set(ours) == set(theirs), f"{what}: not the same parts, {sorted(set(ours) ^ set(theirs))}"
    for path in ours:
        left, right = to_numpy(ours[path]), to_numpy(theirs[path])
        place = f"{what}{path}"
        assert left.shape == right.shape, f"{place}: shape {left.shape} against {right.shape}"
        assert left.dtype == right.dtype, f"{place}: dtype {left.dtype} against {right.dtype}"
        np.testing.assert_allclose(left, right, rtol=rtol, atol=atol, equal_nan=False, err_msg=place)


def assert_same_in_float32(ours, theirs, what: str = "") -> None:
    """The smoke test in float32: the same dtypes, and values to four digits."""
    assert_same(ours, theirs, 1e-4, 1e-4, what)
