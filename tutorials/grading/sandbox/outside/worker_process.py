"""The process that a submission lives in, as the trusted side sees it: start it, ask it, time it, stop it."""

import contextlib
import io
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy

WORKER = Path(__file__).resolve().parents[1] / "inside" / "worker.py"
# -s -P: nothing of the user's or the current folder's; -S: no site-packages, whose .pth files may run code of editable
# installs; -B: no .pyc left behind. (-I would also ignore PYTHONHASHSEED, which makes sets repeatable.)
FLAGS = ("-s", "-P", "-S", "-B", "-X", "utf8")
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB", "NUMEXPR")}
NEEDED = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # variables that Python may need to start
PATIENCE = 2.0  # seconds that a process gets to end


class Output:
    """Keeps the first ``size`` bytes that a submission prints, and counts the rest."""

    def __init__(self, size: int):
        self.size, self.kept, self.dropped = size, bytearray(), 0

    def add(self, data: bytes) -> None:
        """Take in what was printed next."""
        room = self.size - len(self.kept)
        self.kept += data[:max(0, room)]
        self.dropped += max(0, len(data) - max(0, room))

    def text(self) -> str:
        """Return what was kept, and how much more there was."""
        text = self.kept.decode(errors="replace")
        return f"{text}\n... and {self.dropped:,} bytes more" if self.dropped else text


class WorkerProcess:
    """A worker process in an empty folder. ``ask`` sends a line and waits for the line that answers it."""

    def __init__(self, output: Output, longest: int):
        self._home = tempfile.TemporaryDirectory(prefix="minirearec-", ignore_cleanup_errors=True)
        self.home, self._longest = os.path.realpath(self._home.name), longest
        folder = dict.fromkeys(("HOME", "TMPDIR", "TEMP", "TMP"), self.home)
        environment = {**{name: os.environ[name] for name in NEEDED if name in os.environ}, **ONE_THREAD, **folder,
                       "PYTHONHASHSEED": "0"}
        try:
            self._process = subprocess.Popen(
                [sys.executable, *FLAGS, str(WORKER), str(Path(numpy.__file__).parents[1])], cwd=self.home,
                env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                start_new_session=True)
        except BaseException:
            self._home.cleanup()
            raise
        self._questions, self._answers = queue.SimpleQueue(), queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        try:
            for work, args in ((self._exchange, ()), (self._collect, (output,))):
                thread = threading.Thread(target=work, args=args, daemon=True)
                thread.start()
                self._threads.append(thread)
        except BaseException:  # Ctrl-C, or a request to end
            self.stop()
            raise

    def ask(self, line: bytes, seconds: float) -> bytes:
        """Return the answer, empty when the process closed the pipe. Raises TimeoutError after ``seconds``."""
        self._questions.put(line)
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None

    def exit_code(self) -> int | None:
        """Return how the process ended (minus the signal's number for a signal), or None while it is alive."""
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """Kill the process and everything it started, and remove its folder."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        self._questions.put(None)
        for thread in self._threads:
            thread.join(PATIENCE)
        self._home.cleanup()

    def _exchange(self) -> None:
        """Write each question and read one line for it; a line too many stays in the pipe."""
        into, out = self._process.stdin, self._process.stdout
        assert into is not None and out is not None
        while (line := self._questions.get()) is not None:
            try:
                into.write(line)
                into.flush()
                self._answers.put(out.readline(self._longest + 1))
            except (OSError, ValueError):
                self._answers.put(b"")
        for stream in (into, out):
            with contextlib.suppress(OSError):
                stream.close()

    def _collect(self, output: Output) -> None:
        """Read what is printed until the end, so that the process never waits for us."""
        stream = self._process.stderr
        assert isinstance(stream, io.BufferedReader)
        with stream:
            while data := stream.read1(1 << 16):
                output.add(data)
