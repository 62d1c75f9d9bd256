"""Grading a folder into a table and pages, and showing the grades."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from minirearec.errors import ConfigError
from minirearec_cli.views.assignment import gradebook, pages
from minirearec_tutorials.grading.marking.grader import unchecked
from tests.tutorials.tiny import put


def quiet() -> Console:
    return Console(file=io.StringIO(), width=80, color_system=None)


@pytest.fixture
def instant(monkeypatch):
    """Replace grading by a function that takes no time: everybody earns nothing."""
    def grade_all(item, found, jobs, on_done):
        grades = [unchecked(item, one.student, "not looked at") for one in found]
        for grade in grades:
            on_done(grade)
        return grades

    monkeypatch.setattr(gradebook, "grade_all", grade_all)


def test_everything_is_where_the_places_say(tiny, tmp_path, instant):
    put(tmp_path / "all" / "ann.py")
    put(tmp_path / "all" / "notes.txt")
    notices = quiet()
    grades, places = gradebook.grade_into(notices, tiny, tmp_path / "all", tmp_path / "out.csv", None, False)
    assert [grade.student for grade in grades] == ["ann"]
    assert places == {"table": tmp_path / "out.csv", "pages": tmp_path / "out" / "index.html"}
    assert places["table"].read_text().splitlines()[1] == "ann,0,0,0,0,10,not looked at"
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*")) == [
        "ann", "ann.html", "ann/results.json", "index.html"]
    assert json.loads((tmp_path / "out" / "ann" / "results.json").read_text())["score"] == 0
    assert notices.file.getvalue() == "Ignored, not a submission: notes.txt\n"


@pytest.mark.parametrize("where", ["folder", "file", "other page"])
def test_only_an_earlier_grading_is_replaced(tiny, tmp_path, instant, where):
    put(tmp_path / "all" / "ann.py")
    kept = {"folder": "out/mine.txt", "file": "out", "other page": "out/index.html"}[where]
    put(tmp_path / kept, "keep me")
    with pytest.raises(ConfigError, match="not an earlier grading"):
        gradebook.grade_into(quiet(), tiny, tmp_path / "all", tmp_path / "out.csv", None, True)
    assert (tmp_path / kept).read_text() == "keep me"


def test_an_interruption_leaves_the_pages_and_an_index_that_says_so(tiny, tmp_path, monkeypatch):
    def interrupted(item, found, jobs, on_done):
        on_done(unchecked(item, "ann", ""))
        raise KeyboardInterrupt

    monkeypatch.setattr(gradebook, "grade_all", interrupted)
    for name in ("ann", "bob"):
        put(tmp_path / "all" / f"{name}.py")
    notices = quiet()
    with pytest.raises(KeyboardInterrupt):
        gradebook.grade_into(notices, tiny, tmp_path / "all", tmp_path / "out.csv", 1, False)
    assert "1 of 2 were graded" in notices.file.getvalue() and not (tmp_path / "out.csv").exists()
    assert (tmp_path / "out" / "index.html").read_text() == pages.unfinished_page()
    assert (tmp_path / "out" / "ann.html").exists()


def test_the_table_on_the_screen(tiny):
    console = quiet()
    places = {"table": Path("out.csv"), "pages": Path("out/index.html")}
    gradebook.show_grades(console, tiny, [unchecked(tiny, "a\x1bnn", "gone")], places)
    text = console.file.getvalue()
    assert "a\\x1bnn" in text and "gone" in text and "\x1b" not in text
    assert "1 submission, on average 0.0 of 10 points" in text and "Table: out.csv" in text
