"""The student's process: it holds the student's functions and calls them when asked.

The trusted side starts this file as a script, with NumPy and the standard library in reach and nothing of minirearec
but this folder and ``shared``. It reads one message a line and answers each with one line. It never knows an expected
value, so whatever the student's code does in here, it can only change the values that are returned.
"""

import __future__

import contextlib
import functools
import io
import linecache
import operator
import os
import random
import re
import sys
import types
import warnings

PATHS = [os.path.dirname(os.path.dirname(os.path.abspath(__file__))),  # of the packages ``inside`` and ``shared``
         sys.argv[1]]  # of NumPy; Python was started without its site-packages
sys.path[:] = [PATHS[0], *sys.path, PATHS[1]]

import numpy as np
from shared import messages
from shared.calls import ArgumentChanged, call_once

LONGEST = 300  # characters that are kept of an error's text
CELL = ", cell "  # between the name of a notebook and the number of a cell
CELL_MAGIC, TIMING = re.compile(r"\s*%%(\w+).*"), ("time", "timeit", "capture", "prun")
# What notebooks call, and nobody reads here.
SHOWN = ("show_example", "show_task", "check_example", "check_task", "display")
FUTURES = functools.reduce(operator.or_, (getattr(__future__, name).compiler_flag
                                          for name in __future__.all_feature_names))
MAGIC = re.compile(r"^([ \t]*)(?:[%!?].*|[\w.]+\?\??[ \t]*|[\w, \t]+=[ \t]*[%!].*)$", re.MULTILINE)


def load(source: str | list[str], file: str, failed: dict[str, str]) -> types.ModuleType:
    """Run a submission as a module that is not ``__main__``: a text, or the cells of a notebook one after another.

    An error in a cell is printed, and the next cell runs, as when a notebook is graded in Jupyter. ``failed`` gets the
    error of each such cell.
    """
    module = types.ModuleType(os.path.splitext(file)[0])
    module.__file__ = file
    sys.modules[module.__name__] = module
    if isinstance(source, str):
        run(source, file, module)
        return module
    vars(module).update(dict.fromkeys(SHOWN, lambda *_, **__: None))
    futures = 0
    for number, cell in enumerate(source, 1):
        try:
            futures |= run(as_python(cell), f"{file}{CELL}{number}", module, futures)
        except BaseException as error:  # sys.exit too
            failed[cell] = error_text(error, file)
            with contextlib.suppress(OSError):
                os.write(2, f"{failed[cell]}\n".encode(errors="backslashreplace"))
    return module


def run(source: str, name: str, module: types.ModuleType, futures: int = 0) -> int:
    """Run a text in a module. Tracebacks know its lines, which are on no disk.

    ``futures``: the flags of what earlier cells import from ``__future__``. Return those of this text, too.
    """
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    code = compile(source, name, "exec", flags=futures, dont_inherit=True)
    exec(code, vars(module))
    return code.co_flags & FUTURES


def as_python(cell: str) -> str:
    """Return a cell without what only IPython understands, if Python does not understand it as it is."""
    if magic := CELL_MAGIC.match(cell):
        return as_python(cell[magic.end():]) if magic[1] in TIMING else ""  # the others are for other languages
    lines = cell.split("\n")
    for _ in lines:  # line by line, as a line that begins with % may also belong to an expression
        wrong = wrong_line("\n".join(lines))
        if wrong is None:
            return "\n".join(lines)
        if not 0 < wrong <= len(lines) or not MAGIC.fullmatch(lines[wrong - 1]):
            break
        lines[wrong - 1] = MAGIC.sub(r"\1pass", lines[wrong - 1])
    return MAGIC.sub(r"\1pass", cell)


