"""The modules of the reference, in reading order."""

from minirearec.reference import attention, chunked, learning, objectives, ops, optim, reasoning, sampled, serving
from minirearec.reference.backbones import blocks, sasrec
from minirearec.reference.items import morec, unisrec
from minirearec.reference.objectives import common, erl, last_step, prl

REFERENCE = (ops, attention, blocks, sasrec, unisrec, morec, reasoning, chunked, sampled, common, last_step, erl, prl,
             objectives, optim, learning, serving)
