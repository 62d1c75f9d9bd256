"""Train 20 steps in one of several processes and, as the first, keep losses and weights, for test_distributed.

Call it as ``python -m tests.nn.training_together NUMBER COUNT STORE RESULT``.
"""

import sys

import numpy as np
import torch.distributed as dist

from minirearec.config import Config
from minirearec.counts.followers import find_followers
from minirearec.data import beauty_sim, leave_one_out
from minirearec.data.batching import iterate, training_windows
from minirearec.nn.distributed import SharedLearner, leave, mean_of_all
from minirearec.weights import draw, starts_of
from tests.small import SMALL

EXACT = {**SMALL, "dropout": 0.0, "input_dropout": 0.0, "warmup_epochs": 0, "precision": "float32"}
CASES = {
    "base": Config.make(**EXACT, method="base", average=0.9, positions="recency"),
    "erl": Config.make(**EXACT, method="erl", kl_weight=0.1, loss="sampled", negatives=20, first_items=True),
    "prl": Config.make(**EXACT, method="prl", noise=0.0, contrastive_weight=0.5),
    "teacher": Config.make(**EXACT, method="teacher", label_smoothing=0.1, same_target_weight=0.3),
    "unisrec": Config.make(**EXACT, method="rpe", items="unisrec", with_ids=True, feature_width=5, adaptor_dropout=0.0),
    "bert4rec": Config.make(**EXACT, method="prl", backbone="bert4rec", noise=0.0, contrastive_weight=0.5),
}


def train(kind, config: Config) -> dict[str, np.ndarray]:
    """Return the losses of 20 steps in float64, and the weights after them; the last batch has a single history."""
    data = beauty_sim(users=200, items=80, interactions=1600)
    split = leave_one_out(data)
    windows = training_windows(split.train_items, split.train_offsets, config.model.max_length,
                               prefixes=config.single_prefixes, first_items=config.model.first_items)
    begin = draw(starts_of(config, data.n_items), config.model.initial_std, 0)
    learner = kind(config, data.n_items, {name: value.astype(np.float64) for name, value in begin.items()}, "cpu",
                   features=np.random.default_rng(1).standard_normal((data.n_items, 5)),
                   followers=find_followers(config, split))
    batches, losses = [], []
    while len(batches) < 19:
        batches += iterate(windows, 200, np.random.default_rng(len(batches)))
    alone = batches[0].take(slice(1))
    learner.start_epoch(1)
    for batch in [*batches[:19], alone]:
        losses.append(learner.train_batch(batch))
    return {"losses": np.array(losses), **learner.weights()}


def main(number: int, count: int, store: str, result: str) -> None:
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=number, world_size=count)
    found = {f"{name}/{key}": value for name, config in CASES.items()
             for key, value in train(SharedLearner, config).items()}
    found["mean"] = np.array(mean_of_all([number, 1.0], weight=1.0 + number))
    if number == 0:
        np.savez(result, **found)
    leave()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
