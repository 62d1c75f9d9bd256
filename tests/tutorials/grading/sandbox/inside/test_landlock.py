"""Landlock, where the kernel has it."""

import os
import subprocess
import sys

import pytest

from minirearec_tutorials.grading.sandbox.inside import landlock


def test_the_kernel_refuses_files_where_it_can(tmp_path):
    """Without the audit hook: only Landlock is between this process and the files."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "file.txt").write_text("text")
    code = f'''
import sys
sys.path.insert(0, {os.path.dirname(landlock.__file__)!r})
import landlock
try:
    landlock.restrict(read=[], write=[{str(inside)!r}], shallow=[])
except OSError as error:
    sys.exit(f"unknown: {{error}}")
for path, mode in ({str(inside / "file.txt")!r}, "r"), ({str(inside / "new.txt")!r}, "w"), \\
        ({str(outside / "file.txt")!r}, "r"), ({str(outside / "new.txt")!r}, "w"):
    try:
        open(path, mode).close()
        print("yes")
    except PermissionError:
        print("no")
'''
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    if done.stderr.startswith("unknown"):
        pytest.skip("this kernel has no Landlock: Linux 5.13 or later, with it switched on")
    assert done.stdout.split() == ["yes", "yes", "no", "no"], done.stderr
