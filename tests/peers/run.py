"""Train our models and their peers on the same file and split, and evaluate all of them with our evaluator.

    python tests/peers/run.py --data-dir DIR                     # makes the environments; hours: see --help
    python tests/peers/run.py --show                             # the table of what is measured so far

Every model gets the same training items, width, layers, heads, longest history, dropout, learning rate, loss (the
softmax over the whole catalogue) and, as near as it can, training positions in a batch. The rest is each library's own:
optimizer, order, initial weights, padding, where its layers normalise. Of a history longer than the model reads,
RecTools trains on the newest items, the others on all. After every epoch the model hands us its vectors
of users and items, and we rank all targets as ``minirearec evaluate`` does, seen items excluded. Seconds are those of
training alone. Every epoch is a line of the results file at once, so an interruption loses one epoch at most.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import numpy as np
from make_env import ENVIRONMENTS, make, python_of

from minirearec.data import load, make_split
from minirearec.data.batching import training_windows
from minirearec.data.sequences import SplitKind
from minirearec.evaluation.full_ranking import USERS_AT_A_TIME, seen_pairs
from minirearec.evaluation.metrics import mean_metrics
from minirearec.evaluation.ranking import concatenate, rank_targets

HERE = Path(__file__).resolve().parent
OURS = {"base": "miniReaRec, base (SASRec)", "erl": "miniReaRec, ERL, K = 2", "prl": "miniReaRec, PRL, K = 2"}
PEERS = {"rectools": "RecTools, SASRec", "recbole": "RecBole, SASRec", "recbole3": "RecBole3.0, ReaRec"}
MODELS = {**OURS, **PEERS}
SHARED = {"width": 64, "layers": 2, "heads": 2, "inner_width": 256, "max_length": 50, "dropout": 0.3,
          "learning_rate": 0.001, "batch_positions": 2048, "seed": 0}


def evaluate(split, part: str, vectors) -> dict[str, float]:
    """Return the metrics of dot products between states and items, as ``minirearec evaluate`` computes them."""
    targets, table, found = split.target(part), vectors["table"], []
    for start in range(0, len(targets), USERS_AT_A_TIME):
        users = np.arange(start, min(start + USERS_AT_A_TIME, len(targets)))
        scores = vectors[part][users] @ table.T
        scores[:, ~vectors["known"]] = -np.inf
        found.append(rank_targets(scores, targets[users], *seen_pairs(split, users, part))[0])
    return mean_metrics(concatenate(found))


def prepare(folder: Path, split, settings: dict) -> None:
    """Write what a model trains on; see ``exchange.py``."""
    arrays = {"train_items": split.train_items, "train_offsets": split.train_offsets}
    for part in ("valid", "test"):
        everyone = np.arange(split.n_rows(part))
        items, lengths = split.inputs(everyone, part, settings["max_length"])
        arrays |= {f"{part}_items": items, f"{part}_lengths": lengths, f"{part}_target": split.target(part)}
    np.savez(folder / "split.npz", **arrays)
    (folder / "settings.json").write_text(json.dumps(settings))


def command_of(model: str, folder: Path) -> list[str]:
    """Return the command that trains a model; the environment of a peer exists by then."""
    if model in OURS:
        return [sys.executable, str(HERE / "ours.py"), str(folder), model]
    return [str(python_of(model)), str(HERE / f"{model}_sasrec.py"), str(folder)]


def train(model: str, split, settings: dict, patience: int, minutes: float):
    """Train one model and yield a row for every epoch, until it stops improving or its time is over."""
    began, best, waited = time.monotonic(), -1.0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, split, settings)
        threads = {key: str(settings["threads"]) for key in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        where = folder if model in PEERS else None  # some write logs into their working directory
        with subprocess.Popen(command_of(model, folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              cwd=where, env={**os.environ, **threads}) as process:
            assert process.stdin and process.stdout
            for line in process.stdout:
                row = json.loads(line)
                with np.load(folder / "vectors.npz") as file:
                    vectors = {key: file[key] for key in file.files}
                row |= {"validation": evaluate(split, "valid", vectors), "test": evaluate(split, "test", vectors)}
                waited = 0 if row["validation"]["NDCG@20"] > best else waited + 1
                best = max(best, row["validation"]["NDCG@20"])
                yield row
                over = row["epoch"] >= settings["epochs"] or time.monotonic() - began > 60 * minutes
                process.stdin.write("stop\n" if over or waited >= patience else "more\n")
                process.stdin.flush()
        if process.returncode:
            yield {"failed": f"exit code {process.returncode}"}


def show(path: Path, target: float) -> None:
    """Print the table of the latest run of every model in the results file."""
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    print(f"{'':27} {'s an epoch':>17} {'epochs':>6} {f's to {target}':>10} {'best':>5}  "
          "test Recall@10 / NDCG@10 / NDCG@20")
    for model, title in MODELS.items():
        found = [row for row in rows if row["model"] == model]
        found = [row for row in found if row["run"] == found[-1]["run"]]
        epochs = [row for row in found if "epoch" in row]
        for row in found:
            if "failed" in row:
                print(f"{title:27} {row['failed']}")
        if epochs:
            print(f"{title:27} {line_of(epochs, target)}")
    print(f"Seconds of training alone, median (min-max); s to {target}: until this validation NDCG@10 is reached.")


def line_of(epochs: list[dict], target: float) -> str:
    """Return the cells of one model."""
    seconds = [row["seconds"] for row in epochs]
    cell = f"{statistics.median(seconds):.1f} ({min(seconds):.1f}-{max(seconds):.1f})"
    reached = [place for place, row in enumerate(epochs) if row["validation"]["NDCG@10"] >= target]
    until = f"{sum(seconds[:reached[0] + 1]):.0f}" if reached else "-"
    best = max(epochs, key=lambda row: row["validation"]["NDCG@20"])
    metrics = " / ".join(f"{best['test'][name]:.4f}" for name in ("Recall@10", "NDCG@10", "NDCG@20"))
    return f"{cell:>17} {len(epochs):6} {until:>10} {best['epoch']:5}  {metrics}"


@click.command(context_settings={"show_default": True})
@click.option("--dataset", default="beauty")
@click.option("--data-dir", default=None)
@click.option("--models", default="base,erl,rectools,recbole,recbole3", help=f"Any of {', '.join(MODELS)}.")
@click.option("--epochs", default=30, help="At most this many epochs of each model.")
@click.option("--patience", default=5, help="Stop after this many epochs without a better validation NDCG@20.")
@click.option("--minutes", default=90.0, help="Start no epoch of a model after this long.")
@click.option("--threads", default=2)
@click.option("--target", default=0.06, help="Validation NDCG@10 that 'seconds to' looks for.")
@click.option("--out", default=ENVIRONMENTS / "results.jsonl", type=Path, help="Results are appended to this file.")
@click.option("--show", "only_show", is_flag=True, help="Show the results file and train nothing.")
def main(dataset, data_dir, models, epochs, patience, minutes, threads, target, out, only_show):
    """Train models beside their peers. On two idle cores, all of Beauty takes up to --minutes for each model."""
    if only_show:
        show(out, target)
        return
    unknown = set(models.split(",")) - set(MODELS)
    if unknown:
        raise click.BadParameter(f"unknown: {', '.join(sorted(unknown))}. Choose from {', '.join(MODELS)}.")
    data = load(dataset, data_dir, require_real=True)
    split = make_split(data)
    if split.kind is not SplitKind.LEAVE_ONE_OUT:
        raise click.UsageError("peers are compared on leave-one-out splits only")
    positions = training_windows(split.train_items, split.train_offsets, SHARED["max_length"]).positions
    settings = {**SHARED, "epochs": epochs, "threads": threads, "items": data.n_items, "positions": positions,
                "where": data.where, "data_dir": data_dir}
    out.parent.mkdir(parents=True, exist_ok=True)
    for model in models.split(","):
        facts = {"model": model, "run": time.strftime("%Y-%m-%d %H:%M:%S"), "sha256": data.sha256,
                 "cores": len(os.sched_getaffinity(0)), "settings": settings}
        failure = make(model) if model in PEERS else ""
        results = [{"failed": f"could not be installed: {failure}"}] if failure else \
            train(model, split, settings, patience, minutes)
        for row in results:
            with open(out, "a") as file:
                file.write(json.dumps({**facts, **row}) + "\n")
            print(f"{MODELS[model]}: ", f"epoch {row['epoch']}, {row['seconds']:.1f} s, validation NDCG@10 "
                  f"{row['validation']['NDCG@10']:.4f}" if "epoch" in row else row["failed"], flush=True)
    show(out, target)


if __name__ == "__main__":
    main()
