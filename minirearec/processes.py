"""The processes of a training that torchrun started, as it describes them in environment variables.

``torchrun --nproc-per-node 2 -m -- minirearec train ...`` runs the same command in two processes. They train one model
together (see ``nn.distributed``); the first one writes the run and prints. Otherwise there is one process, the first.
"""

import os


def count() -> int:
    """Return how many processes train together."""
    return int(os.environ["WORLD_SIZE"]) if "TORCHELASTIC_RUN_ID" in os.environ else 1


def number() -> int:
    """Return which of them this one is, counted from 0."""
    return int(os.environ["RANK"]) if count() > 1 else 0
