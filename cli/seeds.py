"""Train a model with several seeds and show the mean and the spread of its metrics."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from minirearec.config import Config
from minirearec_cli import text
from minirearec_cli.console import plain_table, say


def train_all(config: Config, seeds: int, folder: Path, session_of: Callable) -> dict:
    """Train with seeds seed, seed + 1, ... in ``folder/seed-N``; return the runs, and each metric's mean and spread.

    ``session_of(config, path)`` begins one training session. The spread is the standard deviation over seeds, with
    n - 1; the metrics are those of the model's answer on the test part.
    """
    first, runs = config.training.seed, []
    for seed in range(first, first + seeds):
        path = folder / f"seed-{seed}"
        results = session_of(config.replaced(seed=seed), path).run()
        runs.append({"seed": seed, "run": str(path), **{
            seen: results["test"][seen][results["test"]["answer"]] for seen in ("excluded", "kept")}})
    return {"data": results["data"], "method": results["method"], "runs": runs, **{
        seen: {name: spread([run[seen][name] for run in runs]) for name in runs[0][seen]}
        for seen in ("excluded", "kept")}}


def spread(values: list[float]) -> dict[str, float]:
    """Return the mean and the standard deviation of one metric over seeds."""
    return {"mean": float(np.mean(values)), "spread": float(np.std(values, ddof=1))}


def show(console: Console, found: dict, metrics: Sequence[str] = ()) -> None:
    """Show a row per metric, for all of them or those in ``metrics``: mean, spread, and the value of every seed."""
    say(console, f"Test metrics of {found['method']} on {text.data_name(found['data'])}, {len(found['runs'])} seeds, "
                 "seen items excluded", "bold")
    table = plain_table()
    for name in ("metric", "mean", "spread", *(f"seed {run['seed']}" for run in found["runs"])):
        table.add_column(name, justify="left" if name == "metric" else "right", no_wrap=True)
    for name in metrics or found["excluded"]:
        values = found["excluded"][name]
        table.add_row(name, text.figure(values["mean"]), text.figure(values["spread"]),
                      *(text.figure(run["excluded"][name]) for run in found["runs"]))
    console.print(table)
    say(console, "spread: standard deviation over seeds", "dim")
    for run in found["runs"]:
        say(console, f"Run: {run['run']}")
