"""Record short seeded runs of every method on both backends, or compare them with an earlier record, bit for bit.

    python tests/benchmarks/behaviour.py --out before.json       # on the old code
    python tests/benchmarks/behaviour.py --against before.json   # on the new code, same machine and packages

Losses, metrics and a hash of the weights are compared exactly, so the two records must come from one machine: another
processor or another version of a package may round differently.
"""

import hashlib
import json
import sys
from pathlib import Path

import click
import numpy as np

METHODS = ("base", "naive", "rpe", "erl", "prl", "counts")
SMALL = {"epochs": 3, "width": 16, "inner_width": 16, "layers": 2, "batch_positions": 400, "learning_rate": 0.005,
         "warmup_epochs": 1, "seed": 3}
SETTINGS = {"erl": {"kl_weight": 0.05}, "prl": {"contrastive_weight": 0.5}}


def record(method: str, backend: str) -> dict:
    """Train one small model and return its losses, its metrics and a hash of its weights."""
    from minirearec.config import Config
    from minirearec.data import beauty_sim
    from minirearec.training import EpochDone, Trainer

    data = beauty_sim(seed=1, users=300, items=120, interactions=2400)
    config = Config.make(method=method, **({} if method == "counts" else SMALL), **SETTINGS.get(method, {}))
    trainer = Trainer(config, data, backend=backend)
    epochs = [event for event in trainer.train() if isinstance(event, EpochDone)]
    digest = hashlib.sha256()
    for name, value in sorted((trainer.best_weights or {}).items()):
        digest.update(name.encode() + np.ascontiguousarray(value).tobytes())
    return {"losses": [event.loss for event in epochs], "validation": [event.metrics for event in epochs],
            "test": trainer.evaluate("test").to_dict(), "weights": digest.hexdigest()}


@click.command()
@click.option("--out", type=click.Path(), help="Write the record to this file.")
@click.option("--against", type=click.Path(exists=True), help="Compare with the record in this file.")
def main(out, against):
    """Record the behaviour of all methods, or compare it with a record."""
    found = {f"{method} {backend}": record(method, backend) for method in METHODS for backend in ("torch", "numpy")}
    if out:
        Path(out).write_text(json.dumps(found, indent=1))
        print(f"{len(found)} runs recorded in {out}")
    if against:
        expected = json.loads(Path(against).read_text())
        differing = [name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)]
        for name in sorted(found):
            print(f"{name:13} {'DIFFERS' if name in differing else 'equal to the last bit'}")
        sys.exit(bool(differing))


if __name__ == "__main__":
    main()
