"""A submission's process seen from outside: its values, its limits, its end."""

import os
from pathlib import Path

import numpy as np
import pytest

from minirearec_tutorials.grading.checks import StudentError
from minirearec_tutorials.grading.sandbox.outside.sandbox import Limits, Sandbox
from minirearec_tutorials.grading.sandbox.shared.calls import same
from tests.tutorials.grading.sandbox.submission import QUICK, SOURCE, gone


def test_arguments_and_values_keep_their_kinds(sandbox):
    args = (1, 2.5, "three", None, True, [1, (2, 3)], {"a": np.arange(3)}, np.eye(2, dtype=bool))
    back, named = sandbox.student.give(*args, last=np.float32([1]))
    assert same(back, args) and isinstance(back[5][1], tuple)
    assert named["last"].dtype == np.float32


def test_the_process_has_an_empty_folder_and_a_clean_environment(sandbox, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "1")
    with Sandbox(SOURCE, "t1.py", QUICK) as fresh:
        fresh.start()
        _, folder, files, environment = fresh.student.process()
    assert files == [] and Path(folder) != Path.cwd()
    assert "SECRET_OF_THE_GRADER" not in environment and environment["OMP_NUM_THREADS"] == "1"


def test_nothing_is_left_behind():
    with Sandbox(SOURCE, "t1.py", QUICK) as sandbox:
        sandbox.start()
        process, folder, *_ = sandbox.student.process()
        assert Path(folder).exists()
    assert not Path(folder).exists()
    assert gone(process)


@pytest.mark.parametrize("call, says", [
    (lambda student: student.endless(), "^endless took longer than 1 second$"),
    (lambda student: student.leave(0), r"^leave ended its own process \(exit code 0\)$"),
    (lambda student: student.leave(7), r"^leave ended its own process \(exit code 7\)$")])
def test_a_broken_sandbox_says_the_same_at_once_until_the_next_task(call, says):
    with Sandbox(SOURCE, "t1.py", QUICK) as sandbox:
        sandbox.start()
        for attempt in (call, call, lambda student: student.give(1)):
            with pytest.raises(StudentError, match=says) as error:
                attempt(sandbox.student)
            assert error.value.fatal
        sandbox.next_task()
        assert sandbox.student.give(1) == ((1,), {})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_a_crash_names_its_signal():
    with Sandbox(SOURCE, "t1.py", QUICK) as sandbox:
        sandbox.start()
        with pytest.raises(StudentError, match=r"^crash crashed Python \(SIG[A-Z]+\)$"):
            sandbox.student.crash()


def test_a_task_has_a_time_of_its_own():
    limits = Limits(call=5.0, task=0.5)
    with Sandbox(SOURCE, "t1.py", limits) as sandbox:
        sandbox.start()
        sandbox.next_task()
        says = "^the checks of this task took longer than 0.5 seconds in total$"
        with pytest.raises(StudentError, match=says) as error:
            sandbox.student.endless()
        assert error.value.fatal


def test_computing_time_is_limited_too():
    pytest.importorskip("resource", reason="limits of computing time need a Unix system")
    with Sandbox(SOURCE, "t1.py", Limits(call=60.0, cpu=1)) as sandbox:
        sandbox.start()
        with pytest.raises(StudentError, match="^endless used more than 1 second of computing time$"):
            sandbox.student.endless()


def test_output_is_kept_up_to_a_limit():
    with Sandbox(SOURCE, "t1.py", Limits(output=100)) as sandbox:
        sandbox.start()
        sandbox.student.talk(50)
        sandbox.student.talk(1000)
        sandbox.close()
        assert sandbox.output.startswith("loaded\n" + "x" * 50 + "\n") and len(sandbox.output) < 150
        assert sandbox.output.endswith(f"and {7 + 51 + 1001 - 100} bytes more")
