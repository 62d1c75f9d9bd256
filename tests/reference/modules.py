"""The modules of the reference, in reading order."""

from minirearec.reference import (
    attention,
    chunked,
    encoding,
    learning,
    objectives,
    ops,
    optim,
    positions,
    reasoning,
    sampled,
    serving,
)
from minirearec.reference.backbones import bert4rec, blocks, sasrec, transformer
from minirearec.reference.items import morec, unisrec
from minirearec.reference.objectives import common, erl, gate, last_step, mixture, prl

# The namespace of properties has the later of two equal names: ``encode`` is that of sasrec.
REFERENCE = (ops, attention, positions, blocks, transformer, bert4rec, sasrec, unisrec, morec, encoding, reasoning,
             chunked, sampled, common, last_step, erl, prl, mixture, gate, objectives, optim, learning, serving)
