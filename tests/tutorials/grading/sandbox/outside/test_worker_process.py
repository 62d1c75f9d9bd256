"""The process of a submission: what it prints, and that nothing of it survives."""

import os

import pytest

from minirearec_tutorials.grading.sandbox.outside import worker_process
from minirearec_tutorials.grading.sandbox.outside.worker_process import Output, WorkerProcess
from tests.tutorials.grading.sandbox.submission import gone


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups")
def test_what_a_process_has_started_is_stopped_too(tmp_path, monkeypatch):
    """Should a submission get round the fence: a worker that has started another process, which outlives it."""
    worker = tmp_path / "worker.py"
    worker.write_text("import subprocess, sys\n"
                      "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
                      "sys.stdin.readline()\nprint(other.pid, flush=True)\n")
    monkeypatch.setattr(worker_process, "WORKER", worker)
    process = WorkerProcess(Output(1000), 1_000_000)
    other = int(process.ask(b"who?\n", 30.0))
    assert process.exit_code() == 0 and not gone(other, looks=1)
    process.stop()
    assert gone(other)
