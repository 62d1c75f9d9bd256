"""A bar for ``Trainer.fit``: one line that is redrawn, on a terminal and in a notebook; a line per epoch elsewhere."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO

from minirearec.events import SELECTION, BatchDone, EpochDone, Finished, RefitEpochDone, Started

WIDE, EVERY = 20, 0.1  # characters of the bar, seconds between two frames
LINE = 79  # characters that a frame overwrites


def drawn(events: Iterable, stream: TextIO | None = None, clock=time.monotonic) -> Iterator:
    """Pass events on, and draw them on a stream (stderr)."""
    out: TextIO = stream or sys.stderr
    started, last = None, 0.0
    redraws = out.isatty() or "ipykernel" in sys.modules
    for event in events:
        yield event
        match event:
            case Started():
                started = event
            case BatchDone() if redraws and started and clock() - last >= EVERY:
                out.write("\r" + frame(event, started).ljust(LINE))
                last = clock()
            case EpochDone() | RefitEpochDone():
                out.write(line(event).ljust(LINE * redraws).join(("\r" * redraws, "\n")))
            case Finished():
                out.write(f"finished: {event.reason}\n")
        out.flush()


def frame(event: BatchDone, started: Started) -> str:
    """Return ``epoch 3 [#####...............]  loss 7.1234``."""
    full = WIDE * event.positions // started.positions
    return f"{'refit ' * started.refit}epoch {event.epoch} [{'#' * full}{'.' * (WIDE - full)}]  loss {event.loss:.4f}"


def line(event: EpochDone | RefitEpochDone) -> str:
    """Return ``epoch 3  loss 7.1234  NDCG@20 0.0571  11.2 s  best``, or without the metric for an epoch of a refit."""
    if isinstance(event, RefitEpochDone):
        return f"refit epoch {event.epoch}  loss {event.loss:.4f}  {event.seconds:.1f} s"
    best = "  best" if event.improved else ""
    return f"epoch {event.epoch}  loss {event.loss:.4f}  {SELECTION} {event.metrics[SELECTION]:.4f}  " \
           f"{event.seconds:.1f} s{best}"
