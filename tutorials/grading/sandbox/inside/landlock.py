"""Landlock: the kernel of Linux (5.13 and later) restricts this process to the folders it is given, without root.

Called in the student's process through ctypes, before ctypes is out of reach. Structures and numbers are those of
linux/landlock.h. Every function raises OSError where the kernel does not know it.
"""

import ctypes
import os
import signal
import struct

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on all processors
PATH_BENEATH = 1
ABI_QUESTION = 1
NO_NEW_PRIVILEGES, PARENT_DEATH_SIGNAL = 38, 1  # of prctl

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | 1 << 14  # rights that a single file can have; 14 is truncate
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many rights each version knows; 5 and later know 16
NETWORK = 0b11  # bind and connect (version 4)
SIGNALS = 0b11  # unix sockets by name, and signals to other processes (version 6)
NOT_LIBRARIES = ("site-packages", "dist-packages")


def restrict(read: list[str], write: list[str], shallow: list[str]) -> None:
    """Allow reading below ``read`` and ``shallow`` and writing below ``write``; refuse other files, and connections.

    ``shallow`` are folders of Python's library, without what is installed into them.
    """
    version = _call(CREATE_RULESET, None, 0, ABI_QUESTION)
    every = (1 << RIGHTS.get(version, 16)) - 1
    words = [every] + [NETWORK] * (version >= 4) + [SIGNALS] * (version >= 6)
    layout = struct.pack(f"{len(words)}Q", *words)
    rules = _call(CREATE_RULESET, layout, len(layout), 0)
    try:
        for path in read:
            _allow(rules, path, READ_FILE | READ_DIR)
        for folder in shallow:
            _allow(rules, folder, READ_DIR)
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name not in NOT_LIBRARIES:
                        _allow(rules, entry.path, READ_FILE)
        for path in write:
            _allow(rules, path, every & ~EXECUTE)
        if _libc().prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl")
        _call(RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that started it is gone."""
    if _libc().prctl(PARENT_DEATH_SIGNAL, int(signal.SIGKILL), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            rights &= OF_FILES
        _call(ADD_RULE, rules, PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _libc():
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *args) -> int:
    words = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    result = _libc().syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
