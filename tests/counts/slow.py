"""The count models once more, slowly: loops over dicts, from the formulas of the paper, pair by pair."""

import math
from collections import Counter, defaultdict

import numpy as np
from hypothesis import strategies as st

from minirearec.data import SequenceData, leave_one_out

V = 10
histories = st.lists(st.lists(st.integers(0, V - 1), min_size=4, max_size=14), min_size=1, max_size=8)


def split_of(rows):
    """Return the leave-one-out split of histories given as lists of items 0..9."""
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    items = np.array([item for row in rows for item in row], dtype=np.int32)
    return leave_one_out(SequenceData("t", items, offsets, np.arange(len(rows)), np.arange(V), "", True, ""))


def weight(kernel: str, decay: float, d: int) -> float:
    """Return the weight of distance d."""
    return {"power": 1 / d**decay, "exponential": decay ** (d - 1), "logarithmic": 1 / math.log10(d + 1.7)}[kernel]


def transitions(rows, settings) -> dict[int, Counter]:
    """Return the weighted counts of all pairs: {a: {v: C[a, v]}}; the last two items of a row are held out."""
    found: dict[int, Counter] = defaultdict(Counter)
    for row in rows:
        train = row[:-2]
        for i, a in enumerate(train):
            for d in range(1, settings.window + 1):
                if i + d < len(train):
                    found[a][train[i + d]] += weight(settings.gap_kernel, settings.gap_decay, d)
    return found


def popularity(rows) -> Counter:
    return Counter(item for row in rows for item in row[:-2])


def pctm(rows, settings, history) -> list[float]:
    """Return ``sum_j w_j log P(v | h_j) + boost log p(v)`` of every item v, with probabilities in full."""
    counts, often = transitions(rows, settings), popularity(rows)
    newest = history[::-1][:settings.history_length]
    weights = [weight(settings.history_kernel, settings.history_decay, j) for j in range(1, len(newest) + 1)]
    if settings.head and len(newest) > settings.head:
        recent, older = weights[:settings.head], len(newest) - settings.head
        weights = [settings.head_share * one / sum(recent) for one in recent]
        weights += [(1 - settings.head_share) / older] * older
    weights = [one / sum(weights) for one in weights]
    scores = []
    for v in range(V):
        score = settings.boost * math.log((often[v] + 1) / (sum(often.values()) + V))
        for share, a in zip(weights, newest, strict=True):
            score += share * math.log((counts[a][v] + settings.tau / V) / (sum(counts[a].values()) + settings.tau))
        scores.append(score)
    return scores


def rules(rows, settings, history) -> list[float]:
    """Return ``sum_j v_j R[h_j, v]`` of every item v, with the strongest rules of every item alone."""
    counts, often = transitions(rows, settings), popularity(rows)
    rarity = {a: math.log(len(rows) / n) for a, n in often.items()}
    low, high = min(rarity.values()), max(rarity.values())
    scores = [0.0] * V
    for j, a in enumerate(history[::-1][:settings.history_length], 1):
        own = sorted(counts[a].items(), key=lambda rule: (-rule[1], rule[0]))
        for v, strength in own[:settings.strongest] if settings.strongest else own:
            if settings.idf:
                strength *= (rarity[a] - low) / (high - low) if high > low else 1.0
            scores[v] += weight(settings.history_kernel, settings.history_decay, j) * strength
    return scores


def item_to_item(rows, settings, history) -> list[float]:
    """Return ``sum_j 1/j C[h_j, v] / sqrt(n)`` of every item v."""
    counts, often = transitions(rows, settings), popularity(rows)
    return [sum(counts[a][v] / math.sqrt(often[a]) / j for j, a in enumerate(history[::-1][:10], 1) if often[a])
            for v in range(V)]
