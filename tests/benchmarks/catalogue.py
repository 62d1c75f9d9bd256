"""Measure how time and memory grow with the catalogue: 10,000 to 1,000,000 items, ten interactions for each.

    OMP_NUM_THREADS=1 python tests/benchmarks/catalogue.py --json catalogue.json

Every size runs in processes of its own, one after the other, so that the peak memory of each is its own: "make"
generates and saves the data; "train" opens them and takes steps with the sampled and the full loss; "run" trains an
epoch of the sampled loss on all users, with the saves inside a long epoch, and ranks the targets of a sample in the
whole catalogue; "recommend" opens that run and recommends. The data are synthetic: popularity falls like Zipf's law,
and every second item is the successor of the one before it. Seconds are CPU time of one thread: other work on the
machine does not count, and neither does waiting for the disk.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

SETTINGS = {"method": "erl", "steps": 2, "width": 64, "inner_width": 64, "epochs": 1}
SHORTEST, LONGEST = 5, 15  # items in a history


def generate(items: int, users: int, seed: int = 0):
    """Return histories of 5 to 15 items: of each two steps, one leads to the next item, one anywhere by popularity."""
    from minirearec.data.sequences import SequenceData, array_sha256

    rng = np.random.default_rng(seed)
    summed = np.cumsum(1 / (10 + np.arange(items)))
    lengths = rng.integers(SHORTEST, LONGEST + 1, users)
    walk = np.empty((users, LONGEST), dtype=np.int32)
    for step in range(LONGEST):
        walk[:, step] = np.searchsorted(summed, summed[-1] * rng.random(users))
        if step:
            follows = rng.random(users) < 0.5
            walk[follows, step] = (walk[follows, step - 1] + 1) % items
    kept = walk[np.arange(LONGEST) < lengths[:, None]]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return SequenceData(f"zipf-{items}", kept, offsets, np.arange(1, users + 1), np.arange(1, items + 1),
                        array_sha256(kept, offsets), True, f"synthetic, generated from seed {seed}")


class Clock:
    """CPU seconds of named parts, and the peak memory of this process after each."""

    def __init__(self):
        self.parts, self.began = {}, time.process_time()

    def __call__(self, name: str, share: float = 1.0) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # GiB; Linux counts in KiB
        self.parts[name] = {"seconds": (time.process_time() - self.began) * share, "peak": peak}
        self.began = time.process_time()


def make(clock: Clock, folder: Path, items: int, interactions: int, **_) -> None:
    from minirearec.data.files.folder import save

    data = generate(items, 2 * interactions // (SHORTEST + LONGEST))
    clock("generate the data")
    save(data, folder / "data")
    clock("save the data")


def train(clock: Clock, folder: Path, steps: int, full_up_to: int, **_) -> None:
    from minirearec.config import Config
    from minirearec.data import load
    from minirearec.training import BatchDone, Trainer

    clock("imports")
    data = load(folder / "data")
    clock("open the data")
    for loss in ("sampled", "full") if data.n_items <= full_up_to else ("sampled",):
        trainer = Trainer(Config.make(**SETTINGS, loss=loss), data)
        events = trainer.train()
        positions = next(events).positions
        clock(f"{loss}: prepare training")
        done = next(events).positions  # the first step allocates
        clock(f"{loss}: first step")
        wanted = steps if loss == "sampled" else 2
        taken = [time.process_time()]
        for event in events:
            assert isinstance(event, BatchDone)
            taken.append(time.process_time())
            if len(taken) > wanted:
                break
        middle = statistics.median(np.diff(taken))
        done = event.positions - done
        clock(f"{loss}: a step", 1 / wanted)
        clock.parts[f"{loss}: a step"]["seconds"] = middle
        clock.parts[f"{loss}: an epoch, from {wanted} steps"] = {
            "seconds": middle * positions * wanted / done, "peak": clock.parts[f"{loss}: a step"]["peak"]}
        del events, trainer


def watch(owner, name: str) -> list[float]:
    """Replace a method of an object by itself with a clock; return the list that gets the seconds of each call."""
    method, seconds = getattr(owner, name), []

    def timed(*given):
        began = time.process_time()
        method(*given)
        seconds.append(time.process_time() - began)

    setattr(owner, name, timed)
    return seconds


def run(clock: Clock, folder: Path, users: int, **_) -> None:
    from minirearec.config import Config
    from minirearec.data import load
    from minirearec.evaluation.full_ranking import evaluate
    from minirearec.training import EpochDone, Trainer

    data = load(folder / "data")
    clock("imports, data")
    trainer = Trainer(Config.make(**SETTINGS, loss="sampled", validation_targets=users), data, out=folder / "run")
    clock("make a run")
    parts = {"the optimizer's steps": watch(trainer.learner.rows, "step"), "saves": watch(trainer, "_save")}
    for event in trainer.train():
        if isinstance(event, EpochDone):
            print(event.metrics, file=sys.stderr)
    whole = f"an epoch, {users:,} targets, the checkpoint"
    clock(whole)
    clock.parts |= {f"of these, {name}": {**clock.parts[whole], "seconds": sum(taken)} for name, taken in parts.items()}
    assert trainer.scorer is not None
    evaluate(trainer.scorer, replace(trainer.split, test=trainer.split.test.some(users)), "test")
    clock(f"evaluate {users:,} users, every step")


def recommend(clock: Clock, folder: Path, **_) -> None:
    from minirearec.recommender import Recommender

    clock("imports")
    model = Recommender.load(folder / "run")
    clock("open the run")
    model.recommend([1, 2, 3])
    clock("first recommendation")
    model.recommend([3, 2, 1])
    clock("a recommendation")


def measure(folder: Path, stage: str, **options) -> dict:
    """Run one stage in a process of its own."""
    command = [sys.executable, __file__, "--one", json.dumps({"folder": str(folder), "stage": stage, **options})]
    return json.loads(subprocess.check_output(command, text=True))


@click.command()
@click.option("--items", multiple=True, type=int, default=(10_000, 100_000, 1_000_000), show_default=True)
@click.option("--interactions", default=10, show_default=True, help="For each item.")
@click.option("--steps", default=10, show_default=True, help="Training steps with the sampled loss.")
@click.option("--users", default=1000, show_default=True, help="Users whose targets are ranked.")
@click.option("--full-up-to", default=1_000_000, show_default=True, help="Largest catalogue for the full loss.")
@click.option("--json", "out", type=click.Path(dir_okay=False), help="Write the figures to this file, too.")
@click.option("--one", hidden=True)
def main(items, interactions, steps, users, full_up_to, out, one):
    """Show seconds and peak memory of every part, for each size of the catalogue."""
    if one:
        options = json.loads(one)
        import torch

        torch.set_num_threads(1)
        clock, folder = Clock(), Path(options.pop("folder"))
        globals()[options.pop("stage")](clock, folder, **options)
        print(json.dumps(clock.parts))
        return
    figures = {}
    for size in items:
        with tempfile.TemporaryDirectory() as folder:
            figures[size] = {stage: measure(Path(folder), stage, items=size, interactions=interactions * size,
                                            steps=steps, users=users, full_up_to=full_up_to)
                             for stage in ("make", "train", "run", "recommend")}
        if out:
            Path(out).write_text(json.dumps(figures, indent=2))
    print(f"{'CPU seconds (peak GiB of its process)':58}", *(f"{size:>18,} items" for size in items))
    names = dict.fromkeys((stage, name) for of in figures.values() for stage, parts in of.items() for name in parts)
    for stage, name in names:
        cells = [figures[size][stage].get(name) for size in items]
        print(f"{stage:10}{name:48}", *(f"{'-':>24}" if cell is None else
                                        f"{cell['seconds']:15.3f} ({cell['peak']:5.2f})" + " " for cell in cells))


if __name__ == "__main__":
    main()
