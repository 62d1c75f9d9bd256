"""Assignment a4: Ensemble Reasoning Learning.

Write the body of every function, with NumPy and the standard library alone. Then see how you are doing:
``minirearec assignment check a4``.
Axes: P users, M = K + 1 reasoning states r_0..r_K of each, D width, V items.
"""

import numpy as np


# Task 4.1: The user is the mean of the states (1 point)
def user_state(states):
    """Return ``u_p = (r_p0 + ... + r_pK) / (K + 1)``.

    Shapes: states [P, M, D], out [P, D].
    """
    ### BEGIN SOLUTION
    return states.mean(axis=1)
    ### END SOLUTION


# Task 4.2: Log-probabilities of the whole catalogue (3 points)
def log_probabilities(states, table, temperature):
    """Return ``log softmax(r E^T / tau)``, with the softmax over the V items.

    It must stay finite for scores in the thousands, where ``np.exp`` alone overflows or gives 0.

    Shapes: states [..., D] with any leading axes, table [V, D], temperature a positive number, out [..., V].
    """
    ### BEGIN SOLUTION
    scores = states @ table.T / temperature
    scores = scores - scores.max(axis=-1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))
    ### END SOLUTION


# Task 4.3: Cross-entropy of the targets (2 points)
def cross_entropy(log_probs, targets):
    """Return ``-(1/P) sum_p log_probs[p, targets[p]]``.

    Shapes: log_probs [P, V], targets [P] whole numbers from 0 to V - 1, out: one number.
    """
    ### BEGIN SOLUTION
    return -log_probs[np.arange(len(targets)), targets].mean()
    ### END SOLUTION


# Task 4.4: How far apart the steps' distributions are (3 points)
def kl_matrix(log_probs):
    """Return ``out[p, i, j] = KL(y_pi || y_pj) = sum_v y_piv (log y_piv - log y_pjv)``, for all ordered pairs.

    The argument is ``log y``. Probabilities may be so small that ``np.exp`` of their logarithm is exactly 0;
    the result must be right then too (no NaN).

    Shapes: log_probs [P, M, V], out [P, M, M].
    """
    ### BEGIN SOLUTION
    first, second = log_probs[:, :, None, :], log_probs[:, None, :, :]
    return (np.exp(first) * (first - second)).sum(axis=-1)
    ### END SOLUTION


# Task 4.5: The loss (2 points)
def erl_loss(losses, divergences, kl_weight):
    """Return ``mean_p losses[p] - lambda * (mean of divergences[p, i, j] over users p and ordered pairs i != j)``.

    With a single state (M = 1) there are no pairs, and the result is the mean of the losses.

    Shapes: losses [P] (the cross-entropy of each user), divergences [P, M, M] with zeros on the diagonal,
    kl_weight: the number lambda, out: one number.
    """
    ### BEGIN SOLUTION
    M = divergences.shape[1]
    if M == 1:
        return losses.mean()
    return losses.mean() - kl_weight * (divergences.sum(axis=(1, 2)) / (M * (M - 1))).mean()
    ### END SOLUTION


# Task 4.6: What the stop-gradient stops (4 points)
def kl_gradient(log_probs, stop):
    """Return the gradient of the mean KL over ordered pairs i != j with respect to one user's scores z_0..z_K.

    ``S = 1/(M (M-1)) * sum_{i != j} KL(y_i || y_j)`` with ``y_i = softmax(z_i)``. If ``stop`` is True, the
    second distribution of every pair is held constant: ``KL(y_i || sg(y_j))``. If it is False, nothing is.

    Shapes: log_probs [M, V] (``log y``), M at least 2, stop: True or False, out [M, V]: row i is dS/dz_i.
    """
    ### BEGIN SOLUTION
    M = len(log_probs)
    probs, gradient = np.exp(log_probs), np.zeros(log_probs.shape)
    for i in range(M):
        for j in range(M):
            if i == j:
                continue
            gap = log_probs[i] - log_probs[j]
            gradient[i] += probs[i] * (gap - (probs[i] * gap).sum())
            if not stop:
                gradient[j] += probs[j] - probs[i]
    return gradient / (M * (M - 1))
    ### END SOLUTION
