"""Compare twins: shape, then dtype, then values. The helpers assert inside and return nothing."""

import numpy as np

RTOL, ATOL = 1e-9, 1e-11  # float64; no test loosens these for itself


def to_numpy(value) -> np.ndarray:
    """Return a NumPy or PyTorch array, or a number, as a NumPy array."""
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)


def leaves(tree, prefix: str = "") -> dict:
    """Return the arrays in nested dicts, lists and tuples by their path; None is not a leaf."""
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
    """Assert that two nested structures of arrays have the same paths, shapes, dtypes and values."""
    ours, theirs = leaves(ours), leaves(theirs)
    assert set(ours) == set(theirs), f"{what}: not the same parts, {sorted(set(ours) ^ set(theirs))}"
    for path in ours:
        left, right = to_numpy(ours[path]), to_numpy(theirs[path])
        place = f"{what}{path}"
        assert left.shape == right.shape, f"{place}: shape {left.shape} against {right.shape}"
        assert left.dtype == right.dtype, f"{place}: dtype {left.dtype} against {right.dtype}"
        np.testing.assert_allclose(left, right, rtol=rtol, atol=atol, equal_nan=False, err_msg=place)


def assert_same_in_float32(ours, theirs, what: str = "") -> None:
    """Assert, as a smoke test in float32, the same dtypes, and values to four digits."""
    assert_same(ours, theirs, 1e-4, 1e-4, what)
