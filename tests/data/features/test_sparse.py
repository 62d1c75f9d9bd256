"""Sparse matrices against dense ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minirearec.data.features import sparse
from minirearec.data.features.sparse import Sparse, starts_of


def of_dense(dense) -> Sparse:
    rows, columns = np.nonzero(dense)
    return Sparse(starts_of(rows, len(dense)), columns, dense[rows, columns], dense.shape[1])


@given(st.integers(0, 7), st.integers(1, 7), st.integers(1, 4), st.integers(0, 2**32), st.sampled_from([1, 3, 1000]))
def test_products_are_those_of_the_dense_matrix(n, m, k, seed, block):
    """Rows may be empty, at either end and between; a block may be a part of a row's values."""
    rng = np.random.default_rng(seed)
    dense = rng.standard_normal((n, m)) * (rng.random((n, m)) < 0.4) * (rng.random((n, 1)) < 0.7)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse, "BLOCK", block)
        matrix = of_dense(dense)
        assert matrix.shape == (n, m) and matrix.T.shape == (m, n)
        for one, other in ((matrix, dense), (matrix.T, dense.T), (matrix.T.T, dense)):
            vectors = rng.standard_normal((one.shape[1], k))
            np.testing.assert_allclose(one @ vectors, other @ vectors, rtol=1e-12, atol=1e-12)
