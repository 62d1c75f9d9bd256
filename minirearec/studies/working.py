"""Train one run of a study and measure it, here or in a process of its own."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from minirearec.analysis.trials import Machine, Trial
from minirearec.data.sequences import SequenceData
from minirearec.events import BatchDone, EpochDone
from minirearec.plugins import load_plugin
from minirearec.runs.directory import Run
from minirearec.studies.measuring import measure


def work(trial: Trial, data: SequenceData, machine: Machine, blend: tuple[str, ...] = (),
         halts: bool = False) -> Iterator[BatchDone | EpochDone | dict[str, Any]]:
    """Train a run, or resume it; yield its events and last the line of its results."""
    trial.check(data, machine)
    if not (trial.path / "results.json").exists():
        yield from trial.train(data, machine)
    yield measure(Run.open(trial.path), data, machine.device, blend, halts)


def prepare(plugins: list[Path], threads: int) -> None:
    """Make a process ready to work: its parent answers Ctrl-C, and its tables have the plugins of its parent."""
    os.environ["OMP_NUM_THREADS"] = str(threads)  # PyTorch reads it when it is imported, which is later
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for path in plugins:
        load_plugin(path)


def work_alone(job: tuple[int, int, tuple]) -> tuple[int, dict[str, Any]]:
    """Do a job of a pool, with the arguments of ``work``: return its number and the line of its results.

    End when the parent process is gone.
    """
    number, parent, arguments = job
    line: Any = None
    for line in work(*arguments):  # noqa: B007 (the last one is the line)
        if os.getppid() != parent:
            os._exit(1)
    return number, line
