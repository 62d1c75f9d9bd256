"""The randomised SVD: the strongest directions of a large matrix, from a few products with it.

Halko, Martinsson and Tropp, Finding structure with randomness, SIAM Review 2011, algorithms 4.4 and 5.1, arranged so
that nothing of the size of the vocabulary is ever factorised:

    Y = A A^T ... A A^T Omega            Omega [n, l] random, l = width + OVERSAMPLING
    Q R = Y                              Q [n, l] spans the strongest left directions
    B = A^T Q                            [m, l]
    B^T B = W diag(s^2) W^T              [l, l], s are the singular values
    V = B W diag(1 / s)                  [m, l], the right singular vectors, in whose coordinates the rows are A V
"""

from collections.abc import Callable

import numpy as np

from minirearec.data.features.sparse import Sparse

OVERSAMPLING = 10  # directions that are followed beyond those wanted
ITERATIONS = 7  # times that the random directions pass through the matrix
NOTHING = 1e-7  # of the greatest singular value: what is smaller is rounding, as squares are computed


def strongest(matrix: Sparse | np.ndarray, width: int, seed: int = 0, iterations: int = ITERATIONS,
              on_pass: Callable[[int, int], None] = lambda done, total: None) -> np.ndarray:
    """Return A V [n, width]: each row of a matrix A [n, m] in the coordinates of its strongest directions.

    There are fewer columns when the matrix has a lower rank. In each the entry of greatest size is positive. A row of
    zeros stays one.
    ``on_pass`` is told of every pass. More ``iterations`` come closer to the exact SVD.
    """
    n, m = matrix.shape
    directions = np.random.default_rng(seed).standard_normal((n, min(n, m, width + OVERSAMPLING)))
    for done in range(iterations):
        on_pass(done, iterations)
        directions, _ = np.linalg.qr(matrix @ (matrix.T @ directions))
    across = matrix.T @ directions
    squares, rotation = np.linalg.eigh(across.T @ across)  # in ascending order
    values = np.sqrt(np.maximum(squares[::-1], 0))[:width]
    values = values[values > NOTHING * values[0]]
    vectors = matrix @ (across @ rotation[:, ::-1][:, :len(values)] / values)
    return vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(len(values))])
