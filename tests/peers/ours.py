"""Our own models, trained by the library's loop and reported to ``run.py`` like a peer: the method is the argument."""

import sys
import time

import torch
from exchange import Exchange

from minirearec.config import Config
from minirearec.data import load
from minirearec.training import BatchDone, EpochDone, Started, Trainer


def main() -> None:
    """Train a method with the settings of the exchange, as ``minirearec train`` does."""
    exchange = Exchange()
    settings = exchange.settings
    torch.set_num_threads(settings.threads)
    shared = {name: getattr(settings, name) for name in
              ("width", "layers", "heads", "inner_width", "max_length", "dropout", "learning_rate", "batch_positions",
               "seed", "epochs")}
    config = Config.make(method=sys.argv[2], **shared, patience=settings.epochs)
    trainer = Trainer(config, load(settings.where, settings.data_dir, require_real=True))
    scorer, learner = trainer.scorer, trainer.learner

    def encode(items, lengths):
        return learner.answer(scorer.states(items, lengths)).numpy()

    began = seconds = 0.0
    for event in trainer.train():
        match event:
            case Started():
                began = time.perf_counter()
            case BatchDone():
                seconds = time.perf_counter() - began  # the last one of an epoch comes before its validation
            case EpochDone():
                if not exchange.epoch_done(seconds, encode, learner.weights()["item_embedding"]):
                    return
                began = time.perf_counter()


if __name__ == "__main__":
    main()
