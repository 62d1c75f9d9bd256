"""Assignment a5: Progressive Reasoning Learning.

Write the body of every function, with NumPy and the standard library alone. Then see how you are doing:
``minirearec assignment check a5``.
Axes: P positions, K reasoning steps (states along an axis K+1 are r_0..r_K), D width, V items.
"""

import numpy as np

# Given: use these two as they are.

def log_softmax(scores):
    """Return ``scores - log(sum(exp(scores)))`` over the last axis. Scores of -inf add nothing to the sum.

    Shapes: scores [..., V] with at least one finite score in each row, out [..., V].
    """
    scores = scores - scores.max(axis=-1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))


def encoder(x, weight):
    """Return ``tanh(x W^T)``, in place of the whole encoder, which turns a reasoning input into the next state.

    Shapes: x [P, D], weight [D, D], out [P, D].
    """
    return np.tanh(x @ weight.T)


# Task 5.1: The temperatures of the steps (2 points)
def temperatures(temperature, alpha, steps):
    """Return ``tau_k = tau * alpha^(K-k)`` for k = 0..K.

    Shapes: temperature and alpha: numbers, steps: the whole number K (0 or more), out: an array [K+1].
    """
    ### BEGIN SOLUTION
    return temperature * float(alpha) ** (steps - np.arange(steps + 1))
    ### END SOLUTION


# Task 5.2: A loss for every step (3 points)
def step_losses(states, table, targets, taus):
    """Return ``CE_k = -(1/P) sum_p log softmax(r_pk E^T / tau_k)[targets[p]]`` for k = 0..K.

    Shapes: states [P, K+1, D], table [V, D], targets [P] whole numbers from 0 to V - 1, taus [K+1],
    out: an array [K+1].
    """
    ### BEGIN SOLUTION
    losses = []
    for k, tau in enumerate(taus):
        log_probs = log_softmax(states[:, k] @ table.T / tau)
        losses.append(-log_probs[np.arange(len(targets)), targets].mean())
    return np.array(losses)
    ### END SOLUTION


# Task 5.3: Thinking with noise (3 points)
def reason_with_noise(start, positions, noise, weight):
    """Take K clean and noised steps, both from the clean state before.

    ``r_k = encoder(r_{k-1} + p_k)`` and, from the same r_{k-1}, ``r'_k = encoder(r_{k-1} + p_k + n_k)``, k = 1..K.

    Shapes: start [P, D] (this is r_0), positions [K, D] holds p_1..p_K, noise [P, K, D] holds n_1..n_K of every
    position, weight [D, D] is passed to ``encoder``; K is at least 1.
    Returns two arrays: the states r_0..r_K [P, K+1, D] and the noised states r'_1..r'_K [P, K, D].
    """
    ### BEGIN SOLUTION
    states, noised = [start], []
    for k in range(len(positions)):
        x = states[-1] + positions[k]
        states.append(encoder(x, weight))
        noised.append(encoder(x + noise[:, k], weight))
    return np.stack(states, axis=1), np.stack(noised, axis=1)
    ### END SOLUTION


# Task 5.4: Who is a negative of whom (2 points)
def allowed_pairs(groups):
    """Return ``out[p, q]``: whether the clean state of q is part of the sum of p.

    That of p itself is; those of other positions are unless they belong to the same group as p.

    Shapes: groups [P] whole numbers, out [P, P] booleans.
    """
    ### BEGIN SOLUTION
    return (groups[:, None] != groups[None, :]) | np.eye(len(groups), dtype=bool)
    ### END SOLUTION


# Task 5.5: InfoNCE (3 points)
def info_nce(noised, clean, temperature, allowed):
    """Return ``-(1/P) sum_p log( exp(s_pp) / sum of exp(s_pq) over all q with allowed[p, q] )``.

    The scores are ``s_pq = noised_p . clean_q / tau``.
    Shapes: noised and clean [P, D], temperature: a positive number, allowed [P, P] booleans, True on the diagonal,
    out: one number.
    """
    ### BEGIN SOLUTION
    scores = np.where(allowed, noised @ clean.T / temperature, -np.inf)
    return -np.diagonal(log_softmax(scores)).mean()
    ### END SOLUTION


# Task 5.6: The whole loss (2 points)
def prl_loss(losses, contrasts, progressive_weight, contrastive_weight):
    """Return ``CE_K + w_p * mean(CE_0..CE_{K-1}) + w_c * mean(the K contrasts)``. With K = 0 it is ``CE_0``.

    Shapes: losses [K+1] holds CE_0..CE_K, contrasts [K] holds the InfoNCE of the steps 1..K, both weights are
    numbers, out: one number.
    """
    ### BEGIN SOLUTION
    if len(contrasts) == 0:
        return losses[-1]
    return losses[-1] + progressive_weight * losses[:-1].mean() + contrastive_weight * contrasts.mean()
    ### END SOLUTION
