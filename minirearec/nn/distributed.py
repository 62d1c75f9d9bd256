"""Train one model in several processes, with PyTorch's DistributedDataParallel over gloo (CPU) or nccl (CUDA).

Every process makes the same batches and takes its own histories of each. The gradient of the whole batch is the mean
over processes of their gradients, each weighted by its share of the positions; so a step equals that of one process up
to the order of sums. Dropout and noise differ: every process draws its own. After a step all have the same weights.
"""

import atexit
import os
import re
import time
from contextlib import contextmanager, nullcontext

import numpy as np
import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

from minirearec.config import Config
from minirearec.data.batching import Batch
from minirearec.errors import ConfigError, RunError
from minirearec.nn.devices import find_device
from minirearec.nn.learner import TorchLearner
from minirearec.nn.whole_batch import divided
from minirearec.targets import Followers


def start(device: str) -> None:
    """Connect with the other processes. Raises ConfigError if this machine has fewer CUDA devices than processes."""
    kind = find_device(device).type
    if kind == "cuda":
        place, there = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if place >= there:
            raise ConfigError(f"{os.environ['LOCAL_WORLD_SIZE']} processes, but {there} CUDA devices", "torchrun",
                              f"Choose --nproc-per-node {there}, or --device cpu.")
        torch.cuda.set_device(place)
    dist.init_process_group("nccl" if kind == "cuda" else "gloo")
    atexit.register(leave)


def leave() -> None:
    """Leave the other processes, and give the threads of the connection time to finish.

    After an operation such a thread asks for Python's lock to release a tensor. One that is refused because Python is
    ending aborts the process. It waits for nothing else, but nothing tells when it has finished: PyTorch joins these
    threads when it frees the group, and DistributedDataParallel keeps the group for good (as of 2.13).
    """
    dist.destroy_process_group()
    for _ in range(100):
        time.sleep(0.001)  # hands over Python's lock


@contextmanager
def losing_none():
    """Turn a lost connection into an error that says so. PyTorch has no exception of its own for it on the CPU."""
    try:
        yield
    except RuntimeError as error:
        if not re.search("peer|onnection", str(error)):
            raise
        raise RunError("lost the connection to another process of this training", "torchrun",
                       "That process says why it ended.") from error


@contextmanager
def in_turn():
    """Run the block in the first process, then in the others: for files that the first makes and the others read."""
    with losing_none():
        if dist.get_rank():
            dist.barrier()
        yield
        if not dist.get_rank():
            dist.barrier()


@losing_none()
def mean_of_all(values: list[float], weight: float) -> list[float]:
    """Return the mean of the processes' values, each with its own weight."""
    kind = "cuda" if dist.get_backend() == "nccl" else "cpu"
    sums = torch.tensor([*(weight * value for value in values), weight], dtype=torch.float64, device=kind)
    dist.all_reduce(sums)
    return (sums[:-1] / sums[-1]).tolist()


def take_share(batch: Batch, number: int, count: int) -> tuple[Batch, float]:
    """Return every ``count``-th history of a batch, and ``count`` times their share of its positions.

    With fewer histories than processes every process takes all of them, with the weight 1.
    """
    if len(batch.items) < count:
        return batch, 1.0
    share = batch.take(slice(number, None, count))
    return share, count * share.positions / batch.positions


class _Loss(torch.nn.Module):
    """The loss of a learner as the forward of a module with the model's parameters, which is what DDP wraps."""

    def __init__(self, learner: TorchLearner):
        super().__init__()
        self.model, self.forward = learner.model, learner.loss


class SharedLearner(TorchLearner):
    """A model that several processes train; see ``backends.Learner``. All of them call the same methods in step."""

    @losing_none()
    def __init__(self, config: Config, n_items: int, weights: dict[str, np.ndarray], device: str = "auto",
                 popularity: np.ndarray | None = None, features: np.ndarray | None = None,
                 followers: Followers | None = None):
        super().__init__(config, n_items, weights, device, popularity, features, followers)
        self.number, self.count = dist.get_rank(), dist.get_world_size()
        self.shared_loss = DistributedDataParallel(_Loss(self), broadcast_buffers=False)  # features do not change

    def start_epoch(self, epoch: int) -> None:
        """Seed this epoch, each process with a seed of its own; see ``backends.Learner``."""
        super().start_epoch(epoch)
        if self.number:
            seeds = np.random.SeedSequence([self.config.training.seed, epoch, self.number])
            self.generator.manual_seed(int(seeds.generate_state(1, np.uint64)[0]) >> 1)

    def load_random_state(self, state: np.ndarray) -> None:
        """Restore the generator of the first process. A run holds no other; those draw from their seeds again."""
        if not self.number:
            super().load_random_state(state)

    @losing_none()
    def backward(self, batch: Batch, read: dict, negatives=None) -> float:
        """Compute the loss and the gradients of a batch together with the other processes."""
        share, weight = take_share(batch, self.number, self.count)
        with nullcontext() if share is batch else divided():
            loss = weight * self.shared_loss(share, read, negatives)
        loss.backward()
        if self.rows is not None:
            self._average(self.rows.taken.grad)
        return self._average(loss.detach()).item()

    def _average(self, value) -> torch.Tensor:
        """Replace a tensor by its mean over processes."""
        dist.all_reduce(value)
        return value.div_(self.count)
