"""Compare both exports of a run with the run itself: scores of all test users, and the latency of one history.

    OMP_NUM_THREADS=1 python tests/benchmarks/exports.py RUN [--data-dir DIR]

Scores are compared over the whole catalogue: ONNX with PyTorch, for the answer and for every step; the page serve.py
with the NumPy backend, for 200 users. The rivals of the latency take turns, so that a busy moment hits all of them.
"""

import os
import runpy
import statistics
import tempfile
import time
from pathlib import Path

import click
import numpy as np


def onnx_differences(session, scorer, split) -> dict[str, float]:
    """Return the largest differences between onnxruntime and PyTorch over all test users, and what they share."""
    worst, largest, same = 0.0, 0.0, 0
    for users in np.array_split(np.arange(split.n_users), max(1, split.n_users // 256)):
        items, lengths = split.inputs(users, "test", scorer.max_length)
        scores, steps = session.run(None, {"items": items.astype(np.int64), "lengths": lengths.astype(np.int64)})
        states = scorer.states(items, lengths)
        expected = scorer.scores(states, scorer.answer)
        same += int((scores.argmax(1) == expected.argmax(1)).sum())
        pairs = [(scores, expected), *((steps[:, row.step], scorer.scores(states, row))
                                       for row in scorer.rows if row.step is not None)]
        for found, other in pairs:
            worst, largest = max(worst, float(np.abs(found - other).max())), max(largest, float(np.abs(other).max()))
    return {"largest difference": worst, "largest score": largest, "users": split.n_users, "same first item": same}


def latency(ways: dict, calls: int) -> dict[str, float]:
    """Return the median milliseconds of each function, called in turn."""
    taken = {name: [] for name in ways}
    for call in range(calls + 20):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            if call >= 20:
                taken[name].append(1000 * (time.perf_counter() - began))
    return {name: statistics.median(values) for name, values in taken.items()}


@click.command()
@click.argument("run")
@click.option("--data-dir")
@click.option("--calls", default=200, show_default=True)
def main(run, data_dir, calls):
    """Export a run in both forms and compare them with it."""
    import onnxruntime
    import torch

    from minirearec.data import make_split
    from minirearec.export.as_numpy import MODEL, PAGE, export_numpy
    from minirearec.export.as_onnx import export_onnx
    from minirearec.recommender import Recommender
    from minirearec.runs.directory import Run

    torch.set_num_threads(1)
    opened = Run.open(Path(run))
    folder = Path(click.get_current_context().with_resource(tempfile.TemporaryDirectory()))
    in_torch, in_numpy = (Recommender.load(run, data_dir, "cpu", backend).scorer for backend in ("torch", "numpy"))
    split = make_split(Recommender.load(run, data_dir).load_data())
    served = export_numpy(opened, folder / "numpy")
    page = runpy.run_path(str(served / PAGE))
    weights, facts, _ = page["load"](served / MODEL)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(export_onnx(opened, folder / "model.onnx"), options)
    print(f"{os.cpu_count()} cores, one thread; {opened.data.name} (sha256 {opened.data.sha256[:12]}...), "
          f"{opened.config.objective.method}, K = {opened.config.model.steps}, width {opened.config.model.width}; "
          f"NumPy {np.__version__}, torch {torch.__version__}, onnxruntime {onnxruntime.__version__}")
    print("ONNX and PyTorch:", onnx_differences(session, in_torch, split))
    differences = []
    for user in np.random.default_rng(0).choice(split.n_users, min(200, split.n_users), replace=False):
        history = split.data.history(int(user))
        expected = in_numpy.scores(in_numpy.states_of_one(history[-in_numpy.max_length:]), in_numpy.answer)[0]
        differences.append(np.abs(page["all_scores"](weights, facts, history) - expected).max())
    print("serve.py and the NumPy backend, largest difference:", max(differences))
    history = np.random.default_rng(0).integers(0, opened.data.items, in_numpy.max_length)
    given = {"items": history[None], "lengths": np.array([len(history)])}
    needed = onnxruntime.RunOptions()
    needed.only_execute_path_to_fetches = True  # without the scores of the other steps
    ways = {"serve.py": lambda: page["all_scores"](weights, facts, history),
            "ONNX": lambda: session.run(["scores"], given),
            "ONNX, scores only": lambda: session.run(["scores"], given, needed)}
    for name, scorer in (("NumPy backend", in_numpy), ("PyTorch backend", in_torch)):
        ways[name] = lambda scorer=scorer: scorer.scores(scorer.states_of_one(history), scorer.answer)
    print("median ms of one history:", {name: round(value, 3) for name, value in latency(ways, calls).items()})


if __name__ == "__main__":
    main()
