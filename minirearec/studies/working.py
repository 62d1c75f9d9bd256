"""Train one run of a study and measure it, here or in a process of its own."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

from minirearec.analysis.trials import Machine, Trial
from minirearec.data.sequences import SequenceData
from minirearec.errors import RunError
from minirearec.events import BatchDone, EpochDone
from minirearec.plugins import load_plugin, loaded
from minirearec.runs.directory import Run
from minirearec.studies.measuring import measure


def work(trial: Trial, data: SequenceData, machine: Machine, blend: tuple[str, ...] = (),
         halts: bool = False) -> Iterator[BatchDone | EpochDone | dict[str, Any]]:
    """Train a run, or resume it; yield its events and last the line of its results."""
    trial.check(data, machine)
    if not (trial.path / "results.json").exists():
        yield from trial.train(data, machine)
    yield measure(Run.open(trial.path), data, machine.device, blend, halts)


def at_a_time(count: int, given: list[tuple], threads: int, out: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Do ``work`` with each of the given arguments in ``count`` processes; yield number and line of what is done.

    The processes end when the iterator is closed, by an error too. Raises RunError when one of them was killed.
    """
    others = active_children()
    with ProcessPoolExecutor(count, get_context("spawn"), prepare, (loaded(), threads)) as pool:
        try:
            jobs = [pool.submit(work_alone, number, os.getpid(), arguments) for number, arguments in enumerate(given)]
            for job in as_completed(jobs):
                yield job.result()
        except BrokenProcessPool as error:
            raise RunError("a process that trained was killed, perhaps because memory ran out", str(out),
                           "The same command continues. Fewer --jobs need less memory.") from error
        finally:
            for process in active_children():
                if process not in others:
                    process.terminate()


def prepare(plugins: list[Path], threads: int) -> None:
    """Make a process ready to work: its parent answers Ctrl-C, and its tables have the plugins of its parent."""
    os.environ["OMP_NUM_THREADS"] = str(threads)  # PyTorch reads it when it is imported, which is later
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for path in plugins:
        load_plugin(path)


def work_alone(number: int, parent: int, arguments: tuple) -> tuple[int, dict[str, Any]]:
    """Do ``work`` in a process of a pool: return the number and the line of its results.

    End when the parent process is gone.
    """
    line: Any = None
    for line in work(*arguments):  # noqa: B007 (the last one is the line)
        if os.getppid() != parent:
            os._exit(1)
    return number, line
