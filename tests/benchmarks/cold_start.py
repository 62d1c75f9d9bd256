"""Recommend items that training never saw, on MovieLens cut in time with items held out of training.

    python -m tests.benchmarks.cold_start DIR/ml-100k.inter

Ratings above 3, 5-core, cut in time: the first 80 % of the interactions train, the next 10 % select the epoch, the last
10 % test, as ``minirearec data import --above 3 --core 5 --split time --unknown-items`` does. Before that, some items,
drawn at random, lose all interactions that would train (--held-out); they occur in later histories and as targets.
Films have titles and genres as features. We rank the test targets that training never saw, seen items excluded:
among all items, and among those that training never saw alone, where an item needs no score like those of known items.
Beside them: popularity, and random order. Intervals: of the differences, target by target and after the mean over
seeds, by a bootstrap over users, all targets of a user together.
"""

import json
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from minirearec.data.features import make_features
from minirearec.data.files.importing import Filters, import_file
from minirearec.data.sequences import SequenceData, content_sha256
from minirearec.data.splits import make_split
from minirearec.data.splits.in_time import by_time, cut_times
from minirearec.evaluation.full_ranking import Evaluation, evaluate
from minirearec.evaluation.metrics import bootstrap_interval, per_user
from minirearec.evaluation.scorers import Row

CUTS = (0.8, 0.9)
METRICS = ("Recall@10", "NDCG@10")
HEAD = ("model", "all targets, NDCG@10", *METRICS, "NDCG@10 - popularity", "NDCG@10 - random",
        "unseen items alone, Recall@10", "- random")
MODELS = tuple(f"{method} items={items}" for items in ("id", "unisrec", "morec") for method in ("base", "prl"))


def parse(text: str) -> dict:
    """Return the settings in a text such as "erl kl_weight=0.1 items=unisrec": the method first, values as in JSON."""
    def value(word):
        try:
            return json.loads(word)
        except ValueError:
            return word

    method, *pairs = text.split()
    return {"method": method, **{name: value(word) for name, word in (pair.split("=", 1) for pair in pairs)}}


def without_some(data: SequenceData, share: float, seed: int) -> SequenceData:
    """Return the data cut in time, in which training lacks all interactions of a share of the items."""
    cuts = cut_times(data.timestamps, CUTS, "quantile")
    held_out = np.zeros(data.n_items, dtype=bool)
    held_out[np.random.default_rng(seed).permutation(data.n_items)[:round(share * data.n_items)]] = True
    kept = ~held_out[data.items] | (data.timestamps > cuts[0])
    lengths = np.add.reduceat(kept, data.offsets[:-1], dtype=np.int64)
    data = replace(data, items=data.items[kept], timestamps=data.timestamps[kept],
                   offsets=np.concatenate([[0], np.cumsum(lengths)]))
    data = by_time(data, cuts, "date", known_items=False).data
    return replace(data, sha256=content_sha256(data))


class Fixed:
    """A scorer that gives every history the same scores: popularity, or a random order if all are equal."""

    max_length = 1

    def __init__(self, name: str, values: np.ndarray):
        self.values, self.answer = values, Row(name, 0)
        self.rows = (self.answer,)

    def states(self, items, lengths):
        return lengths

    def scores(self, states, row, out=None):
        return np.tile(self.values, (len(states), 1))


class OnlyUnseen:
    """A scorer that puts all items that training saw behind the others."""

    def __init__(self, scorer, seen: np.ndarray):
        self.scorer, self.seen, self.answer, self.max_length = scorer, seen, scorer.answer, scorer.max_length
        self.rows = (self.answer,)

    def states(self, items, lengths):
        return self.scorer.states(items, lengths)

    def scores(self, states, row, out=None):
        found = self.scorer.scores(states, row, out)
        found[:, self.seen] = -np.inf
        return found


def cold(evaluation: Evaluation) -> dict[str, np.ndarray]:
    """Return the metrics of every target that training never saw."""
    return per_user(evaluation.excluded[evaluation.answer][evaluation.times_seen == 0])


def measure(split, scorer) -> dict:
    """Return the metrics of unseen targets, among all items and among the unseen alone, and NDCG@10 of all targets."""
    seen = split.popularity > 0
    among_all = evaluate(scorer, split, only_answer=True)
    return {"all targets": among_all.metrics()["NDCG@10"], **cold(among_all),
            "alone": cold(evaluate(OnlyUnseen(scorer, seen), split, only_answer=True))["Recall@10"]}


def folded(found: list[dict]) -> dict:
    """Return the mean over seeds, target by target."""
    return {name: np.mean([one[name] for one in found], 0) for name in found[0]}


def interval(values: np.ndarray, users: np.ndarray) -> str:
    """Return a mean with its 95 % interval."""
    low, high = bootstrap_interval(values, users=users)
    return f"{values.mean():+.4f} ({low:+.4f} .. {high:+.4f})"


def row(name: str, one: dict, found: dict[str, dict], users: np.ndarray) -> str:
    """Return a line of the table: what ``measure`` found, and its differences from "popularity" and "random".

    ``users``: whose each target that training never saw is.
    """
    cells = [f"{one['all targets']:.4f}", *(f"{one[metric].mean():.4f}" for metric in METRICS),
             *(interval(one["NDCG@10"] - found[other]["NDCG@10"], users) for other in ("popularity", "random")),
             f"{one['alone'].mean():.4f}", interval(one["alone"] - found["random"]["alone"], users)]
    return "| " + " | ".join([name, *cells]) + " |"


@click.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.argument("models", nargs=-1)
@click.option("--held-out", default=0.1, show_default=True, help="Share of the items that training never sees.")
@click.option("--seeds", default=1, show_default=True, help="Seeds 0, 1, ... of every model.")
@click.option("--set", "given", default="width=64", show_default=True, help="Settings of all models.")
@click.option("--threads", default=1, show_default=True)
def main(file, models, held_out, seeds, given, threads):
    """Train models such as "prl items=morec" on FILE without some items, and rank the targets never seen."""
    import torch

    from minirearec.config import Config
    from minirearec.training import Trainer

    torch.set_num_threads(threads)
    data = without_some(import_file(file, filters=Filters(above=3, core=5)), held_out, seed=0)
    data = replace(data, features=make_features(data))
    split = make_split(data)
    popularity = split.popularity
    found = {name: measure(split, Fixed(name, scores.astype(float)))
             for name, scores in {"random": 0 * popularity, "popularity": popularity}.items()}
    users = split.test.user[popularity[split.target("test")] == 0]
    print(f"{data.name}, sha256 {data.sha256}; {data.features.origin}\ntraining never saw "
          f"{(popularity == 0).sum()} of {data.n_items:,} items; {len(users):,} of {len(split.test):,} test targets "
          f"are among them, of {len(np.unique(users))} of {len(np.unique(split.test.user))} users", flush=True)
    print("\n| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|")
    for name, one in found.items():
        print(row(name, one, found, users), flush=True)
    for model in models or MODELS:
        of_seeds, epochs = [], []
        for seed in range(seeds):
            trainer = Trainer(Config.make(**{"seed": seed, **parse(f"base {given}"), **parse(model)}), data)
            *_, last = trainer.train()
            of_seeds.append(measure(split, trainer.scorer))
            epochs.append(f"{last.best_epoch}/{last.epochs}")
        print(row(f"{model}, best epoch {', '.join(epochs)}", folded(of_seeds), found, users), flush=True)


if __name__ == "__main__":
    main()
