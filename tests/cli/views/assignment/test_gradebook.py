"""Grading a folder into a table and pages, all of it or some students again."""

import csv
import io
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from minirearec.errors import ConfigError
from minirearec_cli.views.assignment import gradebook, pages
from minirearec_cli.views.assignment.grade_files import Wanted
from minirearec_tutorials.grading.marking.grader import grade, unchecked
from minirearec_tutorials.grading.marking.lateness import read_policy
from minirearec_tutorials.grading.marking.rules import Rules
from tests.tutorials.tiny import put


def quiet() -> Console:
    return Console(file=io.StringIO(), width=80, color_system=None)


@pytest.fixture
def instant(monkeypatch):
    """Replace grading by a function that takes no time: everybody earns nothing. Return who was graded."""
    graded = []

    def grade_all(item, found, jobs, on_done):
        for one in found:
            graded.append(one.student)
            on_done(unchecked(item, one.student, one.problem or "not looked at", note=one.note))

    monkeypatch.setattr(gradebook, "grade_all", grade_all)
    return graded


@pytest.fixture
def real(monkeypatch):
    """Replace the pool by grading in this process, one after another."""
    def grade_all(item, found, jobs, on_done):
        for one in found:
            on_done(replace(grade(item, one.source, student=one.student), note=one.note, system=one.system, id=one.id))

    monkeypatch.setattr(gradebook, "grade_all", grade_all)


def into(tiny, tmp_path, notices=None, **wanted):
    return gradebook.grade_into(notices or quiet(), tiny, tmp_path / "all", Wanted(tmp_path / "out.csv", **wanted))


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text().splitlines()))


def test_everything_is_where_the_places_say(tiny, tmp_path, instant):
    put(tmp_path / "all" / "ann.py")
    put(tmp_path / "all" / "notes.txt")
    notices = quiet()
    graded = into(tiny, tmp_path, notices)
    assert [grade.student for grade in graded.grades] == ["ann"] and graded.pairs is None
    assert graded.places == {"table": tmp_path / "out.csv", "pages": tmp_path / "out" / "index.html"}
    assert graded.places["table"].read_text().splitlines()[1] == "ann,0,0,0,0,10,not looked at"
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*")) == [
        "ann", "ann.html", "ann/results.json", "grades.json", "index.html"]
    assert json.loads((tmp_path / "out" / "ann" / "results.json").read_text())["score"] == 0
    assert notices.file.getvalue() == "Ignored, not a submission: notes.txt\n"


def test_an_interruption_leaves_the_pages_and_an_index_that_says_so(tiny, tmp_path, monkeypatch):
    def interrupted(item, found, jobs, on_done):
        on_done(unchecked(item, "ann", ""))
        raise KeyboardInterrupt

    monkeypatch.setattr(gradebook, "grade_all", interrupted)
    for name in ("ann", "bob"):
        put(tmp_path / "all" / f"{name}.py")
    notices = quiet()
    with pytest.raises(KeyboardInterrupt):
        into(tiny, tmp_path, notices)
    assert "1 of 2 were graded" in notices.file.getvalue() and not (tmp_path / "out.csv").exists()
    assert (tmp_path / "out" / "index.html").read_text() == pages.unfinished_page()
    assert (tmp_path / "out" / "ann.html").exists()


def test_one_student_again(tiny, tmp_path, real):
    """The new grade replaces the old one in the table and on the pages; the others stay as they are."""
    for name, text in (("ann", tiny.solution()), ("a nn", tiny.stub()), ("a_nn", tiny.solution())):
        put(tmp_path / "all" / f"{name}.py", text)
    into(tiny, tmp_path)
    assert {row[0]: row[-3] for row in rows(tmp_path / "out.csv")[1:]} == {"a nn": "0", "a_nn": "10", "ann": "10"}
    others = {path: path.read_bytes() for path in (tmp_path / "out").glob("ann*.html")}
    put(tmp_path / "all" / "a nn.py", tiny.wrong_submission(tiny.wrong[0]))
    put(tmp_path / "all" / "new.py", tiny.solution())
    graded = into(tiny, tmp_path, only=("a nn",))
    assert {row[0]: row[-3] for row in rows(tmp_path / "out.csv")[1:]} == {"a nn": "8", "a_nn": "10", "ann": "10"}
    assert all(path.read_bytes() == content for path, content in others.items())
    assert "8 of 10 points" in (tmp_path / "out" / "a_nn.html").read_text()
    assert graded.statistics[0].mistakes == ((1, "Three times."),)
    into(tiny, tmp_path, only=("new",))
    assert [row[0] for row in rows(tmp_path / "out.csv")[1:]] == ["a nn", "a_nn", "ann", "new"]


def test_a_student_who_is_not_there(tiny, tmp_path, instant):
    put(tmp_path / "all" / "ann.py")
    with pytest.raises(ConfigError, match="no earlier grading to add to"):
        into(tiny, tmp_path, only=("ann",))
    into(tiny, tmp_path)
    with pytest.raises(ConfigError, match="no submission of 'anna'. Did you mean ann?"):
        into(tiny, tmp_path, only=("anna",))
    assert instant == ["ann"]


