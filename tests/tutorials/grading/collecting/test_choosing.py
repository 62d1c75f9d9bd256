"""Choosing among the files of one student."""

import pytest

from minirearec_tutorials.grading.collecting.choosing import Candidate, choose, listed
from minirearec_tutorials.grading.collecting.sources import Source
from tests.tutorials.grading.collecting.handing_in import notebook
from tests.tutorials.tiny import put


@pytest.fixture
def offered(tiny, tmp_path):
    """Return candidates with these names; a content is "solution", "stub", or a text."""
    def offer(**files):
        made = []
        for name, (content, *more) in files.items():
            texts = {"solution": tiny.solution(), "stub": tiny.stub(), "stub notebook": notebook(tiny.stub()),
                     "solved notebook": notebook(tiny.solution())}
            name = name.replace("_dot_", ".").replace("_dash_", "-").replace("_in_", "/")
            path = put(tmp_path / name, texts.get(content, content))
            fields = dict(zip(("time", "depth"), more, strict=False))
            made.append(Candidate(Source(path), name, **fields))
        return made

    return offer


@pytest.mark.parametrize("files, chosen, note", [
    ({"t1_dot_py": ("anything",)}, "t1.py", ""), ({"T1_dot_ipynb": ("anything",)}, "T1.ipynb", ""),
    ({"homework_dot_py": ("anything",)}, None, ""),
    ({"homework_dot_py": ("solution",)}, "homework.py", "graded homework.py: there is no t1.py"),
    ({"t1_dot_py": ("stub", 9), "t1_dot_ipynb": ("solved notebook", 1)}, "t1.ipynb", "graded t1.ipynb, not t1.py"),
    ({"t1_dot_py": ("solution", 1), "t1_dot_ipynb": ("stub notebook", 9)}, "t1.py", "graded t1.py, not t1.ipynb"),
    ({"t1_dot_py": ("solution", 1), "t1_dot_ipynb": ("solved notebook", 2)}, "t1.ipynb", "graded t1.ipynb, not t1.py"),
    ({"t1_dot_py": ("solution", 1), "t1_dash_1_dot_py": ("solution", 1), "t1_dash_12_dot_py": ("solution", 1)},
     "t1-12.py", "graded t1-12.py, not t1-1.py, t1.py"),
    ({"t1_dot_py": ("solution", 1), "old_in_t1_dot_py": ("solution", 2, 1)}, "t1.py", "graded t1.py, not old/t1.py"),
    ({"t1_dot_py": ("solution",), "test_t1_dot_py": ("import unittest",)}, "t1.py", ""),
    ({"t1_dot_py": ("stub",), "mine_dot_py": ("solution",)}, "mine.py", "graded mine.py, not t1.py")])
def test_what_is_chosen_and_what_is_said(tiny, offered, files, chosen, note):
    got, said = choose(offered(**files), tiny)
    assert (got and got.shown, said) == (chosen, note)


def test_a_name_that_says_whose_it_is_is_right(tiny, tmp_path):
    one = Candidate(Source(put(tmp_path / "ann.py", "anything")), "ann.py", named=True)
    assert choose([one], tiny) == (one, "") and choose([], tiny) == (None, "")


def test_long_lists_are_cut():
    assert listed(["a", "b"]) == "a, b" and listed(list("abcde")) == "a, b, c and 2 more"
    assert len(listed(["x" * 5000])) == 100
