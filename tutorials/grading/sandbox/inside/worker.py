"""The untrusted side: a process that holds a student's functions and calls them when asked.

Started by child.py as a script, with NumPy and the standard library in reach and nothing of minirearec. It reads a
message a line and answers each with one line. It never knows an expected value, so whatever the student's code does in
here, it can only change the values that are returned. The trusted side imports ``call_once`` from here too.
"""

import copy
import linecache
import os
import sys
import types

if __name__ == "__main__":
    sys.path.append(sys.argv[1])  # where NumPy is; Python was started without its site-packages

import numpy as np

LONGEST = 300  # characters that are kept of an error's text


class ArgumentChanged(Exception):
    """A function changed one of its arguments in place."""


def call_once(function, args: tuple, named: dict):
    """``function(*args, **named)`` on copies of the arguments. Raises ArgumentChanged when it changes one of them."""
    mine = copy.deepcopy((args, named))
    result = function(*mine[0], **mine[1])
    for position, (before, after) in enumerate(zip([*args, *named.values()], [*mine[0], *mine[1].values()])):
        if not same(before, after):
            raise ArgumentChanged(f"changed its argument number {position + 1} in place; work on a copy")
    return result


def same(a, b) -> bool:
    """Whether two trees of lists, dicts, arrays and plain values are equal."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return isinstance(b, list | tuple) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and (a == b or a != a)


def load(source: str, file: str) -> types.ModuleType:
    """Run a submission's text as a module that is not ``__main__``. Its lines are known to tracebacks, not on disk."""
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    module = types.ModuleType(os.path.splitext(file)[0])
    module.__file__ = file
    sys.modules[module.__name__] = module
    exec(compile(source, file, "exec", dont_inherit=True), vars(module))
    return module


def describe(error: BaseException, file: str) -> str:
    """``ValueError: the message (line 12: `return a + b`)``: the last line of the student's file that was reached."""
    kind = type(error).__name__[:LONGEST]
    if isinstance(error, SyntaxError) and error.filename == file:
        line, text = error.lineno, f"{kind}: {error.msg}"
    else:
        line, traceback = None, error.__traceback__
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == file:
                line = traceback.tb_lineno
            traceback = traceback.tb_next
        try:
            text = f"{kind}: {error}" if str(error) else kind
        except BaseException:  # an exception of the student's own that cannot be shown
            text = kind
    text = text if len(text) <= LONGEST else text[:LONGEST] + "..."
    return f"{text} (line {line}: `{linecache.getline(file, line).strip()[:LONGEST]}`)" if line else text


def answer(asked: dict, state: dict, messages) -> dict:
    """What a request leads to: a value, or an error with what kind it is."""
    file, limit, name = state["file"], state["reply"], asked.get("call", "")
    try:
        if "load" in asked:
            state["module"] = load(asked["load"], file)
            return {"value": None}
        function = getattr(state["module"], name, None)
        if not callable(function):
            return {"error": f"there is no function {name} in {file}", "kind": "missing"}
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
        return {"error": f"{name or file} raised {describe(error, file)}", "kind": "raised"}


def main() -> None:
    """Take the messages off stdin and stdout, close the fence, then answer until there are no more questions."""
    import contextlib
    import random

    here = os.path.dirname(os.path.abspath(__file__))
    ours = (here, os.path.join(os.path.dirname(here), "shared"))
    sys.path[:0] = ours
    import fence
    import messages
    sys.path[:] = [path for path in sys.path if path not in (*ours, sys.argv[1])]
    numbers = random.SystemRandom().sample(range(100, 250), 2)  # not found by counting up
    requests, replies = (os.fdopen(os.dup2(fd, number, inheritable=False), mode)
                         for fd, number, mode in zip((0, 1), numbers, ("rb", "wb")))
    silence = os.open(os.devnull, os.O_RDWR)
    os.dup2(silence, 0)
    os.dup2(2, 1)  # stdout and stderr are one stream from here on, in the order of writing
    printed, heard = sys.stdout, os.dup(2)
    for stream in (printed, sys.stderr):
        stream.reconfigure(errors="backslashreplace", line_buffering=True)
    setup = messages.from_line(requests.readline())
    state = {"file": setup["name"], "reply": setup["reply"], "module": None}
    fence.close(setup)
    random.seed(0)
    np.random.seed(0)  # code that draws without a seed draws the same every time
    reply = {"value": None, "id": setup["id"]}
    while True:
        try:
            line = messages.to_line(reply, state["reply"])
        except messages.Refused as error:
            line = messages.to_line({"id": reply["id"], "error": f"returned {error}", "kind": "value"}, state["reply"])
        except MemoryError:
            line = messages.to_line({"id": reply["id"], "error": "memory", "kind": "memory"}, state["reply"])
        replies.write(line)
        replies.flush()
        question = requests.readline()
        if not question:
            break
        asked = messages.from_line(question)
        if asked.get("quiet"):  # loaded before: what it prints is known
            os.dup2(silence, 1)
            os.dup2(silence, 2)
        reply = answer(asked, state, messages)
        reply["id"] = asked["id"]
        with contextlib.suppress(OSError, ValueError):  # closed by the student's code
            printed.flush()
        if asked.get("quiet"):
            os.dup2(heard, 1)
            os.dup2(heard, 2)
    os._exit(0)  # not the student's atexit functions


if __name__ == "__main__":
    main()
