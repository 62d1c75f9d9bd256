"""The student's process: what it answers when code fails, is missing, or cannot be loaded."""

from dataclasses import replace

import numpy as np
import pytest

from minirearec_tutorials.grading.checks import StudentError
from minirearec_tutorials.grading.sandbox.outside.sandbox import Sandbox
from tests.tutorials.grading.sandbox.submission import QUICK, SOURCE


@pytest.mark.parametrize("call, says", [
    (lambda student: student.grow(np.zeros(2)), r"^grow changed its argument number 1 in place; work on a copy$"),
    (lambda student: student.fail(np.zeros(3)),
     r"^fail raised ValueError: matmul.* \(line 18: `return y @ np.ones\(7\)`\)$"),
    (lambda student: student.odd(), r"^odd raised Strange \(line 25: `raise Strange`\)$"),
    (lambda student: student.nothing(), r"^nothing returned an object; expected numbers, texts, lists"),
    (lambda student: student.nowhere(), r"^there is no function nowhere in t1.py$"),
    (lambda student: student.VALUE(), r"^there is no function VALUE in t1.py$")])
def test_errors_say_what_and_where(sandbox, call, says):
    with pytest.raises(StudentError, match=says) as error:
        call(sandbox.student)
    assert not error.value.fatal and not error.value.unwritten
    assert sandbox.student.give() == ((), {}), "the sandbox still works"


def test_a_stub_is_unwritten(sandbox):
    with pytest.raises(StudentError, match="^not written yet: Task 1.1: later$") as error:
        sandbox.student.later()
    assert error.value.unwritten


def test_chance_is_the_same_in_every_process():
    with Sandbox(SOURCE, "t1.py", QUICK) as other:
        other.start()
        first = other.student.chance()
        other.start()
        assert other.student.chance() == first


@pytest.mark.parametrize("source, says", [
    ("def f(:\n    pass\n", r"^t1.py raised SyntaxError: invalid syntax \(line 1: `def f\(:`\)$"),
    ("x = 1\nraise SystemExit(0)\n", r"^t1.py raised SystemExit: 0 \(line 2: `raise SystemExit\(0\)`\)$"),
    ("import os\nos._exit(0)\n", r"^t1.py ended its own process \(exit code 0\) while it was loaded$"),
    ("import nothing_like_that\n", r"^t1.py raised ModuleNotFoundError: No module named 'nothing_like_that' \(line 1"),
    ("x = '\0'\n", "^t1.py raised (ValueError|SyntaxError): source code (string )?cannot contain null bytes"),
    ("(" * 3000, "^t1.py raised SyntaxError: too many nested parentheses")])
def test_what_cannot_be_loaded(source, says):
    with Sandbox(source, "t1.py", QUICK) as sandbox:
        with pytest.raises(StudentError, match=says) as error:
            sandbox.start()
        assert error.value.fatal


@pytest.mark.parametrize("cell, value", [
    ("x = 1", 1), ("%time\nx = 2", 2), ("x = 3\nprint?\n?print\nprint??", 3),
    ("!ls\nif True:\n    %pip install a\nx = 4", 4),
    ("%%time\nx = 5", 5), ("%%capture out\nx = 6\n%ls", 6), ("x = !ls\ny, z = %sx ls\nx = 7", 7), ("x = 0\n%%bash", 0),
    ("%%time\n%matplotlib inline\nx = 9", 9), ("%pylab\nx = (32\n     % 3)\n!ls", 2),
    ("try:\n    check_example('a1',\n        '1.1', globals())\nfinally:\n    x = 10\nshow_task()", 10),
    ("x = 8\nx = '''\n%s''' \\\n % 3\nx = 8", 8)])
def test_cells_run_without_what_only_ipython_understands(cell, value):
    """The last one is Python as it is, though a line begins with a percent sign."""
    with Sandbox((f"x = None\n{cell}\ndef give(): return x", "1 / 0"), "t1.ipynb", QUICK) as sandbox:
        sandbox.start()
        sandbox.next_task()
        assert sandbox.student.give() == value
    assert sandbox.output.endswith("ZeroDivisionError: division by zero (cell 2, line 1: `1 / 0`)\n")


def test_what_a_cell_imports_from_the_future_holds_in_the_next_ones():
    cells = ("from __future__ import annotations", "def give(x: nothing_like_that = 7): return x")
    with Sandbox(cells, "t1.ipynb", QUICK) as sandbox:
        sandbox.start()
        assert sandbox.student.give() == 7


def test_a_cell_of_another_language_is_left_out():
    with Sandbox(("x = 1", "%%bash\nx = 2", "  %%html\nx = 3", "def give(): return x"), "t1.ipynb", QUICK) as sandbox:
        sandbox.start()
        assert sandbox.student.give() == 1
    assert sandbox.output == ""


@pytest.mark.parametrize("cell, says", [("while True: pass", "took longer than 1 second while it was loaded"),
                                        ("import os; os._exit(3)", "exit code 3")])
def test_a_cell_that_ends_the_process_or_hangs(cell, says):
    with (Sandbox(("x = 1", cell), "t1.ipynb", replace(QUICK, load=1.0)) as sandbox,
          pytest.raises(StudentError, match=says)):
        sandbox.start()
