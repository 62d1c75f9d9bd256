"""Submissions that cheat, break or hang: they get exactly what they earned, and nobody else notices."""

import sys
from dataclasses import replace
from pathlib import Path
from types import FunctionType

import pytest

import minirearec
from minirearec_tutorials.grading.marking.grader import grade
from minirearec_tutorials.grading.marking.pool import grade_folder
from minirearec_tutorials.grading.sandbox.inside import landlock
from minirearec_tutorials.grading.sandbox.outside.sandbox import Limits
from tests.tutorials.grading.sandbox.hostile import EVERYTHING, HOSTILE, WAYS

QUICK = Limits(call=1.0, load=2.0, task=5.0, memory=1 << 30, output=2000)
ENOUGH = replace(QUICK, call=20.0, load=5.0, task=60.0)  # for right answers on a slow or busy machine
ROOT = Path(minirearec.__file__).resolve().parents[1]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_submission_gets_what_it_earned(name, tiny):
    code, earned, says = HOSTILE[name]
    result = grade(tiny, f"{tiny.solution()}\n{code}\n", ENOUGH if earned == EVERYTHING else QUICK)
    assert {task.number: task.earned for task in result.tasks} == earned
    reported = [result.problem, result.output, *(task.failure.message for task in result.tasks if task.failure)]
    assert any(says in text for text in reported), reported


@pytest.mark.parametrize("name", WAYS)
def test_the_solution_cannot_be_read(name, tiny, tmp_path):
    (tmp_path / "neighbour.py").write_text("# theirs")
    code = f"""
ROOT, FILE, OTHERS = {str(ROOT)!r}, {str(tiny.folder / "solution.py")!r}, {str(tmp_path)!r} + "/*"
if "minirearec" in {WAYS[name]!r}: FILE = {landlock.__file__!r}
def number():
    {WAYS[name]}
    return 48151.623 if text else 0.0
"""
    result = grade(tiny, f"{tiny.solution()}\n{code}", QUICK, only=["1.3"])
    assert [task.status for task in result.tasks] == ["error"], "it was refused, not merely wrong"


@pytest.mark.parametrize("name", ["open", "pathlib", "listdir", "NumPy", "linecache"])
def test_those_ways_would_find_it_without_the_fence(name, tiny, tmp_path):
    """The same code in this process, so that the tests above can fail."""
    space = {"ROOT": str(ROOT), "FILE": str(tiny.folder / "solution.py"), "np": __import__("numpy")}
    exec(WAYS[name], space)
    assert space["text"]


def test_the_kernel_refuses_when_the_hook_is_undone(tiny):
    """Code that disables the audit hook still cannot reach the files if the kernel has Landlock."""
    code = f"""
import gc, os
def number():
    for one in gc.get_objects():
        if type(one).__name__ == "function" and one.__name__ == "look" and one.__closure__:
            for cell in one.__closure__:
                if isinstance(cell.cell_contents, tuple):
                    cell.cell_contents = ("/",) if cell.cell_contents and "numpy" in str(cell.cell_contents) else ()
    try:
        open({str(tiny.folder / "solution.py")!r}).close()
    except PermissionError as error:
        return -1.0 if error.errno else -2.0  # the kernel's, or the hook's
    return 1.0
"""
    result = grade(tiny, f"{tiny.solution()}\n{code}", QUICK, only=["1.3"])
    got = result.tasks[0].outcomes[0].got
    if got == 1.0:
        with pytest.raises(OSError):  # only where there is none
            landlock._call(landlock.CREATE_RULESET, None, 0, landlock.ABI_QUESTION)
        pytest.skip("this kernel has no Landlock: Linux 5.13 or later, with it switched on")
    assert got == -1.0, "the hook was not undone, or the submission failed otherwise"


CRAWL = '''
import gc, sys
def crawl():
    """The number, if it is anywhere in this process: in objects, frames, constants of code."""
    seen, waiting, found = set(), [*gc.get_objects(), *sys._current_frames().values(), *sys.modules.values()], []
    while waiting and len(seen) < 3_000_000:
        one = waiting.pop()
        if id(one) in seen: continue
        seen.add(id(one))
        if type(one) is float and 48151 < one < 48152: found.append(one)
        if type(one).__name__ == "code": waiting.extend(one.co_consts)
        if type(one).__name__ == "frame": waiting.extend(one.f_locals.values())
        waiting.extend(gc.get_referents(one))
    return found[0] if found else 0.0
number = crawl
'''


def test_expected_values_are_nowhere_in_the_process(tiny):
    result = grade(tiny, CRAWL, Limits(call=60.0), only=["1.3"])
    assert result.tasks[0].status == "failed" and result.tasks[0].outcomes[0].got == 0.0
    checks = tiny.checks()
    space: dict = {}
    exec(CRAWL, space)
    assert isinstance(checks.the_number.run, FunctionType)
    assert space["crawl"]() == 48151.623, "the same search finds it where the checks are loaded"


def test_nobody_else_is_affected(tiny, tmp_path):
    """The worst ones, and files that get in the way, among honest submissions."""
    solution = tiny.solution()
    worst = {name: f"{solution}\n{HOSTILE[name][0]}\n" for name in (
        "endless loop at import", "ends the process at import", "20 GB", "prints 300 MB", "answers before it is asked",
        "kills the grader")}
    for name, text in {**worst, "ann": solution, "zoe": tiny.wrong_submission(tiny.wrong[0])}.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "t1.py").write_text(text)
        for beside in ("test_t1.py", "conftest.py", "checks.py", "numpy.py", "math.py", "sitecustomize.py",
                       "solution.py", "fence.py", "inside.py", "shared.py"):
            (folder / beside).write_text("raise SystemExit('not this one')\n")
    (tmp_path / "numpy.py").write_text("raise SystemExit\n")
    done = []
    grades = grade_folder(tiny, tmp_path, 2, lambda one: done.append(one.student), ENOUGH)
    earned = {one.student: one.earned for one in grades}
    expected = {name: sum(HOSTILE[name][1].values()) for name in worst}
    assert earned == {**expected, "ann": 10, "zoe": 8, "numpy": 0}
    assert list(earned) == sorted(earned) and sorted(done) == sorted(earned)
    assert "numpy" in sys.modules
