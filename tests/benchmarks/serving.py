"""Measure the latency of recommending for one user, NumPy against PyTorch, for K = 0..5, in one process.

    OMP_NUM_THREADS=1 python tests/benchmarks/serving.py

Each call encodes a history, takes its K reasoning steps, scores the whole catalogue with the last state and picks the
top 10 without the seen items, by the code that ``minirearec recommend`` runs; "every step" is that command's whole
answer. The rivals take turns, so that a busy moment of the machine hits all of them.
Latency does not depend on the values of the weights, so we use those that training starts from.
"""

import os
import statistics
import time

import click
import numpy as np

from minirearec.evaluation.published import REASONING_OVERHEAD


def rivals(items: int, width: int, length: int, steps: int) -> dict:
    """Return the ways to answer, as functions of no arguments; they are what ``minirearec recommend`` runs."""
    import torch

    from minirearec.config import Config
    from minirearec.data.items import Items
    from minirearec.engine import make_engine
    from minirearec.evaluation.ranking import top_items
    from minirearec.evaluation.scorers import StateScorer
    from minirearec.recommender import Recommender
    from minirearec.weights import draw, starts_of

    torch.set_num_threads(1)
    config = Config.make(method="rpe" if steps else "base", steps=steps, width=width)
    weights = draw(starts_of(config, items), config.model.initial_std, seed=0)
    history = np.random.default_rng(0).choice(items, length, replace=False)
    scorers = {backend: StateScorer(make_engine(config, items, weights, backend), config)
               for backend in ("numpy", "torch")}

    def answer(scorer):
        def best():
            return top_items(scorer.scores(scorer.states_of_one(history), scorer.answer)[0], 10, history)
        return best

    recommender = Recommender(scorers["numpy"], Items("benchmark", np.arange(items)), None, None)
    ids = history.tolist()

    def every_step():
        return recommender.recommend(ids)

    with_numpy, with_torch = answer(scorers["numpy"]), answer(scorers["torch"])
    assert (with_torch() == with_numpy()).all() and with_numpy().tolist() == every_step()[-1].items
    return {"NumPy": with_numpy, "PyTorch": with_torch, "every step": every_step}


@click.command()
@click.option("--items", default=12_101, show_default=True)
@click.option("--width", default=64, show_default=True)
@click.option("--history", default=50, show_default=True)
@click.option("--calls", default=500, show_default=True)
def main(items, width, history, calls):
    """Show the median latency of NumPy and PyTorch for one user, K = 0..5."""
    import torch

    print(f"{os.cpu_count()} cores, one thread, NumPy {np.__version__}, torch {torch.__version__}; {items} items, "
          f"D = {width}, history of {history}, {calls} calls")
    print("median ms (over K = 0); 'every step' is NumPy with the top 10 of each of r_0..r_K")
    print(f"K  {'NumPy':>18}  {'PyTorch':>18}  {'every step':>18}  {'paper, GPU':>10}")
    first = {}
    for steps in range(6):
        ways = rivals(items, width, history, steps)
        taken = {name: [] for name in ways}
        for call in range(calls + 50):
            for name, way in ways.items():
                began = time.perf_counter()
                way()
                if call >= 50:
                    taken[name].append(1000 * (time.perf_counter() - began))
        median = {name: statistics.median(values) for name, values in taken.items()}
        first = first or median
        cells = [f"{median[name]:7.3f} ({100 * (median[name] / first[name] - 1):+6.1f} %)" for name in ways]
        print(f"{steps} ", *cells, f"{REASONING_OVERHEAD.get(steps, 0.0):+8.2f} %", flush=True)


if __name__ == "__main__":
    main()
