"""How long a model of these settings takes to answer with K = 0..5 steps, with the cache and without."""

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from minirearec.bench.timing import REPEATS, Times, in_turns
from minirearec.data.splits import Split
from minirearec.engine import make_engine
from minirearec.runs.directory import Run
from minirearec.weights import draw, starts_of

MOST = 5  # steps, as in the paper
SAMPLE = 256  # targets


@dataclass(frozen=True)
class Timing:
    """Median milliseconds per target to answer with K steps, and to score the catalogue: ``cached [6]``, K = 0..5.

    ``uncached``: without a cache a step reads the history and all earlier steps again.
    """

    targets: int
    device: str
    cached: list[float]
    uncached: list[float]


def time_inference(run: Run, split: Split, part: str, backend: str, device: str) -> Timing:
    """Time a batch of at most 256 targets of a part.

    The weights are those that training starts from: times do not depend on them, and a run has steps for its own K
    alone. Without a cache, step k takes a pass over the history and k more positions; we take it over k more items.
    """
    rows, model = split.rows(part).some(SAMPLE), run.config.model
    config = run.config.replaced(steps=MOST, max_length=model.max_length + MOST)
    weights = draw(starts_of(config, run.data.items), model.initial_std, seed=0)
    engine = make_engine(config, run.data.items, weights, backend, device, features=run.read_features())
    items, lengths = replace(split, **{part: rows}).inputs(np.arange(len(rows)), part, model.max_length)
    ways = {f"{kind} {steps}": partial(way, engine, items, lengths, steps) for steps in range(MOST + 1)
            for kind, way in (("cached", cached), ("uncached", uncached))}
    taken = in_turns(ways, REPEATS)
    found = {kind: [1000 * Times.of(taken[f"{kind} {steps}"]).median / len(rows) for steps in range(MOST + 1)]
             for kind in ("cached", "uncached")}
    return Timing(len(rows), str(engine.device), **found)


def cached(engine, items: np.ndarray, lengths: np.ndarray, steps: int) -> np.ndarray:
    """Return the scores after K steps, as serving computes them."""
    return engine.scores(engine.states(items, lengths, steps)[:, -1])


def uncached(engine, items: np.ndarray, lengths: np.ndarray, steps: int) -> np.ndarray:
    """Return scores after as many passes as K steps without a cache take: over T, T + 1, ..., T + K positions."""
    state = None
    for more in range(steps + 1):
        state = engine.states(np.pad(items, ((0, 0), (0, more))), lengths + more, 0)[:, 0]
    return engine.scores(state)
