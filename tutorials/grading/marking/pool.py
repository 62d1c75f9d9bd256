"""Grade a folder of submissions with a few grader processes, each of which grades one submission at a time.

The graders are trusted, but they compute with what submissions return, so they are processes too: one that dies or is
still busy when its submission's time is over costs that submission its points, and no other.
"""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing import connection, get_context
from pathlib import Path

from minirearec.errors import MiniReaRecError
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.collecting.sources import Source
from minirearec_tutorials.grading.collecting.submissions import Submission, submissions
from minirearec_tutorials.grading.marking.grader import Grade, grade, unchecked
from minirearec_tutorials.grading.sandbox.outside.sandbox import STANDARD, Limits

JOBS = min(2, os.cpu_count() or 1)
PATIENCE = 3.0  # seconds that a grader gets to stop its sandbox
STARTING = 60.0  # seconds for a grader to import what it needs, which do not count as the submission's time


def grade_folder(item: Assignment, folder: Path, jobs: int = JOBS,
                 on_done: Callable[[Grade], None] = lambda grade: None, limits: Limits = STANDARD,
                 leave_out: tuple[Path, ...] = ()) -> list[Grade]:
    """Grade all submissions in a folder, and return the grades in the order of students.

    ``on_done`` gets each grade as soon as it is known. Raises ConfigError when the folder has no submissions.
    """
    return grade_all(item, submissions(Path(folder), item, leave_out)[0], jobs, on_done, limits)


def grade_all(item: Assignment, found: list[Submission], jobs: int = JOBS,
              on_done: Callable[[Grade], None] = lambda grade: None, limits: Limits = STANDARD) -> list[Grade]:
    """Grade these submissions, and return the grades in the same order."""
    grades: dict[int, Grade] = {}

    def done(place: int, result: Grade) -> None:
        one = found[place]
        note = "; ".join(filter(None, [one.note, result.note]))
        grades[place] = replace(result, student=one.student, note=note, system=one.system, id=one.id)
        on_done(grades[place])

    waiting = []
    for place, one in enumerate(found):
        if one.source is None:
            done(place, unchecked(item, one.student, one.problem))
        else:
            waiting.append(place)
    graders: list[_Grader] = []
    scratch = tempfile.TemporaryDirectory(prefix="minirearec-", ignore_cleanup_errors=True)
    try:
        while waiting or graders:
            while len(graders) < max(1, jobs) and sum(grader.place is None for grader in graders) < len(waiting):
                graders.append(_Grader(item, limits, scratch.name))
            for grader in graders:
                if grader.place is None and waiting:
                    grader.begin(place := waiting.pop(0), found[place].source)
            for grader in _ready(graders):
                place, result = grader.place, grader.result()
                if place is not None:
                    done(place, result)
                if grader.gone:
                    graders.remove(grader)
            if not waiting:
                for grader in [grader for grader in graders if grader.place is None]:
                    grader.stop()
                    graders.remove(grader)
    finally:
        for grader in graders:
            grader.stop()
        scratch.cleanup()
    return [grades[place] for place in range(len(found))]


class _Grader:
    """A grader process and the submission it is working on. ``place`` is None while it has nothing to do."""

    def __init__(self, item: Assignment, limits: Limits, scratch: str):
        self._item, self._limits, self.gone = item, limits, False
        self.place: int | None = None
        self.until = 0.0  # of the submission in place
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, item, limits, scratch), daemon=True)
        with _interrupts_held_back():  # only this process handles Ctrl-C
            self._process.start()
        theirs.close()
        self._fresh = True

    def begin(self, place: int, source: Source) -> None:
        """Send it a submission to grade."""
        self.place, self.until = place, time.monotonic() + self._limits.submission + STARTING * self._fresh
        self._fresh = False
        with suppress(OSError):
            self.pipe.send(source)

    def result(self) -> Grade:
        """Return the grade it sent; or stop it, mark it ``gone``, and return that it was too late or ended."""
        problem = f"grading took longer than {self._limits.submission:g} seconds in total"
        try:
            if self.pipe.poll():
                grade, self.place = self.pipe.recv(), None
                return grade
        except (EOFError, OSError):
            problem = "the process that graded it ended"
        self.stop()
        self.place, self.gone = None, True
        return unchecked(self._item, "", problem)

    def stop(self) -> None:
        """End the process; it stops its sandbox first, if it can."""
        self._process.terminate()
        self._process.join(PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.pipe.close()


def _ready(graders: list[_Grader]) -> list[_Grader]:
    """Wait for graders that have sent something, have ended, or have run out of time; return them."""
    soonest = min((grader.until for grader in graders if grader.place is not None), default=time.monotonic())
    spoken = connection.wait([grader.pipe for grader in graders], max(0.0, soonest - time.monotonic()))
    now = time.monotonic()
    return [grader for grader in graders
            if grader.pipe in spoken or (grader.place is not None and grader.until <= now)]


def _serve(pipe, item: Assignment, limits: Limits, scratch: str) -> None:
    """Run a grader process: take sources, send grades. A request to end stops the sandbox on the way out."""
    tempfile.tempdir = scratch  # so that nothing is left if this process is killed
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # Hypothesis would take SystemExit for a failure
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            source = pipe.recv()
            try:
                result = grade(item, source, limits)
            except MiniReaRecError as error:
                result = unchecked(item, "", str(error))
            pipe.send(result)


@contextmanager
def _interrupts_held_back():
    """Hold Ctrl-C back until the end of the block; a process started in it never gets one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # starting this helper later would let interrupts through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited by the process that is started
    held: list[int] = []
    # The mask is this thread's alone: an interrupt that NumPy's threads receive reaches Python's handler all the same.
    handler = signal.signal(signal.SIGINT, lambda number, frame: held.append(number)) if _in_main_thread() else None
    try:
        yield
    finally:
        if handler is not None:
            signal.signal(signal.SIGINT, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if held:
            signal.raise_signal(signal.SIGINT)


def _in_main_thread() -> bool:
    """Return whether this thread may set handlers of signals."""
    return threading.current_thread() is threading.main_thread()
