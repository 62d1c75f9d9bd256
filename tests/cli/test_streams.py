"""Guards of stdout and stderr: nothing that they are given makes them fail, and no failure is forgotten."""

import errno
import io
import os
import subprocess
import sys

import pytest

from minirearec_cli.streams import Guard, guarded


class Broken(io.StringIO):
    """A stream that cannot be written, from its first or its second text on."""

    def __init__(self, error, good=0):
        super().__init__()
        self.error, self.good = error, good

    def write(self, text):
        if not self.good:
            raise self.error
        self.good -= 1
        return super().write(text)


def test_texts_are_cleaned_and_drawings_are_not():
    stream = io.StringIO()
    guard = Guard(stream)
    guard.write("a\x1b[2J\x9bb\u202e\n")
    guard.canvas.write("\x1b[1mbold\x1b[0m\n")
    assert stream.getvalue() == "a\\x1b[2J\\u009bb\\u202e\n\x1b[1mbold\x1b[0m\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_what_an_encoding_lacks_is_escaped(encoding):
    raw = io.BytesIO()
    guard = Guard(io.TextIOWrapper(raw, encoding=encoding))
    guard.write("日本 é € \udcff\n")
    guard.canvas.write("─\ud800\n")
    guard.flush()
    assert guard.failure is None
    text = raw.getvalue().decode(encoding)
    assert ("日本" if encoding == "utf-8" else r"\u65e5\u672c") in text and r"\udcff" in text and r"\ud800" in text


@pytest.mark.parametrize("error", [BrokenPipeError(errno.EPIPE, "Broken pipe"), OSError(errno.EIO, "I/O error"),
                                   ValueError("I/O operation on closed file")])
def test_the_first_failure_is_kept_and_the_rest_is_dropped(error):
    guard = Guard(Broken(error, good=1))
    for _ in range(3):
        assert guard.write("text") == 4
    guard.flush()
    assert guard.failure is error and guard.stream.getvalue() == "text"


def test_a_stream_that_was_closed_fails_only_if_it_is_used():
    guard = Guard(None)
    guard.flush()
    assert guard.failure is None and not guard.isatty()
    with pytest.raises(OSError, match="Bad file descriptor"):
        guard.fileno()
    guard.write("text")
    assert "closed" in str(guard.failure)


def test_guards_leave_with_their_block(capsys):
    before = sys.stdout, sys.stderr
    with guarded() as (out, err):
        print("here")
        assert (sys.stdout, sys.stderr) == (out, err)
    assert (sys.stdout, sys.stderr) == before
    assert capsys.readouterr().out == "here\n"


def test_closed_standard_streams_are_never_the_file_that_is_opened_next(tmp_path):
    code = f"""
import os
from minirearec_cli.streams import occupy_closed
occupy_closed()
file = os.open({str(tmp_path / 'file')!r}, os.O_CREAT | os.O_WRONLY)
os._exit(file)
"""
    done = subprocess.run([sys.executable, "-c", code], preexec_fn=lambda: (os.close(1), os.close(2)))
    assert done.returncode > 2


def test_a_failed_stream_is_replaced_by_the_null_device(tmp_path):
    with open(tmp_path / "log", "w") as file:
        guard = Guard(file)
        guard._attempt(lambda: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")))
        file.write("lost")
        file.flush()
    assert (tmp_path / "log").read_text() == ""