def test_rules_and_times(tiny, tmp_path, real):
    for name in ("ann", "bob_13_assignsubmission_file_t1", "cat"):
        os.utime(put(tmp_path / "all" / f"{name}.py", tiny.solution()), (900, 900))
    os.utime(tmp_path / "all" / "cat.py", (1001, 1001))
    rules = Rules(due=datetime.fromtimestamp(1000, UTC), late=read_policy("1/day"))
    said = quiet()
    into(tiny, tmp_path, said, rules=rules, times={"Ann": 1000.0 + 86401, "13": 2000.0, "zoe": 5.0})
    assert "In --times, without a submission: zoe\nNot in --times, so the time of the file" in said.file.getvalue()
    assert [(row[0], *row[-4:-2], row[-1]) for row in rows(tmp_path / "out.csv")] == [
        ("student", "late", "total", "problem"), ("ann", "-2", "8", "1 day 1 minute late: -2"),
        ("bob", "-1", "9", "17 minutes late: -1"), ("cat", "-1", "9", "1 minute late: -1")]
    assert rows(tmp_path / "out-moodle.csv")[1][:4] == ["Participant 13", "bob", "9", "10"]
    into(tiny, tmp_path, only=("ann",), rules=rules)
    assert rows(tmp_path / "out.csv")[1][-1] == "1 day 1 minute late: -2", "the time of the earlier grading"


def test_grading_without_names(tiny, tmp_path, real):
    """No name is in the table or in any page; the key and the tables for other systems are beside them."""
    for name in ("Anneliese Maier_11_assignsubmission_file_t1.py", "bernadette.py"):
        put(tmp_path / "all" / name, tiny.solution() + "\nprint('by Anneliese, and bernadette')")
    graded = into(tiny, tmp_path, anonymous=True, similarity=True)
    key = dict(row[::-1] for row in rows(tmp_path / "out-names.csv")[1:])
    assert sorted(key) == ["Anneliese Maier", "bernadette"] and sorted(key.values()) == ["student-01", "student-02"]
    assert [one.student for one in graded.grades] == ["student-01", "student-02"]
    for student in ("Anneliese", "Maier"):
        page = (tmp_path / "out" / f"{key['Anneliese Maier']}.html").read_text()
        assert student not in page + (tmp_path / "out.csv").read_text() + (tmp_path / "out" / "index.html").read_text()
        assert student not in (tmp_path / "out" / "grades.json").read_text()
    assert rows(tmp_path / "out-moodle.csv")[1][:3] == ["Participant 11", "Anneliese Maier", "10"]
    put(tmp_path / "all" / "bernadette.py", tiny.stub())
    into(tiny, tmp_path, only=("bernadette",))
    assert dict(row[::-1] for row in rows(tmp_path / "out-names.csv")[1:]) == key
    assert {row[0]: row[-3] for row in rows(tmp_path / "out.csv")[1:]} == {
        key["Anneliese Maier"]: "10", key["bernadette"]: "0"}
    assert rows(tmp_path / "out-moodle.csv")[1][:3] == ["Participant 11", "Anneliese Maier", "10"]


def test_who_is_who_outlives_an_interruption(tiny, tmp_path, real, monkeypatch):
    for name in ("annika", "bert", "carola"):
        put(tmp_path / "all" / f"{name}.py", tiny.solution())
    into(tiny, tmp_path, anonymous=True)
    key = (tmp_path / "out-names.csv").read_text()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(gradebook, "grade_all", interrupted)
    with pytest.raises(KeyboardInterrupt):
        into(tiny, tmp_path, anonymous=True, force=True)
    assert (tmp_path / "out-names.csv").read_text() == key


@pytest.mark.skipif(os.name == "nt", reason="names of other systems")
@pytest.mark.parametrize("anonymous", [False, True])
def test_names_of_any_bytes_and_hostile_ones_are_written(tiny, tmp_path, instant, anonymous):
    for name in (b"caf\xe9", b"\x1b[31m", b"\xe2\x80\xaegnp", b"=1+1", b'"a,b', b"a\nb", b"<b>", b"index", b"grades"):
        put(tmp_path / "all" / os.fsdecode(name + b".py"))
    graded = into(tiny, tmp_path, anonymous=anonymous, similarity=True)
    again = into(tiny, tmp_path, only=(graded.grades[0].student,))
    assert [one.student for one in again.grades] == [one.student for one in graded.grades] and len(again.grades) == 9
    for path in (tmp_path / "out.csv", *(tmp_path / "out").rglob("*.html")):
        text = path.read_text()
        assert not set(text) & {"\x1b", "\u202e"} and ("<b>" not in text or path.suffix == ".csv")


def test_similar_submissions_are_shown_side_by_side(tiny, tmp_path, instant):
    body = "\n".join(f"    a{n} = np.{name}(x)[{n}:] + b{n} * {n}"
                     for n, name in enumerate(("exp", "log", "sin", "cos")))
    put(tmp_path / "all" / "ann.py", f"def double(x):\n{body}\n    return a1\n")
    put(tmp_path / "all" / "bob.py", f"def double(y):\n{body.replace('(x)', '(y)')}\n    return a1  # <b>mine</b>\n")
    put(tmp_path / "all" / "cat.py", tiny.stub())
    graded = into(tiny, tmp_path, similarity=True)
    assert [pair.students for pair in graded.pairs] == [("ann", "bob")]
    page = graded.places["similar"].read_text()
    assert "ann and bob: 100 %" in page and "<mark>" in page and "<b>" not in page
    assert 'href="similar.html">1 similar pair<' in graded.places["pages"].read_text()
    into(tiny, tmp_path, only=("cat",))
    assert 'href="similar.html">1 similar pair<' in graded.places["pages"].read_text(), "the page stays up to date"
