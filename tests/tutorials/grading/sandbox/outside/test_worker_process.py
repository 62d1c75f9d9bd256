"""The process of a submission: what it prints, and that nothing of it survives."""

import os

import pytest

from minirearec_tutorials.grading.sandbox.outside import worker_process
from minirearec_tutorials.grading.sandbox.outside.worker_process import Output, WorkerProcess
from tests.tutorials.grading.sandbox.submission import gone


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups")
def test_what_a_process_has_started_is_stopped_too(tmp_path, monkeypatch):
    """If a submission gets around the fence, its worker may start another process, which outlives the worker."""
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


def test_output_is_kept_up_to_its_size_and_then_counted():
    output = Output(5)
    output.add(b"abc")
    assert output.text() == "abc"
    output.add(b"def")
    output.add(b"g" * 1000)
    assert output.text() == "abcde\n... and 1,001 bytes more"


def test_a_process_that_does_not_answer_is_a_timeout_and_leaves_no_folder(tmp_path, monkeypatch):
    worker = tmp_path / "worker.py"
    worker.write_text("import time\ntime.sleep(1000)\n")
    monkeypatch.setattr(worker_process, "WORKER", worker)
    process = WorkerProcess(Output(1000), 1000)
    assert os.listdir(process.home) == []
    with pytest.raises(TimeoutError):
        process.ask(b"anyone?\n", 0.1)
    process.stop()
    assert not os.path.exists(process.home) and process.exit_code() is not None
