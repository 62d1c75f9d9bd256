"""What changes from step to step of a training: the learning rate, and the decay of the averaged weights."""

import math

from minirearec.config import TrainingConfig

# The share of the learning rate when a share x of the scheduled epochs is done.
SHARES = {"constant": lambda x: 1.0, "linear": lambda x: 1 - x, "cosine": lambda x: (1 + math.cos(math.pi * x)) / 2}


def learning_rate(settings: TrainingConfig, step: int, done: float) -> float:
    """Return the learning rate of a step, counted from 1, when ``done`` epochs are done, a number such as 2.5.

    ``lr * min(1, step / warmup_steps) * f(done / schedule_epochs)`` with ``f(x) = 1``, ``1 - x`` (linear) or
    ``(1 + cos(pi x)) / 2`` (cosine). Only finished epochs and the place in the current one count, so a refit repeats
    the rates of the search, and a search that stops early leaves the lowest ones out.
    Source: Goyal et al. 2017, arXiv 1706.02677 (warm-up); Loshchilov and Hutter 2017, arXiv 1608.03983 (cosine).
    """
    rate = settings.learning_rate * SHARES[settings.schedule](min(1.0, done / settings.schedule_epochs))
    return rate * step / settings.warmup_steps if step < settings.warmup_steps else rate


def decay(settings: TrainingConfig, step: int) -> float:
    """Return the decay d of averaged weights at a step, counted from 1: ``min(d, (1 + step) / (10 + step))``.

    After the step, ``a = d a + (1 - d) w``. The mean begins at the initial weights, which the low decay of the first
    steps soon forgets.
    Source: Polyak and Juditsky 1992; Tarvainen and Valpola 2017, arXiv 1703.01780; the warm-up is TensorFlow's.
    """
    return min(settings.average, (1 + step) / (10 + step))
