"""What must come out in assignment a1, and inputs drawn for it."""

import math
from types import SimpleNamespace

import numpy as np
from hypothesis import strategies as st

from minirearec.count_models import CountsConfig
from minirearec.counts.scorer import CountScorer
from minirearec.evaluation.ranking import rank_targets


@st.composite
def users(draw):
    """Scores with many ties, a target, and seen items that may repeat or hold the target."""
    scores = draw(st.lists(st.integers(-3, 3), min_size=1, max_size=6))
    items = st.integers(0, len(scores) - 1)
    return {"scores": np.array(scores, dtype=float), "target": draw(items), "seen": draw(st.lists(items, max_size=4))}


@st.composite
def corpora(draw):
    """Training histories and one history, over five items."""
    histories = st.lists(st.integers(0, 4), min_size=1, max_size=5)
    return {"training": draw(st.lists(histories, min_size=1, max_size=3)), "history": draw(histories)}


def rescaled(scores, how):
    """Return scores in the same order: as they are, so close that they differ in their last digits alone, or huge."""
    return {"as drawn": scores, "close": 1 + scores * 2.0 ** -40, "huge": scores * 1e40}[how]


def above_and_tied(scores, target, seen):
    """Return the library's counts of candidates above the target, and of those that tie with it."""
    once = np.unique(np.array(seen, dtype=int))
    excluded, _ = rank_targets(scores[None], np.array([target]), np.zeros(len(once), dtype=int), once)
    return int(excluded.above[0]), int(excluded.tied[0])


def draw_values(users, steps, seed):
    """Draw metrics in quarters, so that a person can add them up: [users, K+1]."""
    return np.random.default_rng(seed).integers(0, 5, (users, steps)) / 4


def means_and_oracle(values):
    """Return the mean of every step and that of each user's best step, added up user by user."""
    rows = values.tolist()
    means = [sum(row[k] for row in rows) / len(rows) for k in range(len(rows[0]))]
    return np.array(means), sum(max(row) for row in rows) / len(rows)


def draw_histories(seed):
    """Draw training histories of up to 14 items out of six, and one history. The last one knows only two items."""
    random = np.random.default_rng(seed)
    training = [random.integers(0, 6, length).tolist() for length in random.integers(1, 15, 4)]
    history = random.integers(0, 6, random.integers(1, 15)).tolist()
    return [*training, [0, 1]], history


def library_counts(training, history):
    """Return the scores of ``minirearec train --method counts`` over six items."""
    split = SimpleNamespace(train_items=np.concatenate(training), n_users=len(training),
                            train_offsets=np.cumsum([0, *map(len, training)]), data=SimpleNamespace(n_items=6))
    newest = np.array(history[-CountsConfig.history_length:])
    scorer = CountScorer.fit(split)
    return scorer.scores(scorer.states_of_one(newest), scorer.answer)[0]


def count_scores(training, history, V, window):
    """Follow the equation with one-hot rows: C = sum over gaps of X[:-gap]^T X[gap:] / gap."""
    C, n = np.zeros((V, V)), np.zeros(V)
    for items in training:
        X = np.eye(V)[items]
        n += X.sum(0)
        for gap in range(1, min(window, len(items) - 1) + 1):
            C += X[:-gap].T @ X[gap:] / gap
    newest = history[::-1][:window]
    votes = [C[item] / g / math.sqrt(max(n[item], 1)) for g, item in enumerate(newest, 1)]
    return sum(votes, np.zeros(V))
