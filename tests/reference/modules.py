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
    soft,
    steps,
)
from minirearec.reference.backbones import bert4rec, blocks, sasrec, transformer
from minirearec.reference.items import morec, unisrec
from minirearec.reference.objectives import common, erl, gate, last_step, mixture, prl, same_target, teacher
from minirearec.reference.reasoners import adapter, gru, items, lares, separate, shared

# The namespace of properties has the later of two equal names: ``encode`` is that of sasrec.
REFERENCE = (ops, attention, positions, blocks, transformer, bert4rec, sasrec, unisrec, morec, encoding, steps, shared,
             adapter, gru, separate, items, lares, reasoning, chunked, sampled, soft, common, last_step, erl, prl,
             mixture, gate, teacher, same_target, objectives, optim, learning, serving)
