"""Train several settings on the same data and seeds, and compare them on the validation part.

    python tests/benchmarks/compare.py --seeds 2 base erl prl "prl alpha=2 dropout=0.3"

We choose defaults with this command. --test adds the test part, for settings that are already chosen, and
the paired bootstrap over users of each setting against the first.
"""

import json
import os
import time

import click
import numpy as np


def parse(text: str) -> dict:
    """Return the settings in a text such as "erl kl_weight=0.1 items=unisrec": the method first, values as in JSON."""
    def value(word):
        try:
            return json.loads(word)
        except ValueError:
            return word

    method, *pairs = text.split()
    return {"method": method, **{name: value(word) for name, word in (pair.split("=", 1) for pair in pairs)}}


def run(data, settings: dict) -> dict:
    """Train one model; return its validation and test evaluation, the seconds of training and its epochs."""
    from minirearec.config import Config
    from minirearec.training import Trainer

    trainer = Trainer(Config.make(**settings), data)
    began = time.perf_counter()
    *_, last = trainer.train()
    seconds = time.perf_counter() - began
    return {"valid": trainer.evaluate("valid"), "test": trainer.evaluate("test"), "seconds": seconds,
            "epochs": last.epochs, "best": last.best_epoch}


@click.command()
@click.argument("settings", nargs=-1, required=True)
@click.option("--dataset", default="beauty", show_default=True)
@click.option("--data-dir", default=None)
@click.option("--seeds", default=1, show_default=True, help="Seeds 0, 1, ... of every setting.")
@click.option("--threads", default=None, type=int)
@click.option("--test", is_flag=True, help="Show the test part too; do not choose settings by it.")
def main(settings, dataset, data_dir, seeds, threads, test):
    """Compare settings such as base, "prl alpha=2" on the same data and seeds."""
    import torch

    from minirearec.data import load
    from minirearec.evaluation.metrics import bootstrap_interval, per_user

    if threads:
        torch.set_num_threads(threads)
    data = load(dataset, data_dir, require_real=True)
    print(f"{data.name}, sha256 {data.sha256}\n{os.cpu_count()} cores, torch {torch.__version__}, "
          f"{torch.get_num_threads()} threads; seen items excluded; Recall@10 / NDCG@10 / NDCG@20", flush=True)
    first = None
    for text in settings:
        found = [run(data, {"seed": seed, **parse(text)}) for seed in range(seeds)]
        print(f"\n{text}: best epochs {[one['best'] for one in found]} of {[one['epochs'] for one in found]}, "
              f"{np.mean([one['seconds'] for one in found]):.0f} s")
        for part in ["valid", "test"] if test else ["valid"]:
            for row in found[0][part].excluded:
                values = np.array([[one[part].metrics(row)[name] for name in ("Recall@10", "NDCG@10", "NDCG@20")]
                                   for one in found])
                mark = "*" if row == found[0][part].answer else " "
                print(f"  {part:5} {mark} {row:20}", " / ".join(f"{value:.4f}" for value in values.mean(0)),
                      f"(NDCG@20 by seed: {' '.join(f'{value:.4f}' for value in values[:, 2])})")
        if test:
            answers = np.mean([per_user(one["test"].excluded[one["test"].answer])["NDCG@20"] for one in found], 0)
            first = answers if first is None else first
            low, high = bootstrap_interval(answers - first)
            print(f"  test NDCG@20 against {settings[0]}: {answers.mean() - first.mean():+.4f}, "
                  f"95 % interval {low:+.4f} .. {high:+.4f}")
        print(end="", flush=True)


if __name__ == "__main__":
    main()
