"""A file that was handed in, as text and as code."""

import os

import pytest

from minirearec_tutorials.grading.collecting import sources
from minirearec_tutorials.grading.collecting.sources import Source, Unreadable, code, text
from tests.tutorials.grading.collecting.handing_in import notebook, put_zip
from tests.tutorials.tiny import put


def test_code_is_a_text_or_cells(tmp_path):
    assert code(Source(put(tmp_path / "a.py", "\ufeffx = 1"))) == "x = 1"
    assert code(Source(put(tmp_path / "a.IPYNB", notebook("x = 1")))) == ("x = 1",)
    path = put_zip(tmp_path / "a.zip", {"b\\c.ipynb": notebook("y = 1"), "d/e.py": "z = 1"})
    assert code(Source(path, "b\\c.ipynb")) == ("y = 1",) and code(Source(path, "d/e.py")) == "z = 1"
    assert Source(path, "b\\c.ipynb").name == "c.ipynb"


@pytest.mark.parametrize("name, content, says", [
    ("a.ipynb", "[", "a.ipynb is not a notebook"), ("a.py", b"# \xff", "not UTF-8 text (line 1)"),
    ("a.py", None, "a.py is not there"), ("a.zip", b"PK", "a.py is not a zip")])
def test_the_reason_names_the_file(tmp_path, name, content, says):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(Unreadable, match=says.replace("(", r"\(").replace(")", r"\)")):
        code(Source(path, "b/a.py" if name == "a.zip" else ""))


def test_a_large_file_in_a_small_zip_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setitem(sources.LARGEST, ".py", 1000)
    path = put_zip(tmp_path / "a.zip", {"a.py": "#" * 1001, "b.py": "#" * 1000})
    with pytest.raises(Unreadable, match="a.py is larger than 0.001 MB"):
        text(Source(path, "a.py"))
    assert len(text(Source(path, "b.py"))) == 1000


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.py")
    with pytest.raises(Unreadable, match="a.py is not a file"):
        text(Source(tmp_path / "a.py"))
