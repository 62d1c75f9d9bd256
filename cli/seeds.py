"""Train a model with several seeds and show the mean and the spread of its metrics."""

import shlex
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePath

import click
import numpy as np
from rich.console import Console

from minirearec import processes
from minirearec.analysis.trials import Machine, Trial
from minirearec.config import Config
from minirearec.data import load
from minirearec.methods import METHODS
from minirearec.runs.locks import refuse_run
from minirearec.runs.starting import starting_weights
from minirearec_cli import text, training
from minirearec_cli.console import plain_table, say


def train_all(config: Config, seeds: int, notices: Console, quiet: bool, command: str, options: dict) -> dict:
    """Train with seeds seed, seed + 1, ... in ``OUT/seed-N``; return the runs, and each metric's mean and spread.

    ``options``: those of ``training.begin``. Runs that are there already continue, and finished ones count as they are.
    The spread is the standard deviation over seeds, with n - 1; the metrics are those of the model's answer on the test
    part.
    """
    if processes.count() > 1:
        raise click.UsageError("--seeds trains one model after the other, in one process. Omit torchrun.")
    if not METHODS[config.objective.method].neural:
        raise click.UsageError(f"The method {config.objective.method} draws nothing, so all seeds give one result. "
                               "Leave --seeds out.")
    if options["out"] is not None:
        refuse_run(Path(options["out"]))
    out, first, runs = options["out"], config.training.seed, []
    folder = Path(out or training.new_directory(f"{PurePath(str(options['dataset'])).stem}-seeds", config))
    try:
        for seed in range(first, first + seeds):
            path = folder / f"seed-{seed}"
            one = session(config.replaced(seed=seed), notices, quiet, command, options | {"out": path})
            one.resuming = f"The same command with --out {shlex.quote(str(folder))} continues."
            results = one.run()
            runs.append({"seed": seed, "run": str(path), **{
                seen: results["test"][seen][results["test"]["answer"]] for seen in ("excluded", "kept")}})
    finally:
        if out is None:
            with suppress(OSError):  # not empty: keep it
                folder.rmdir()
    return {"data": results["data"], "method": results["method"], "runs": runs, **{
        seen: {name: spread([run[seen][name] for run in runs]) for name in runs[0][seen]
               if all(name in run[seen] for run in runs)}  # the bias of popularity may have no value
        for seen in ("excluded", "kept")}}


def session(config: Config, notices: Console, quiet: bool, command: str, options: dict):
    """Begin the training of one seed, or continue it. Raises RunError for a run of other data or settings."""
    if not (options["out"] / "config.toml").exists():
        return training.begin(config, notices, quiet, command, **options)
    data = load(options["dataset"], options["data_dir"], download=not options["offline"])
    start, machine = options["start_from"], Machine(options["device"], options["backend"])
    weights = None if start is None else starting_weights(start, config, data)
    Trial("", config, options["out"]).check(data, machine, weights)
    return training.resume(options["out"], notices, quiet, **{name: options[name] for name in training.RESUME})


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
        values = found["excluded"].get(name)
        if values is None:
            continue
        table.add_row(name, text.figure(values["mean"]), text.figure(values["spread"]),
                      *(text.figure(run["excluded"][name]) for run in found["runs"]))
    console.print(table)
    say(console, "spread: standard deviation over seeds", "dim")
    for run in found["runs"]:
        say(console, f"Run: {run['run']}")
