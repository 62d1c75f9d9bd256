"""The table of count models, the choices of ``--counts``, and their settings.

They share one formula, which is in ``counts/scorer.py``, and differ in the evidence (``counts/NAME.py``) and in the
defaults of the settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from minirearec.errors import ConfigError
from minirearec.registry import Registry
from minirearec.settings import check, setting

KERNELS = ("power", "exponential", "logarithmic")


@dataclass(frozen=True, eq=False)
class CountModel:
    """One way to count. ``defaults`` are settings that replace the defaults of ``Config``.

    ``logarithmic``: its evidence is a logarithm of probabilities, so the weights of a history sum to 1.
    """

    name: str
    help: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    logarithmic: bool = False


COUNTS: Registry[CountModel] = Registry("count model", "--counts")
COUNTS.update({one.name: one for one in (
    CountModel("item-to-item", "what followed an item, less if the item itself is popular"),
    CountModel("rules", "sequential rules: what followed an item, the strongest rules alone", {
        "gap_kernel": "logarithmic", "history_decay": 2.0, "strongest": 100}),
    CountModel("pctm", "transitions pooled over distances, as smoothed log-probabilities, averaged over the history", {
        "gap_decay": 0.5, "history_length": 50, "history_kernel": "exponential", "history_decay": 0.6, "boost": -0.04},
        logarithmic=True))})


@dataclass(frozen=True)
class CountsConfig:
    """What the method counts counts, and how it scores; see ``counts.scorer``."""

    counts: str = setting("item-to-item", "count model", choices=COUNTS)
    window: int = setting(10, "number of places after an item within which other items count as its followers", low=1,
                          high=1000)
    gap_kernel: str = setting("power", "weight of a pair d places apart: power, d^-decay; exponential, decay^(d-1); "
                              "logarithmic, 1/log10(d+1.7)", choices=KERNELS)
    gap_decay: float = setting(1.0, "decay of --gap-kernel", low=0.0, high=10.0)
    history_length: int = setting(10, "number of items that score, the newest of each history", low=1, high=1000)
    history_kernel: str = setting("power", "weight of the item d places back; see --gap-kernel", choices=KERNELS)
    history_decay: float = setting(1.0, "decay of --history-kernel", low=0.0, high=10.0)
    head: int = setting(0, "pctm: this many of the newest items have a fixed share of the weight, and older ones "
                        "divide the rest evenly; 0: all by the kernel", low=0)
    head_share: float = setting(0.8, "pctm: the share of the newest items, with --head", low=0.0, high=1.0)
    strongest: int = setting(0, "followers to keep for each item, the strongest; 0: all", low=0)
    idf: bool = setting(False, "rules: rules from popular items count less")
    tau: float = setting(11250.0, "pctm: mass of the uniform prior", above=0.0)
    boost: float = setting(0.0, "weight of the logarithm of popularity; below 0 it favours rare items")

    def __post_init__(self):
        check(self)
        for name in ("gap", "history"):
            if getattr(self, f"{name}_kernel") == "exponential" and getattr(self, f"{name}_decay") > 1:
                raise ConfigError("an exponential kernel would grow with the distance", f"--{name}-decay",
                                  "It must be at most 1.")
