"""The randomised SVD against the exact one, and against scikit-learn's."""

import numpy as np
import pytest

from minirearec.data.features.svd import strongest
from minirearec.data.features.tfidf import Terms, count, tf_idf

ADJECTIVES = ["old", "new", "red", "blue", "small", "great", "last", "first", "secret", "golden"]
NOUNS = ["river", "house", "letter", "dog", "road", "mountain", "queen", "island", "machine", "garden"]


def titles(number: int) -> list[str]:
    rng = np.random.default_rng(0)
    return [" ".join([*rng.choice(ADJECTIVES, 2), "and the", *rng.choice(NOUNS, 2)]) for _ in range(number)]


def exact(matrix, width):
    left, values, _ = np.linalg.svd(matrix, full_matrices=False)
    vectors = left[:, :width] * values[:width]
    return vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(width)])


@pytest.mark.parametrize("shape", [(40, 25), (25, 40), (30, 30)])
def test_equal_to_the_exact_svd(shape):
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal(shape) @ np.diag(0.8 ** np.arange(shape[1]))
    np.testing.assert_allclose(strongest(matrix, 6, iterations=30), exact(matrix, 6), atol=1e-9)


def test_equal_to_scikit_learn():
    decomposition = pytest.importorskip("sklearn.decomposition", reason="needs scikit-learn, the oracle of this test")
    scipy_sparse = pytest.importorskip("scipy.sparse")
    weights = tf_idf(count(map(Terms().words, titles(300))))
    matrix = scipy_sparse.csr_matrix((weights.values, weights.columns, weights.starts), shape=weights.shape)
    theirs = decomposition.TruncatedSVD(16, algorithm="arpack", random_state=0).fit_transform(matrix)
    ours = strongest(weights, 16, iterations=60)
    signs = np.sign((ours * theirs).sum(axis=0))
    np.testing.assert_allclose(ours, theirs * signs, atol=1e-6)


def test_the_default_passes_keep_the_variance():
    """The subspace matters, not each direction: it holds all but a thousandth of what the exact one holds."""
    weights = tf_idf(count(map(Terms().words, titles(400))))
    best = exact(weights @ np.eye(weights.width), 32)
    assert (strongest(weights, 32) ** 2).sum() > 0.999 * (best ** 2).sum()


def test_seeds_repeat_and_passes_are_told():
    matrix, told = np.random.default_rng(2).standard_normal((30, 20)), []
    first = strongest(matrix, 4, seed=5, iterations=2, on_pass=lambda *pair: told.append(pair))
    assert told == [(0, 2), (1, 2)]
    assert (first == strongest(matrix, 4, seed=5, iterations=2)).all()
    assert (first != strongest(matrix, 4, seed=6, iterations=2)).any()


def test_no_more_directions_than_the_matrix_has():
    matrix = np.outer(np.arange(1.0, 6), [1, 2, 0, 0]) + np.outer([1, 0, 0, 0, 1.0], [0, 0, 1, 0])
    vectors = strongest(matrix, 128)
    assert vectors.shape == (5, 2)
    np.testing.assert_allclose(vectors @ vectors.T, matrix @ matrix.T, atol=1e-9)
    assert (np.take_along_axis(vectors, np.abs(vectors).argmax(axis=0)[None], axis=0) > 0).all()


def test_an_empty_row_stays_zero():
    matrix = np.random.default_rng(3).standard_normal((9, 5))
    matrix[4] = 0
    assert not strongest(matrix, 3)[4].any()
