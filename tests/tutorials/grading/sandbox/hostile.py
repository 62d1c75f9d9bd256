"""Submissions that cheat, break or hang, with what they earn, and ways to read the solution."""



EVERYTHING = {"1.1": 2, "1.2": 3, "1.3": 5}
ALL_BUT_TWICE = {**EVERYTHING, "1.1": 0}
NOTHING = dict.fromkeys(EVERYTHING, 0)
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
    "ends the process at import": ("import os\nos._exit(0)", NOTHING,
                                   "ended its own process (exit code 0) while it was loaded"),
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
    "huge array": ("def double(x): return np.zeros(20_000_000)", ALL_BUT_TWICE,
                   "double returned an array of shape [20000000]"),
    "huge array of nothing": ("def double(x): return np.broadcast_to(1.0, (10 ** 6, 10 ** 6))", ALL_BUT_TWICE,
                              "double returned an array of shape [1000000, 1000000]"),
    "huge list": ("def double(x): return [0.5] * 300_000", ALL_BUT_TWICE, "more than can be sent"),
    "endless list": ("def double(x):\n    x = []\n    x.append(x)\n    return x", ALL_BUT_TWICE, "contains itself"),
    "deep list": ("def double(x):\n    for _ in range(400): x = [x]\n    return x", ALL_BUT_TWICE,
                  "double(x) should be an array of shape [2], got 1 values"),
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
    "starts a process without subprocess": (
        "import _posixsubprocess\ndef double(x): return _posixsubprocess.fork_exec()", ALL_BUT_TWICE,
        "PermissionError: starting a process is not allowed here"),
    "loads that again": ("""
import sys
del sys.modules["_posixsubprocess"]
import _posixsubprocess""", NOTHING, "PermissionError: importing _posixsubprocess is not allowed here"),
    "forks": ("import os\ndef double(x): return os.fork()", ALL_BUT_TWICE, "starting a process is not allowed here"),
    "os.system": ("import os\ndef double(x): return os.system('true')", ALL_BUT_TWICE,
                  "starting a process is not allowed"),
    "kills the grader": ("import os\ndef double(x): os.kill(os.getppid(), 9)", ALL_BUT_TWICE,
                         "sending signals is not allowed here"),
    "opens a socket": ("import socket\ndef double(x): return socket.socket()", ALL_BUT_TWICE,
                       "using the network is not allowed here"),
    "ctypes": ("import ctypes\ndef double(x): return ctypes.string_at(id(x), 8)", ALL_BUT_TWICE, "not allowed here"),
    "raises its limits": ("import resource\ndef double(x): resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
                          ALL_BUT_TWICE, "changing the limits is not allowed here"),
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
value = b'{"value": {"array": {"dtype": "<f8", "shape": [2], "data": "AAAAAAAAAEAAAAAAAAAQQA=="}}}\\n'
def double(x):
    for number in range(3, 300):
        try:
            os.write(number, value)
        except OSError:
            pass
    return 3 * x""", ALL_BUT_TWICE, "double sent the grader something that is not an answer"),
    "answers before it is asked": ("""
import os
for number in range(3, 300):
    try:
        os.write(number, b'{"id": "00000000000000000000000000000000", "value": null}\\n' * 5)
    except OSError:
        pass""", NOTHING, "t1.py sent the grader something that is not an answer while it was loaded"),
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
    return 2 * x""", ALL_BUT_TWICE, "double sent the grader something that is not an answer"),
}
WAYS = {
    "import": "import minirearec_tutorials.grading.assignment.finding as a; text = a.assignment('a1').solution()",
    "import of the library": "import minirearec; text = minirearec.__file__",
    "importlib": "import importlib; text = importlib.import_module('minirearec_tutorials').__file__",
    "a longer path": "import sys; sys.path.insert(0, ROOT); import minirearec; text = minirearec.__file__",
    "find_spec": "import importlib.util as u; text = u.find_spec('minirearec').loader.get_data(FILE)",
    "open": "with open(FILE) as file: text = file.read()",
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
    "the fence by its name": "import __main__; text = str(__main__.fence)",
    "the fence as a module": "import inside.fence; text = inside.fence.__file__",
    "the fence among modules": "import sys; text = [m for m in sys.modules if m.startswith(('inside', 'shared'))][0]",
    "the system's files": "text = open('/etc/hosts').read()",
}
