"""SASRec of RecBole: one epoch at a time, for ``run.py``. It runs in the environment that ``make_env.py`` makes.

RecBole 1.2.1 is older than NumPy 2, torch 2.6 and pandas 3, so its environment has earlier versions, and we never load
its checkpoints. We train with its own ``Trainer._train_epoch`` and leave its evaluation out.
"""

import time
import warnings

import numpy as np
import torch
from exchange import Exchange

warnings.filterwarnings("ignore")


def write_atomic_file(exchange: Exchange) -> None:
    """Write RecBole's form of the data: the training items of every user, then the two that are held out."""
    folder = exchange.folder / "peer"
    folder.mkdir(exist_ok=True)
    with open(folder / "peer.inter", "w") as file:
        file.write("user_id:token\titem_id:token\ttimestamp:float\n")
        held_out = zip(exchange.split["valid_target"], exchange.split["test_target"], strict=True)
        for user, (history, rest) in enumerate(zip(exchange.histories(), held_out, strict=True)):
            file.writelines(f"{user}\t{item}\t{place}\n" for place, item in enumerate([*history, *rest]))


def main() -> None:
    """Train SASRec with the settings of the exchange."""
    from recbole.config import Config
    from recbole.data import create_dataset, data_preparation
    from recbole.model.sequential_recommender import SASRec
    from recbole.trainer import Trainer
    from recbole.utils import init_seed

    exchange = Exchange()
    settings = exchange.settings
    write_atomic_file(exchange)
    config = Config(model="SASRec", dataset="peer", config_dict={
        "data_path": str(exchange.folder), "checkpoint_dir": str(exchange.folder / "saved"), "use_gpu": False,
        "load_col": {"inter": ["user_id", "item_id", "timestamp"]}, "seed": settings.seed, "state": "ERROR",
        "n_layers": settings.layers, "n_heads": settings.heads, "hidden_size": settings.width,
        "inner_size": settings.inner_width, "hidden_dropout_prob": settings.dropout,
        "attn_dropout_prob": settings.dropout, "loss_type": "CE", "train_neg_sample_args": None,
        "MAX_ITEM_LIST_LENGTH": settings.max_length, "learning_rate": settings.learning_rate,
        "train_batch_size": settings.batch_positions, "epochs": settings.epochs,
        "eval_args": {"split": {"LS": "valid_and_test"}, "group_by": "user", "order": "TO", "mode": "full"}})
    init_seed(config["seed"], config["reproducibility"])
    torch.set_num_threads(settings.threads)
    dataset = create_dataset(config)
    train, _, _ = data_preparation(config, dataset)
    model = SASRec(config, train.dataset)
    trainer = Trainer(config, model)
    ids = dataset.field2id_token["item_id"][1:].astype(int)  # the first is padding
    place = np.zeros(settings.items, int)
    place[ids] = np.arange(1, len(ids) + 1)

    def encode(items, lengths):
        real = np.arange(settings.max_length) < lengths[:, None]
        padded = np.zeros(real.shape, int)
        padded[:, :items.shape[1]] = np.where(real[:, :items.shape[1]], place[items], 0)
        return model(torch.from_numpy(padded), torch.from_numpy(lengths)).numpy()

    more, epoch = True, 0
    while more:
        began = time.perf_counter()
        trainer._train_epoch(train, epoch)
        seconds, epoch = time.perf_counter() - began, epoch + 1
        model.eval()
        with torch.no_grad():
            more = exchange.epoch_done(seconds, encode, model.item_embedding.weight.numpy()[place])


if __name__ == "__main__":
    main()
