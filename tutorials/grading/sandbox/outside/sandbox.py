"""A submission in a process of its own, under limits. Its functions take values and return values.

The checks run on this side of the pipe, so that nothing a submission does can pass for a right answer but a right
answer. fence.py on the other side describes what the process may do, and what the fence cannot stop.
"""

import math
import secrets
import signal
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import numpy

from minirearec.errors import MiniReaRecError
from minirearec_tutorials.grading.checks import StudentError
from minirearec_tutorials.grading.sandbox.outside.worker_process import Output, WorkerProcess
from minirearec_tutorials.grading.sandbox.shared import messages

PACKAGES = ("minirearec", "minirearec_cli", "minirearec_cards", "minirearec_tutorials")
STARTING = 60.0  # seconds for Python and NumPy to start, which do not count as the student's time
LONGEST = 1000  # characters that are kept of an error's text


@dataclass(frozen=True)
class Limits:
    """What a submission may use; all of it is more than a right one needs.

    Seconds of wall time: ``call`` for a call, ``load`` for loading the module, ``task`` for all calls of a task's
    checks, ``submission`` for everything (``grade_folder`` enforces it). ``cpu``: seconds of computing time of one
    process. Bytes: ``memory`` of address space, ``file`` for a file it writes, ``reply`` for a value it returns,
    ``output`` of what it prints (the rest is dropped). Windows has no limits of computing time, memory and files; those
    of wall time still apply.
    """

    call: float = 10.0
    load: float = 20.0
    task: float = 60.0
    submission: float = 600.0
    cpu: int = 300
    memory: int = 2 << 30
    file: int = 10_000_000
    reply: int = 8_000_000
    output: int = 20_000


STANDARD = Limits()


class Sandbox:
    """A context manager; ``student`` has the functions of the submission: a text, or the cells of a notebook.

    Every task gets a new process, so that what happens in one cannot change another. A call that takes too long, or in
    which the process ends, breaks the sandbox: it and all later calls of the task raise the same StudentError.
    """

    def __init__(self, source: str | tuple[str, ...], file: str = "submission.py", limits: Limits = STANDARD):
        self.source, self.file, self.limits = source, file, limits
        self.student = Student(self)
        self._output = Output(limits.output)
        self._process: WorkerProcess | None = None
        self._broken: StudentError | None = None
        self._until, self._loaded, self._used = math.inf, False, False

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    @property
    def output(self) -> str:
        """Return what the submission has printed so far, cut at ``limits.output``; all of it after ``close``."""
        return self._output.text()

    def start(self) -> None:
        """Start the process and load the submission. Raises StudentError when it cannot be loaded."""
        self.close()
        self._broken, self._until = None, math.inf
        self._process = WorkerProcess(self._output, self.limits.reply)
        setup = {"name": self.file, "home": self._process.home, "numpy": _numpy_folders(), "hidden": _hidden_folders(),
                 **{name: getattr(self.limits, name) for name in ("reply", "cpu", "memory", "file")}}
        try:
            self._ask(setup, STARTING, "the grader's process")
        except StudentError as error:
            self.close()
            raise MiniReaRecError(f"the process for submissions did not start: {error}", "grading",
                                  f"It printed: {self.output.strip() or 'nothing'}") from None
        self._ask({"load": self.source, "quiet": self._loaded}, self.limits.load, self.file)
        self._loaded, self._used = True, False

    def next_task(self) -> None:
        """Start the clock of the next task, in a new process. Raises StudentError as ``start`` does."""
        if self._process is None or self._used:
            self.start()
        self._until = time.monotonic() + self.limits.task

    def call(self, name: str, args: tuple, named: dict):
        """Call a function of the submission. Raises StudentError for whatever goes wrong on the other side."""
        self._used = True
        if self._broken:
            raise StudentError(str(self._broken), fatal=True)
        left = self._until - time.monotonic()
        overtime = f"the checks of this task took longer than {_seconds(self.limits.task)} in total"
        if left <= 0:
            self._break(overtime)
        question = {"call": name, "args": messages.encode(list(args), self.limits.reply),
                    "named": messages.encode(named, self.limits.reply)}
        late = overtime if left < self.limits.call else ""
        return self._ask(question, min(left, self.limits.call), name, late)

    def close(self) -> None:
        """Stop the process and everything it has started."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()

    def _ask(self, question: dict, seconds: float, who: str, late: str = ""):
        """Return the value that answers a question. The answer must repeat a number that nobody can know in advance."""
        question["id"] = secrets.token_hex(16)
        while_loading = " while it was loaded" if "load" in question else ""
        process = self._process
        assert process is not None, "next_task comes before call"
        try:
            line = process.ask(messages.to_line(question, self.limits.reply * 8), seconds)
        except messages.Refused:
            self._break(f"{who} holds more than can be graded")
        except TimeoutError:
            self._break(late or f"{who} took longer than {_seconds(seconds)}{while_loading}")
        except BaseException:  # Ctrl-C: the next answer would be that of this question
            self.close()
            raise
        if not line:
            self._break(f"{who} {self._ending(process)}{while_loading}")
        try:
            answer = messages.from_line(line)
            if answer.pop("id", None) != question["id"]:
                raise ValueError("another question's answer")
            if set(answer) == {"value"}:
                return messages.decode(answer["value"])
            kind, text = answer.pop("kind"), answer.pop("error")
            if answer or not isinstance(text, str):
                raise ValueError("neither value nor error")
        except (ValueError, KeyError):
            self._break(f"{who} sent the grader something that is not an answer{while_loading}")
        if kind == "memory":
            self._break(f"{who} ran out of memory (limit {self.limits.memory / 2 ** 30:.3g} GiB){while_loading}")
        if "load" in question:
            self._break(text[:LONGEST])
        raise StudentError(text[:LONGEST], unwritten=kind == "unwritten")

    def _ending(self, process: WorkerProcess) -> str:
        """Say how the process ended, as something the submission did."""
        code = process.exit_code()
        if code is None:
            return "closed its connection to the grader"
        if code >= 0:
            return f"ended its own process (exit code {code})"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        if name == "SIGXCPU":
            return f"used more than {_seconds(self.limits.cpu)} of computing time"
        return "was stopped by the system (SIGKILL)" if name == "SIGKILL" else f"crashed Python ({name})"

    def _break(self, message: str) -> NoReturn:
        """Give up on this process: raise this error now, and for every later call."""
        self._broken = StudentError(message, fatal=True)
        self.close()
        raise self._broken


class Student:
    """The submission's functions as attributes, for the checks."""

    def __init__(self, sandbox: Sandbox):
        self._sandbox = sandbox

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **named: self._sandbox.call(name, args, named)


def _seconds(count: float) -> str:
    return f"{count:g} second{'' if count == 1 else 's'}"


def _numpy_folders() -> list[str]:
    """Return the folders of NumPy and of the libraries that come with it."""
    own = Path(numpy.__file__).parent
    return [str(path) for path in (own, own.with_name("numpy.libs")) if path.is_dir()]


def _hidden_folders() -> list[str]:
    """Return the folders of our packages, which may lie among Python's own files."""
    specs = [find_spec(name) for name in PACKAGES]
    return [folder for spec in specs if spec is not None for folder in spec.submodule_search_locations or ()]