def wrong_line(text: str) -> int | None:
    """Return the number of the line at which Python stops to understand a text; None if it understands all."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they come again when the cell runs
            compile(text, "cell", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 0
    return None


def error_text(error: BaseException, file: str) -> str:
    """Word an error with the last line it reached in the student's file: ``ValueError: why (line 12: `a + b`)``."""
    kind, name = type(error).__name__[:LONGEST], file
    if isinstance(error, SyntaxError) and str(error.filename).startswith(file):
        name, line, text = str(error.filename), error.lineno, f"{kind}: {error.msg}"
    else:
        line, traceback = None, error.__traceback__
        while traceback is not None:
            if (code := traceback.tb_frame.f_code).co_filename.startswith(file):
                name, line = code.co_filename, traceback.tb_lineno
            traceback = traceback.tb_next
        try:
            text = f"{kind}: {error}" if str(error) else kind
        except BaseException:  # an exception of the student's own whose text cannot be computed
            text = kind
    text = text if len(text) <= LONGEST else text[:LONGEST] + "..."
    place = f"cell {name.rpartition(CELL)[2]}, " if CELL in name else ""
    return f"{text} ({place}line {line}: `{linecache.getline(name, line).strip()[:LONGEST]}`)" if line else text


def answer(asked: dict, state: dict) -> dict:
    """Return the answer to a request: a value, or an error and what kind of error it is."""
    file, limit, name = state["file"], state["reply"], asked.get("call", "")
    try:
        if "load" in asked:
            state["module"] = load(asked["load"], file, state["failed"])
            return {"value": None}
        function = getattr(state["module"], name, None)
        if not callable(function):
            why = [text for cell, text in state["failed"].items() if f"def {name}(" in cell]
            text = f"there is no function {name} in {file}" + "".join(f": its cell ended with {one}" for one in why)
            return {"error": text, "kind": "missing"}
        args, named = messages.decode(asked["args"]), messages.decode(asked["named"])
        return {"value": messages.encode(call_once(function, args, named), limit)}
    except MemoryError:
        return {"error": "memory", "kind": "memory"}
    except ArgumentChanged as error:
        return {"error": f"{name} {error}", "kind": "changed"}
    except messages.Refused as error:
        return {"error": f"{name} returned {error}; expected {messages.KINDS}", "kind": "value"}
    except NotImplementedError as error:
        return {"error": f"not written yet: {error}"[:LONGEST], "kind": "unwritten"}
    except BaseException as error:  # sys.exit too: only the grader ends this process
        return {"error": f"{name or file} raised {error_text(error, file)}", "kind": "raised"}


def line_of(reply: dict, limit: int) -> bytes:
    """Return a reply as a line; in place of one that cannot be sent, the reason."""
    try:
        return messages.to_line(reply, limit)
    except messages.Refused as error:
        return messages.to_line({"id": reply["id"], "error": f"returned {error}", "kind": "value"}, limit)
    except MemoryError:
        return messages.to_line({"id": reply["id"], "error": "memory", "kind": "memory"}, limit)


def take_pipes():
    """Return the pipes of requests and replies, moved off stdin and stdout, which the student's code may use."""
    numbers = random.SystemRandom().sample(range(100, 250), 2)  # not found by counting up
    requests, replies = (os.fdopen(os.dup2(fd, number, inheritable=False), mode)
                         for fd, number, mode in zip((0, 1), numbers, ("rb", "wb"), strict=True))
    return requests, replies


def main() -> None:
    """Take the messages off stdin and stdout, close the fence, then answer until there are no more requests."""
    from inside import fence  # in here, so that the student's code does not find it by name

    sys.path[:] = [path for path in sys.path if path not in PATHS]
    requests, replies = take_pipes()
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 0)
    os.dup2(2, 1)  # stdout and stderr are one stream from here on, in the order of writing
    printed, heard = sys.stdout, os.dup(2)
    for stream in (printed, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(errors="backslashreplace", line_buffering=True)
    setup = messages.from_line(requests.readline())
    state = {"file": setup["name"], "reply": setup["reply"], "module": None, "failed": {}}
    fence.close(setup)
    random.seed(0)
    np.random.seed(0)  # code that draws without a seed draws the same every time
    reply = {"value": None, "id": setup["id"]}
    while True:
        replies.write(line_of(reply, state["reply"]))
        replies.flush()
        line = requests.readline()
        if not line:
            break
        asked = messages.from_line(line)
        if asked.get("quiet"):  # loaded before: what it prints is known
            os.dup2(silence, 1)
            os.dup2(silence, 2)
        reply = answer(asked, state)
        reply["id"] = asked["id"]
        with contextlib.suppress(OSError, ValueError):  # closed by the student's code
            printed.flush()
        if asked.get("quiet"):
            os.dup2(heard, 1)
            os.dup2(heard, 2)
    os._exit(0)  # without the student's atexit functions


if __name__ == "__main__":
    main()
