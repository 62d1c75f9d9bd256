"""The fence around the student's code, closed inside its process before that code is loaded.

Three layers: limits of the system (``resource``: memory, computing time, sizes of files, processes), an audit hook of
Python that refuses with a sentence (files other than Python's and NumPy's, starting processes, sockets, ctypes), and
on Linux Landlock, by which the kernel refuses files and connections whatever Python is made to do.

It stops accidents and curiosity, and makes a cheat write code that is plainly a cheat. An audit hook is no sandbox:
code may get at memory through NumPy or change what the hook calls, and without Landlock it can then read files. No
code in here can change a verdict, which is formed in another process. For exams run the grader in a container. Where
``resource`` or Landlock are missing (Windows, macOS) those layers are left out; the trusted side keeps the limits of
wall time everywhere.
"""

import contextlib
import itertools
import os
import sys
import sysconfig
from importlib import import_module
from typing import NoReturn

try:
    from . import landlock
except ImportError:  # a Python without ctypes
    landlock = None

DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
MOST_FILES = 200  # that may be opened for writing
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LOOKING = {"os.listdir", "os.scandir"}
CHANGING = {"os.chdir", "os.chmod", "os.chown", "os.chflags", "os.mkdir", "os.remove", "os.rename", "os.rmdir",
            "os.truncate", "os.utime", "os.setxattr", "os.removexattr"}
REFUSED = {  # audit events that are refused whatever their arguments are
    "starting a process": {"subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn",
                           "os.spawn", "os.startfile", "os.startfile/2", "pty.spawn"},
    "sending signals": {"os.kill", "os.killpg", "signal.pthread_kill"},
    "making links": {"os.link", "os.symlink"},
    "changing the limits": {"resource.setrlimit", "resource.prlimit"}}
REFUSED_FAMILIES = {"socket": "using the network", "ctypes": "using ctypes"}  # by the part before the dot
OURS = ("inside", "shared")  # our packages, as they are called in this process
NEVER_IMPORTED = ("minirearec", "ctypes", "_ctypes", "_posixsubprocess")


def close(setup: dict) -> None:
    """Close the fence. ``setup``: ``home`` (the only folder to write in), ``numpy`` (folders), ``hidden``, limits."""
    for name in ("numpy.linalg", "numpy.random", "subprocess", "traceback"):
        import_module(name)  # what is loaded from here on is asked for by the student's code
    with contextlib.suppress(ImportError, AttributeError):
        _disarm()
    if landlock is not None:
        with contextlib.suppress(OSError, AttributeError):  # another system, or a kernel without it
            landlock.die_with_parent()
            landlock.restrict(read=setup["numpy"], write=[setup["home"], *DEVICES], shallow=_python_folders())
    _limit(setup["cpu"], setup["memory"], setup["file"])
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]
    sys.addaudithook(hook(setup["home"], [*_python_folders(), *setup["numpy"]], setup["hidden"]))


def hook(home: str, readable: list[str], hidden: list[str]):
    """Return the audit hook: a function of an event's name and arguments that raises PermissionError."""
    home, opened = os.path.realpath(home), itertools.count(1)
    allowed, secret = (tuple(map(os.path.realpath, paths)) for paths in (readable, hidden))

    def look(path) -> None:
        if isinstance(path, int):  # an open file; folders cannot be opened
            return
        real = os.path.realpath(os.fsdecode(path or "."))
        if _inside(real, secret):
            _refuse("reading minirearec's files")
        if not _inside(real, (home, *allowed)) and os.fsdecode(path) not in DEVICES:
            _refuse(f"reading {real}")

    def change(path) -> None:
        if isinstance(path, str | bytes | os.PathLike) and not _inside(os.path.realpath(os.fsdecode(path)), (home,)):
            _refuse(f"writing outside of the working folder ({os.fsdecode(path)})")

    def open_file(path, flags: int) -> None:
        if isinstance(path, int):
            return
        if flags & WRITING and os.fsdecode(path) != os.devnull:
            change(path)
            if next(opened) > MOST_FILES:
                _refuse(f"writing more than {MOST_FILES} files")
        else:
            look(path)
        if os.path.isdir(path):  # names relative to an open folder could not be followed
            _refuse("opening a folder")

    def watch(event: str, args: tuple) -> None:
        if event == "open":
            open_file(args[0], args[2])
        elif event == "import":
            _refuse_import(args[0])
            if args[1]:  # the file of compiled code
                look(args[1])
                if _inside(os.path.realpath(args[1]), (home,)):
                    _refuse("importing compiled code")
        elif event in LOOKING:
            look(args[0])
        elif event in CHANGING:
            for path in args[:2] if event == "os.rename" else args[:1]:
                change(path)
        else:
            _refuse_always(event)

    return watch


def _inside(path: str, folders) -> bool:
    return any(path == one or path.startswith(one.rstrip(os.sep) + os.sep) for one in folders)


def _refuse(what: str) -> NoReturn:
    raise PermissionError(f"{what} is not allowed here")


def _refuse_import(name: str) -> None:
    if name.startswith(NEVER_IMPORTED):
        _refuse(f"importing {name.partition('.')[0]}")


def _refuse_always(event: str) -> None:
    """Refuse an event that is refused whatever its arguments are."""
    for what, events in REFUSED.items():
        if event in events:
            _refuse(what)
    family, dot, _ = event.partition(".")
    if dot and family in REFUSED_FAMILIES:
        _refuse(REFUSED_FAMILIES[family])


def _python_folders() -> list[str]:
    """Return the folders of the standard library."""
    return sorted({sysconfig.get_path(name) for name in ("stdlib", "platstdlib")} | {os.path.dirname(os.__file__)})


def _disarm() -> None:
    """Disable the one way of starting a process that raises no audit event."""
    import _posixsubprocess
    import subprocess

    def fork_exec(*_):
        raise PermissionError("starting a process is not allowed here")

    _posixsubprocess.fork_exec = fork_exec
    subprocess._fork_exec = fork_exec  # pyright: ignore[reportAttributeAccessIssue] (private, in some versions)


def _limit(cpu: int, memory: int, file: int) -> None:
    """Set hard limits, which cannot be raised again. Leave out what a system does not know or refuses."""
    try:
        import resource
    except ImportError:
        return
    for name, soft, hard in (("CPU", cpu, cpu + 5), ("AS", memory, memory), ("FSIZE", file, file), ("CORE", 0, 0),
                             ("NPROC", 1, 1)):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (soft, hard))
