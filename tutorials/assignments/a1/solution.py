"""Assignment a1: metrics and ranking.

Write the body of every function, with NumPy and the standard library alone. Then see how you are doing:
`minirearec assignment check a1`.
"""

import math

import numpy as np


# Task 1.1: Which items rank above, which tie (2 points)
def above_and_tied(scores, target, seen):
    """Count the candidates that score strictly higher than the target, and the *others* that score the same.

    Candidates: all V items except those in ``seen``. The target is always a candidate, seen or not.

    Shapes: scores [V]; target an index in 0..V-1; seen a list of indices, in which an item may occur twice.
    Returns two integers (above, tied).
    """
    ### BEGIN SOLUTION
    candidate = np.ones(len(scores), dtype=bool)
    candidate[seen] = False
    candidate[target] = True
    above = np.count_nonzero(scores[candidate] > scores[target])
    tied = np.count_nonzero(scores[candidate] == scores[target]) - 1
    return above, tied
    ### END SOLUTION


# Task 1.2: The k best items (3 points)
def top_items(scores, k, seen):
    """Return the k best items that are not in ``seen``, best first; equal scores in the order of their index.

    Shapes: scores [V], which may be negative; seen a list of indices, in which an item may occur twice.
    Returns an array of at most k indices: fewer when fewer candidates are left.
    """
    ### BEGIN SOLUTION
    candidates = np.setdiff1d(np.arange(len(scores)), np.array(seen, dtype=int))
    order = np.argsort(-scores[candidates], kind="stable")
    return candidates[order][:k]
    ### END SOLUTION


# Task 1.3: What a rank is worth (2 points)
def metrics_at(rank, k):
    """Return Recall@k, NDCG@k and MRR@k of a single relevant item at ``rank``, counted from 1.

    ``Recall = [rank <= k]``, ``NDCG = [rank <= k] / log2(rank + 1)``, ``MRR = [rank <= k] / rank``.

    Returns three numbers (recall, ndcg, mrr).
    """
    ### BEGIN SOLUTION
    if rank > k:
        return 0.0, 0.0, 0.0
    return 1.0, 1 / math.log2(rank + 1), 1 / rank
    ### END SOLUTION


# Task 1.4: A tie is worth its expectation (3 points)
def expected_metric(gains, k, above, tied):
    """Return the mean of a metric over the ranks ``above + 1 .. above + tied + 1``, each equally likely.

    The metric of rank r is ``[r <= k] * gains[r - 1]``.

    Shapes: gains [V], what each rank would be worth without a cut-off; V is at least above + tied + 1, and k may
    be larger than V. Returns a number.
    """
    ### BEGIN SOLUTION
    total = 0.0
    for rank in range(above + 1, above + tied + 2):
        if rank <= k:
            total += gains[rank - 1]
    return total / (tied + 1)
    ### END SOLUTION


# Task 1.5: The mean over users, and the best step of each (2 points)
def compare_steps(values):
    """Return the mean over users at every reasoning step, and the mean of every user's best step (the oracle).

    ``mean_k = mean over users u of values[u, k]``, ``oracle = mean over users u of max_k values[u, k]``.

    Shapes: values [users, K+1], the metric of each user at the steps 0..K. Returns (means [K+1], oracle).
    """
    ### BEGIN SOLUTION
    return values.mean(axis=0), values.max(axis=1).mean()
    ### END SOLUTION


# Task 1.6: A baseline that only counts (3 points)
def count_scores(training, history, V, window):
    """Score every item by how often, and how soon, it followed the newest items of a history.

    ``score(v) = sum over g = 1..window of (1/g) * C[h_g, v] / sqrt(n[h_g])``, where

    - h_g is the item g places before the end of ``history`` (h_1 the newest), if there is one;
    - n[a] is how often item a occurs in ``training``; if n[a] = 0, the item adds nothing;
    - C[a, v] is the sum of 1/gap over all pairs of places in a training history where v comes gap places
      after a, with gap = 1..window.

    Shapes: training a list of histories, each a list of indices in 0..V-1; history such a list.
    Returns scores [V].
    """
    ### BEGIN SOLUTION
    follows, often = np.zeros((V, V)), np.zeros(V)
    for items in training:
        for place, item in enumerate(items):
            often[item] += 1
            for gap, later in enumerate(items[place + 1:place + 1 + window], 1):
                follows[item, later] += 1 / gap
    scores = np.zeros(V)
    for g, item in enumerate(list(reversed(history))[:window], 1):
        if often[item]:
            scores += follows[item] / g / math.sqrt(often[item])
    return scores
    ### END SOLUTION
