"""SASRec of RecTools: one epoch at a time, for ``run.py``. It runs in the environment that ``make_env.py`` makes.

RecTools has no setting for the inner width of the feed-forward layer: it is the width of the model.
"""

import logging
import time
import warnings

import numpy as np
import pandas as pd
import torch
from exchange import Exchange
from pytorch_lightning import Callback, Trainer, seed_everything
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel

warnings.filterwarnings("ignore")
logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)


class Report(Callback):
    """Time every epoch and report it; stop the training when ``run.py`` says so."""

    def __init__(self, exchange: Exchange):
        self.exchange = exchange

    def __deepcopy__(self, memo):
        return self  # RecTools copies its trainer; the exchange stays the same

    def on_train_epoch_start(self, trainer, module):
        self.began = time.perf_counter()

    def on_train_epoch_end(self, trainer, module):
        seconds = time.perf_counter() - self.began
        module.eval()
        with torch.no_grad():
            trainer.should_stop = not self.report(seconds)
        module.train()

    def report(self, seconds: float) -> bool:
        """Send the vectors of this epoch in the order of our items."""
        table = self.model.torch_model.item_model.get_all_embeddings()
        ids = self.model.data_preparator.item_id_map.get_external_sorted_by_internal()[1:].astype(int)  # 0 is padding
        place = np.zeros(self.exchange.settings.items, int)
        place[ids] = np.arange(1, len(ids) + 1)

        def encode(items, lengths):
            length = self.exchange.settings.max_length
            padded = np.zeros((len(items), length), int)
            for row, (history, count) in enumerate(zip(items, lengths, strict=True)):
                history = place[history[:count]]
                history = history[history > 0]
                padded[row, length - len(history):] = history
            return self.model.torch_model.encode_sessions({"x": torch.from_numpy(padded)}, table)[:, -1].numpy()

        return self.exchange.epoch_done(seconds, encode, table.numpy()[place], place > 0)


def main() -> None:
    """Train SASRec with the settings of the exchange."""
    exchange = Exchange()
    settings = exchange.settings
    torch.set_num_threads(settings.threads)
    seed_everything(settings.seed, verbose=False)
    rows = [(user, item, 1.0, pd.Timestamp(place, unit="s")) for user, history in enumerate(exchange.histories())
            for place, item in enumerate(history)]
    dataset = Dataset.construct(pd.DataFrame(rows, columns=[Columns.User, Columns.Item, Columns.Weight,
                                                            Columns.Datetime]))
    report = Report(exchange)

    def trainer():
        return Trainer(max_epochs=settings.epochs, accelerator="cpu", callbacks=[report], logger=False,
                       enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)

    users = max(1, round(settings.batch_positions * len(exchange.histories()) / settings.positions))
    report.model = SASRecModel(
        n_blocks=settings.layers, n_heads=settings.heads, n_factors=settings.width, dropout_rate=settings.dropout,
        session_max_len=settings.max_length, loss="softmax", lr=settings.learning_rate, batch_size=users,
        get_trainer_func=trainer)
    report.model.fit(dataset)


if __name__ == "__main__":
    main()
