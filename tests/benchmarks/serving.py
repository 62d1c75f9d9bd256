"""Latency of recommending for one user: NumPy beside PyTorch, for K = 0..5, in one process.

    OMP_NUM_THREADS=1 python tests/benchmarks/serving.py

Each call encodes a history, takes its K reasoning steps, scores the whole catalogue with the last state and picks the
top 10 without the seen items. The rivals take turns, so that a busy moment of the machine hits all of them.
Latency does not depend on the values of the weights: they are those that training starts from.
"""

import os
import statistics
import time

import click
import numpy as np

PAPER = {0: 0.0, 1: 2.16, 2: 3.51, 3: 4.48, 4: 6.25, 5: 10.61}  # % over K = 0, whole test set on a GPU; paper, table 5


def rivals(items: int, width: int, length: int, steps: int) -> dict:
    """The two ways to answer, as functions of no arguments."""
    import torch

    from minirearec.config import ModelConfig
    from minirearec.evaluation.ranking import top_items
    from minirearec.nn.model import ReaRec
    from minirearec.reference.serving import recommend, serving_states
    from minirearec.weights import flatten, nest

    torch.set_num_threads(1)
    model = ReaRec(ModelConfig(steps=steps, width=width), items).eval()
    weights = nest({name: value.detach().numpy() for name, value in flatten(model.weights()).items()})
    heads = model.config.heads
    history = np.random.default_rng(0).choice(items, length, replace=False)
    batch, lengths = torch.from_numpy(history)[None], torch.tensor([length])

    def with_torch():
        with torch.inference_mode():
            scores = model.item_embedding @ model.last(batch, lengths)[0, -1]
        return top_items(scores.numpy(), 10, history)

    def with_numpy():
        return top_items(weights["item_embedding"] @ serving_states(weights, history, steps, heads)[-1], 10, history)

    def every_step():
        return recommend(weights, history, steps, heads)[0]

    assert (with_torch() == with_numpy()).all() and (with_numpy() == every_step()[-1]).all()
    return {"NumPy": with_numpy, "PyTorch": with_torch, "every step": every_step}


@click.command()
@click.option("--items", default=12_101, show_default=True)
@click.option("--width", default=64, show_default=True)
@click.option("--history", default=50, show_default=True)
@click.option("--calls", default=500, show_default=True)
def main(items, width, history, calls):
    """Median latency of NumPy and PyTorch for one user, K = 0..5."""
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
        print(f"{steps} ", *cells, f"{PAPER[steps]:+8.2f} %", flush=True)


if __name__ == "__main__":
    main()
