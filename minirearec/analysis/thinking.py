"""How the states of a user differ from step to step, and what the steps attend to, on a sample of the targets.

Distributions are ``softmax(r_k E^T / tau)`` with the temperature of the run, the same for all steps.
"""

from dataclasses import dataclass, replace

import numpy as np

from minirearec.backends import Engine
from minirearec.config import Config
from minirearec.data.splits import Split
from minirearec.evaluation.full_ranking import users_at_a_time
from minirearec.parts import REASONERS
from minirearec.reference.ops import unit

SAMPLE = 2000  # targets
AT_A_TIME = 50
NEWEST = 10  # items of a history whose attention is shown one by one


@dataclass(frozen=True)
class Look:
    """What a head attends to at one step; all together is 1.

    ``items``: the newest 10 items, the newest first (an item that a history is too short for counts as 0); ``older``:
    all others; ``steps``: the inputs of step 1 up to this one, for a reasoner that attends to them.
    """

    items: list[float]
    older: float
    steps: list[float]


@dataclass(frozen=True)
class Thinking:
    """Means over the sampled targets; step k is row and column k.

    ``cosine [K+1][K+1]`` of the states; ``kl [K+1][K+1]``: row to column, in nats, and ``mean_kl`` over pairs of
    different steps; ``entropy [K+1]`` in nats; ``attention [K][L][H]`` of steps 1..K.
    """

    targets: int
    cosine: list[list[float]]
    kl: list[list[float]]
    mean_kl: float
    entropy: list[float]
    attention: list[list[list[Look]]]


class Watcher:
    """Takes the place of dropout: it changes nothing, and keeps the attention weights of the reasoning steps.

    Where all items of a history take the steps, they are those of the last one; with streams, the means over these.
    """

    def __init__(self, engine: Engine, lengths: np.ndarray, everywhere: bool):
        self.engine, self.lengths, self.everywhere, self.kept = engine, lengths, everywhere, {}

    def __call__(self, x, site: str):
        if site.startswith("step") and site.endswith("weights"):
            weights = self.engine.array(x)  # [B, H, T or streams, T+k]
            last = weights[np.arange(len(weights)), :, self.lengths - 1] if self.everywhere else weights.mean(2)
            self.kept[site] = last  # [B, H, T+k]
        return x


def think(engine: Engine, config: Config, split: Split, part: str) -> Thinking:
    """Measure the steps of a model on at most 2,000 targets of a part, always the same ones."""
    rows = split.rows(part).some(SAMPLE)
    sample, model = replace(split, **{part: rows}), config.model
    order = np.argsort(rows.length, kind="stable")
    K, attention = model.steps, []
    cosine, kl, entropy = np.zeros((K + 1, K + 1)), np.zeros((K + 1, K + 1)), np.zeros(K + 1)
    step = min(AT_A_TIME, users_at_a_time(split.data.n_items * (K + 1)))
    for start in range(0, len(order), step):
        items, lengths = sample.inputs(order[start:start + step], part, model.max_length)
        watcher = Watcher(engine, lengths, REASONERS[model.reasoner].everywhere)
        states = engine.states(items, lengths, None, watcher)
        scores = np.stack([engine.scores(states[:, k]) for k in range(K + 1)])  # [K+1, B, V]
        kl_here, entropy_here = divergences(scores / config.objective.temperature)
        cosine, kl, entropy = cosine + cosines(engine.array(states)), kl + kl_here, entropy + entropy_here
        looks = [[attended(watcher.kept[f"step{k}.block{block}.weights"], lengths, items.shape[1])
                  for block in range(model.layers)] for k in range(1, K + 1)]
        attention = add(attention, looks)
    count = len(order)
    cosine, kl, entropy = (total / count for total in (cosine, kl, entropy))
    return Thinking(count, cosine.tolist(), kl.tolist(), float(kl.sum() / (K * (K + 1))) if K else 0.0,
                    entropy.tolist(), [[[_look(head / count) for head in layer] for layer in step]
                                       for step in attention])


def cosines(states: np.ndarray) -> np.ndarray:
    """Return the cosines of all pairs of states, summed over users: [B, K+1, D] -> [K+1, K+1]."""
    directions = unit(states)
    return np.einsum("bid,bjd->ij", directions, directions, dtype=np.float64)


def divergences(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ``KL(y_i || y_j)`` [K+1, K+1] and the entropies of y_i [K+1], summed over users; scores [K+1, B, V]."""
    scores = scores.astype(np.float64)
    scores -= scores.max(-1, keepdims=True)
    log = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    steps, share = len(log), np.exp(log).reshape(len(log), -1)
    crossed = share @ log.reshape(steps, -1).T  # sum of y_i log y_j
    own = np.diagonal(crossed)
    return own[:, None] - crossed, -own


def attended(weights: np.ndarray, lengths: np.ndarray, T: int) -> np.ndarray:
    """Sum over users what one layer attends to at step k: weights [B, H, T+k] -> [H, NEWEST + 1 + k].

    The newest items, the newest first (those that a short history lacks get 0); all older ones; steps 1..k.
    """
    items, steps = weights[..., :T], weights[..., T:]
    age = lengths[:, None] - 1 - np.arange(items.shape[-1])  # [B, T]; 0 is the newest, below 0 is padding
    newest = [(items * (age == place)[:, None]).sum((0, 2), dtype=np.float64) for place in range(NEWEST)]
    older = (items * (age >= NEWEST)[:, None]).sum((0, 2), dtype=np.float64)
    return np.stack([*newest, older, *steps.sum(0, dtype=np.float64).T], -1)


def add(total: list, looks: list) -> list:
    """Add lists of lists of arrays; an empty list stands for nothing yet."""
    if not total:
        return looks
    return [[one + other for one, other in zip(*pair, strict=True)] for pair in zip(total, looks, strict=True)]


def _look(head: np.ndarray) -> Look:
    values = head.tolist()
    return Look(values[:NEWEST], values[NEWEST], values[NEWEST + 1:])
