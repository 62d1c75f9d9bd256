"""A submission with functions that behave in every way, and limits for calling them."""

import os
import time
from pathlib import Path

from minirearec_tutorials.grading.sandbox.outside.sandbox import Limits

QUICK = Limits(call=1.0, load=10.0, task=10.0, memory=1 << 30)
SOURCE = '''
import numpy as np

print("loaded")


def give(*args, **named):
    return args, named


def grow(x):
    x += 1
    return x


def fail(x):
    y = x + 1
    return y @ np.ones(7)


def odd():
    class Strange(Exception):
        def __str__(self):
            raise RuntimeError
    raise Strange


def later():
    raise NotImplementedError("Task 1.1: later")


def endless():
    while True:
        pass


def leave(code):
    import os
    os._exit(code)


def crash():
    import faulthandler
    faulthandler._sigsegv()


def nothing():
    return object()


def chance():
    return [float(np.random.rand()), list({"some", "words", "in", "a", "set"})]


def talk(count):
    print("x" * count)


def process():
    import os
    return os.getpid(), os.getcwd(), os.listdir("."), dict(os.environ)


VALUE = 3
'''


def gone(process: int, looks: int = 100) -> bool:
    """Return whether a process has ended, looking several times. A process nobody has waited for counts as ended."""
    for _ in range(looks):
        try:
            os.kill(process, 0)
            state = Path(f"/proc/{process}/stat")
            if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False
