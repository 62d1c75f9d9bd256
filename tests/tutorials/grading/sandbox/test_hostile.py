"""Submissions that cheat, break or hang: they get exactly what they earned, and nobody else notices."""

import sys
from pathlib import Path
from types import FunctionType

import pytest

import minirearec
from minirearec_tutorials.grading.sandbox.inside import landlock
from minirearec_tutorials.grading.marking.grader import grade
from minirearec_tutorials.grading.marking.pool import grade_folder
from minirearec_tutorials.grading.sandbox.outside.sandbox import Limits

QUICK = Limits(call=1.0, load=2.0, task=5.0, memory=1 << 30, output=2000)
EVERYTHING = {"1.1": 2, "1.2": 3, "1.3": 5}
ALL_BUT_TWICE = {**EVERYTHING, "1.1": 0}
NOTHING = dict.fromkeys(EVERYTHING, 0)
ROOT = Path(minirearec.__file__).resolve().parents[1]

# What follows the right solution: name: (code, what it earns, what the report says).
HOSTILE = {
    "syntax error": ("def double(x:\n", NOTHING, "SyntaxError"),
    "endless loop": ("def double(x):\n    while True: pass", ALL_BUT_TWICE, "double took longer than 1 second"),
    "endless loop at import": ("while True: pass", NOTHING, "t1.py took longer than 2 seconds while it was loaded"),
    "sleeps through everything": ("""
import time
def double(x):
    while True:
        try:
            time.sleep(100)
        except BaseException:
            pass""", ALL_BUT_TWICE, "double took longer than 1 second"),
    "ends the process": ("import os\ndef double(x): os._exit(0)", ALL_BUT_TWICE, "ended its own process (exit code 0)"),
    "ends the process at import": ("import os\nos._exit(0)", NOTHING, "ended its own process (exit code 0) while it was loaded"),
    "sys.exit": ("import sys\ndef double(x): sys.exit(0)", ALL_BUT_TWICE, "double raised SystemExit: 0"),
    "sys.exit at import": ("import sys\nsys.exit(0)", NOTHING, "t1.py raised SystemExit: 0"),
    "20 GB": ("def double(x): return np.ones(20 << 27)", ALL_BUT_TWICE, "double ran out of memory (limit 1 GiB)"),
    "prints 300 MB": ("""
import sys
def double(x):
    if x.ndim == 1:
        for _ in range(300):
            sys.stdout.write("x" * 1_000_000)
    return 2 * x""", EVERYTHING, "bytes more"),
    "prints 300 MB to the descriptor": ("""
import os
def double(x):
    if x.ndim == 1:
        for _ in range(300):
            os.write(2, b"x" * 1_000_000)
    return 2 * x""", EVERYTHING, "bytes more"),
    "recursion": ("def double(x): return double(x)", ALL_BUT_TWICE, "double raised RecursionError"),
    "recursion without a limit": ("""
import sys
class Deep:
    def __repr__(self): return repr([self])
def double(x):
    sys.setrecursionlimit(10 ** 9)
    return repr(Deep())""", ALL_BUT_TWICE, "double "),
    "threads that never end": ("""
import threading, time
def forever():
    while True: time.sleep(0.01)
def double(x):
    try:
        threading.Thread(target=forever).start()
    except RuntimeError:
        pass  # the limit on processes
    return 2 * x""", EVERYTHING, ""),
    "huge array": ("def double(x): return np.zeros(20_000_000)", ALL_BUT_TWICE, "double returned an array of shape [20000000]"),
    "huge array of nothing": ("def double(x): return np.broadcast_to(1.0, (10 ** 6, 10 ** 6))", ALL_BUT_TWICE,
                              "double returned an array of shape [1000000, 1000000]"),
    "huge list": ("def double(x): return [0.5] * 300_000", ALL_BUT_TWICE, "more than can be sent"),
    "endless list": ("def double(x):\n    x = []\n    x.append(x)\n    return x", ALL_BUT_TWICE, "contains itself"),
    "object": ("class Equal:\n    def __eq__(self, other): return True\ndef double(x): return Equal()", ALL_BUT_TWICE,
               "double returned an Equal; expected numbers"),
    "array that equals everything": ("""
class Equal(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
def double(x): return x.view(Equal)""", ALL_BUT_TWICE, "double returned an Equal"),
    "no return": ("def double(x): x = 2 * x", ALL_BUT_TWICE, "is a return missing?"),
    "NaN": ("def double(x): return x * np.nan", ALL_BUT_TWICE, "2 of 2 values differ"),
    "patched NumPy": ("""
np.allclose = np.array_equal = lambda *args, **named: True
np.isclose = np.equal = lambda a, *args, **named: np.ones(np.shape(a), bool)
def double(x): return 3 * x""", ALL_BUT_TWICE, "2 of 2 values differ"),
    "function deleted": ("del double", ALL_BUT_TWICE, "there is no function double in t1.py"),
    "main block": ('if __name__ == "__main__":\n    raise SystemExit(1)', EVERYTHING, ""),
    "starts a process": ("import subprocess\ndef double(x): return subprocess.run(['true'])", ALL_BUT_TWICE,
                         "PermissionError: starting a process is not allowed here"),
    "starts a process without subprocess": ("import _posixsubprocess\ndef double(x): return _posixsubprocess.fork_exec()",
                                            ALL_BUT_TWICE, "PermissionError: starting a process is not allowed here"),
    "loads that anew": ("""
import sys
del sys.modules["_posixsubprocess"]
import _posixsubprocess""", NOTHING, "PermissionError: importing _posixsubprocess is not allowed here"),
    "forks": ("import os\ndef double(x): return os.fork()", ALL_BUT_TWICE, "starting a process is not allowed here"),
    "os.system": ("import os\ndef double(x): return os.system('true')", ALL_BUT_TWICE, "starting a process is not allowed"),
    "kills the grader": ("import os\ndef double(x): os.kill(os.getppid(), 9)", ALL_BUT_TWICE,
                         "sending signals is not allowed here"),
    "opens a socket": ("import socket\ndef double(x): return socket.socket()", ALL_BUT_TWICE,
                       "using the network is not allowed here"),
    "ctypes": ("import ctypes\ndef double(x): return ctypes.string_at(id(x), 8)", ALL_BUT_TWICE, "not allowed here"),
    "raises its limits": ("import resource\ndef double(x): resource.setrlimit(resource.RLIMIT_AS, (-1, -1))", ALL_BUT_TWICE,
                          "changing the limits is not allowed here"),
    "writes elsewhere": ("def double(x): open('/tmp/minirearec-was-here', 'w')", ALL_BUT_TWICE,
                         "writing outside of the working folder"),
    "fills the disk": ("""
def double(x):
    with open("large", "wb") as file:
        for _ in range(100): file.write(bytes(1_000_000))""", ALL_BUT_TWICE, "File too large"),
    "opens a folder for relative names": ("import os\ndef double(x): return os.open('.', os.O_RDONLY)", ALL_BUT_TWICE,
                                          "opening a folder is not allowed here"),
    "closes everything": ("import os\ndef double(x): os.closerange(0, 300)", ALL_BUT_TWICE, "double "),
    "takes stdout away": ("import sys\nsys.stdout = sys.stderr = None", EVERYTHING, ""),
    "answers by itself": ("""
import os
def double(x):
    for number in range(3, 300):
        try:
            os.write(number, b'{"value": {"array": {"dtype": "<f8", "shape": [2], "data": "AAAAAAAAAEAAAAAAAAAQQA=="}}}\\n')
        except OSError:
            pass
    return 3 * x""", ALL_BUT_TWICE, "double sent the grader something that is no answer"),
    "answers before it is asked": ("""
import os
for number in range(3, 300):
    try:
        os.write(number, b'{"id": "00000000000000000000000000000000", "value": null}\\n' * 5)
    except OSError:
        pass""", NOTHING, "t1.py sent the grader something that is no answer while it was loaded"),
    "repeats the grader's number": ("""
import os, sys
def double(x):
    frame = sys._getframe()
    while "asked" not in frame.f_locals: frame = frame.f_back
    number = frame.f_locals["asked"]["id"].encode()
    for place in range(3, 300):
        try:
            os.write(place, b'{"id": "%s", "value": 1.0}\\n' % number)
        except OSError:
            pass
    return 2 * x""", ALL_BUT_TWICE, "double(x) should "),
    "talks nonsense": ("""
import os
def double(x):
    for number in range(3, 300):
        try:
            os.write(number, bytes(range(256)) * 40)
        except OSError:
            pass
    return 2 * x""", ALL_BUT_TWICE, "double sent the grader something that is no answer"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_submission_gets_what_it_earned(name, tiny):
    code, earned, says = HOSTILE[name]
    result = grade(tiny, f"{tiny.solution()}\n{code}\n", QUICK)
    assert {task.number: task.earned for task in result.tasks} == earned
    reported = [result.problem, result.output, *(task.failure.message for task in result.tasks if task.failure)]
    assert any(says in text for text in reported), reported


# Reading the solution: every way must fail, and fail because it is refused.

WAYS = {
    "import": "import minirearec_tutorials.grading.assignment.contents as a; text = a.assignment('a1').solution()",
    "import of the library": "import minirearec; text = minirearec.__file__",
    "importlib": "import importlib; text = importlib.import_module('minirearec_tutorials').__file__",
    "a longer path": "import sys; sys.path.insert(0, ROOT); import minirearec; text = minirearec.__file__",
    "find_spec": "import importlib.util as u; text = u.find_spec('minirearec').loader.get_data(FILE)",
    "open": "text = open(FILE).read()",
    "os.open": "import os; text = os.read(os.open(FILE, os.O_RDONLY), 100000).decode()",
    "pathlib": "import pathlib; text = pathlib.Path(FILE).read_text()",
    "relative": "import os; text = open(os.path.relpath(FILE)).read()",
    "link": "import os; os.symlink(FILE, 'here'); text = open('here').read()",
    "listdir": "import os; text = str(os.listdir(ROOT))",
    "scandir": "import os; text = str(list(os.scandir(ROOT)))",
    "glob": "import glob; text = str(glob.glob(ROOT + '/*')); assert text != '[]'",
    "linecache": "import linecache; text = linecache.getline(FILE, 1); assert text",
    "runpy": "import runpy; text = str(runpy.run_path(FILE))",
    "inspect": "import inspect, sys; text = inspect.getsource(sys.modules['minirearec'])",
    "subprocess": "import subprocess; text = subprocess.check_output(['cat', FILE], text=True)",
    "multiprocessing": "import multiprocessing as m; m.Process(target=print).start(); text = 'started'",
    "NumPy": "text = str(np.fromfile(FILE, 'u1'))",
    "memory map": "text = bytes(np.memmap(FILE, mode='r')).decode()",
    "chdir": "import os; os.chdir(ROOT); text = open(os.path.relpath(FILE, ROOT)).read()",
    "another submission": "import glob; text = str(glob.glob(OTHERS)); assert text != '[]'",
    "the system's files": "text = open('/etc/hosts').read()",
}


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
    """Whoever takes the audit hook apart still does not get at the files, where the kernel has Landlock."""
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


# A whole folder

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
        for beside in ("test_t1.py", "conftest.py", "checks.py", "numpy.py", "math.py", "sitecustomize.py", "solution.py"):
            (folder / beside).write_text("raise SystemExit('not this one')\n")
    (tmp_path / "numpy.py").write_text("raise SystemExit\n")
    done = []
    grades = grade_folder(tiny, tmp_path, 2, lambda one: done.append(one.student), QUICK)
    earned = {one.student: one.earned for one in grades}
    expected = {name: sum(HOSTILE[name][1].values()) for name in worst}
    assert earned == {**expected, "ann": 10, "zoe": 8, "numpy": 0}
    assert list(earned) == sorted(earned) and sorted(done) == sorted(earned)
    assert "numpy" in sys.modules
