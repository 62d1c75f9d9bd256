"""The fence around the student's code, put up inside its process before that code is loaded.

Three layers: limits of the system (``resource``: memory, computing time, sizes of files, processes), an audit hook of
Python that refuses with a sentence (files other than Python's and NumPy's, starting processes, sockets, ctypes), and
on Linux Landlock, by which the kernel refuses files and connections whatever Python is made to do.

It stops accidents and curiosity, and makes a cheat write code that is plainly a cheat. An audit hook is no sandbox:
code may get at memory through NumPy or change what the hook calls, and without Landlock it can then read files. No code
in here can change a verdict, which is formed in another process. For exams run the grader in a container. Where ``resource`` or Landlock are missing
(Windows, macOS) those layers are left out; wall times are kept by the other side everywhere.

Imports the standard library only: it is loaded by worker.py in a process that has nothing else.
"""

import contextlib
import itertools
import os
import sys
import sysconfig
from importlib import import_module

try:
    import landlock
except ImportError:  # a Python without ctypes
    landlock = None

DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
MOST_FILES = 200  # that may be opened for writing
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PROCESSES = {"subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn",
             "os.startfile", "os.startfile/2", "pty.spawn"}
SIGNALS = {"os.kill", "os.killpg", "signal.pthread_kill"}
LOOKING = {"os.listdir", "os.scandir"}
CHANGING = {"os.chdir", "os.chmod", "os.chown", "os.chflags", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
            "os.truncate", "os.utime", "os.setxattr", "os.removexattr"}
LINKING = {"os.link", "os.symlink"}
OUR_LIMITS = {"resource.setrlimit", "resource.prlimit"}
NEVER_IMPORTED = ("minirearec", "ctypes", "_ctypes", "_posixsubprocess")


def close(setup: dict) -> None:
    """Put up the fence. ``setup``: ``home`` (the only folder to write in), ``numpy`` (folders), ``hidden``, limits."""
    for name in ("numpy.linalg", "numpy.random", "subprocess", "traceback"):
        import_module(name)  # what is loaded from here on is asked for by the student's code
    with contextlib.suppress(ImportError, AttributeError):
        _disarm()
    with contextlib.suppress(OSError, AttributeError):  # another system, or a kernel without it
        landlock.die_with_parent()
        landlock.restrict(read=setup["numpy"], write=[setup["home"], *DEVICES], shallow=_python_folders())
    _limit(setup["cpu"], setup["memory"], setup["file"])
    for name in ("fence", "messages", "landlock"):
        sys.modules.pop(name, None)
    sys.addaudithook(hook(setup["home"], [*_python_folders(), *setup["numpy"]], setup["hidden"]))


def hook(home: str, readable: list[str], hidden: list[str]):
    """The audit hook: a function of an event's name and arguments that raises PermissionError."""
    folder = os.path.realpath
    home, opened = folder(home), itertools.count(1)
    readable, hidden = (tuple(map(folder, paths)) for paths in (readable, hidden))

    def inside(path: str, folders) -> bool:
        return any(path == one or path.startswith(one.rstrip(os.sep) + os.sep) for one in folders)

    def refuse(what: str):
        raise PermissionError(f"{what} is not allowed here")

    def look(path) -> None:
        if isinstance(path, int):  # an open file; folders cannot be opened
            return
        real = folder(os.fsdecode(path or "."))
        if inside(real, hidden):
            refuse("reading minirearec's files")
        if not inside(real, (home, *readable)) and os.fsdecode(path) not in DEVICES:
            refuse(f"reading {real}")

    def change(path) -> None:
        if isinstance(path, str | bytes | os.PathLike) and not inside(folder(os.fsdecode(path)), (home,)):
            refuse(f"writing outside of the working folder ({os.fsdecode(path)})")

    def watch(event: str, args: tuple) -> None:
        if event == "open":
            path, _, flags = args
            if isinstance(path, int):
                return
            if flags & WRITING and os.fsdecode(path) != os.devnull:
                change(path)
                if next(opened) > MOST_FILES:
                    refuse(f"writing more than {MOST_FILES} files")
            else:
                look(path)
            if os.path.isdir(path):  # names relative to an open folder could not be followed
                refuse("opening a folder")
        elif event == "import":
            name, file = args[0], args[1]
            if name.startswith(NEVER_IMPORTED):
                refuse(f"importing {name.partition('.')[0]}")
            if file:  # compiled code
                look(file)
                if inside(folder(file), (home,)):
                    refuse("importing compiled code")
        elif event in LOOKING:
            look(args[0])
        elif event in CHANGING:
            for path in args[:2] if event == "os.rename" else args[:1]:
                change(path)
        elif event in PROCESSES:
            refuse("starting a process")
        elif event in SIGNALS:
            refuse("sending signals")
        elif event in LINKING:
            refuse("making links")
        elif event in OUR_LIMITS:
            refuse("changing the limits")
        elif event.startswith("socket."):
            refuse("using the network")
        elif event.startswith("ctypes."):
            refuse("using ctypes")

    return watch


def _python_folders() -> list[str]:
    """Where the standard library is."""
    return sorted({sysconfig.get_path(name) for name in ("stdlib", "platstdlib")} | {os.path.dirname(os.__file__)})


def _disarm() -> None:
    """The one way to start a process that raises no audit event."""
    import _posixsubprocess
    import subprocess

    def fork_exec(*_):
        raise PermissionError("starting a process is not allowed here")

    _posixsubprocess.fork_exec = fork_exec
    subprocess._fork_exec = fork_exec


def _limit(cpu: int, memory: int, file: int) -> None:
    """Hard limits, which cannot be raised again. What a system does not know or refuses is left out."""
    try:
        import resource
    except ImportError:
        return
    for name, soft, hard in (("CPU", cpu, cpu + 5), ("AS", memory, memory), ("FSIZE", file, file), ("CORE", 0, 0),
                             ("NPROC", 1, 1)):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (soft, hard))
