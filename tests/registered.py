"""What tests register with ``minirearec.register``, and how to forget it."""

from minirearec.evaluation.metrics import METRICS
from minirearec.listeners import LISTENERS
from minirearec.methods import METHODS
from minirearec.nn import registries as in_torch
from minirearec.parts import BACKBONES, ITEM_ENCODERS, REASONERS
from minirearec.reference import registries as in_numpy

TABLES = [METHODS, BACKBONES, ITEM_ENCODERS, REASONERS, METRICS, LISTENERS] + [
    getattr(side, name) for side in (in_torch, in_numpy)
    for name in ("OBJECTIVES", "BACKBONES", "ITEM_ENCODERS", "REASONERS")]


def forget_registered() -> None:
    """Remove every choice that is not the library's own."""
    for table in TABLES:
        for name in table.of_users:
            del table[name]
        table.of_users.clear()
