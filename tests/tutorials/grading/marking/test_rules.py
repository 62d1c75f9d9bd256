"""The teacher's rules."""

import tomllib
from datetime import UTC, datetime

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.marking.grader import grade
from minirearec_tutorials.grading.marking.lateness import read_policy
from minirearec_tutorials.grading.marking.rules import Rules, load, template
from tests.tutorials.tiny import put

WRONG = "\ndef double(x): return 2 * x if len(x) == 2 and x.ndim == 1 else x\ndef total(x): return 0.0\n"


def test_other_points_and_partial_credit(tiny):
    """1.1 has a right example and gets a share; 1.2 has not."""
    rules = Rules(points={"1.1": 5, "1.3": 0}, partial=0.5)
    item = rules.applied(tiny)
    assert item.points == 8 and tiny.points == 10
    graded = rules.graded(grade(item, tiny.solution() + WRONG), None)
    assert [(task.earned, task.points) for task in graded.tasks] == [(2.5, 5), (0, 3), (0, 0)]
    assert (graded.earned, graded.points, graded.note) == (2.5, 8, "")


def test_texts_follow_the_points(own):
    item = Rules(points={"1": 1}).applied(own)
    for text in (item.stub(), item.solution(), item.text()):
        assert "Task 1: Twice (1 point)" in text and "(3 points)" not in text
    assert "(3 points)" in Rules().applied(own).stub()


@pytest.mark.parametrize("handed, late, deducted, earned, note", [
    (1000, "10%/day", 0, 10, ""), (1001, "10%/day", 1, 9, "1 minute late: -1"),
    (1000 + 90_000, "20%/day", 4, 6, "1 day 1 hour late: -4"), (2000, "note", 0, 10, "17 minutes late"),
    (2000, "zero", 10, 0, "17 minutes late: -10"), (None, "zero", 0, 10, "")])
def test_being_late(tiny, handed, late, deducted, earned, note):
    rules = Rules(due=datetime.fromtimestamp(1000, UTC), late=read_policy(late))
    graded = rules.graded(grade(tiny, tiny.solution()), handed)
    assert (graded.deducted, graded.earned, graded.note) == (deducted, earned, note)


def test_a_file_of_rules(tiny, tmp_path):
    path = put(tmp_path / "grading.toml", '[t1]\ndue = 2026-05-01T18:00:00Z\nlate = "10%/day"\npartial = 0.5\n'
               'similar = 1\ncolumn = "Tiny (42)"\npoints = {"1.2" = 6}\n[other]\nnonsense = 1\n')
    rules = load(path, tiny)
    assert rules.due is not None and rules.due.timestamp() == 1777658400
    assert (rules.late, rules.partial, rules.similar) == (read_policy("10%/day"), 0.5, 1.0)
    assert (rules.column, rules.points) == ("Tiny (42)", {"1.2": 6})
    assert load(put(tmp_path / "empty.toml"), tiny) == Rules()


def test_the_template_changes_nothing_until_a_rule_is_used(tiny, tmp_path):
    path = put(tmp_path / "grading.toml", template([tiny]))
    assert load(path, tiny) == Rules()
    path.write_text("".join(line.removeprefix("# ") for line in path.read_text().splitlines(True) if " = " in line
                            or line[0] == "["))
    assert set(tomllib.loads(path.read_text())["t1"]) == {"points", "partial", "due", "late", "similar", "column"}
    assert load(path, tiny).points == {"1.1": 2, "1.2": 3, "1.3": 5}


@pytest.mark.parametrize("text, says", [
    ("[t1", "grading.toml: not TOML"), ("t1 = 3", r"\[t1\]: must be a table"),
    ("[t1]\nlates = 1", "unknown key 'lates'"),
    ("[t1]\nlate = 10", "late '10' is not a policy"), ("[t1]\npartial = 50", "partial must be a number from 0 to 1"),
    ("[t1]\npartial = true", "partial must be a number"), ("[t1]\ndue = 2026-05-01", "due must have a time too"),
    ("[t1]\ndue = 'noon'", "due must be a date and time"), ('[t1]\npoints = {"9" = 1}', "points names task 9"),
    ('[t1]\npoints = {"1.1" = 1.5}', "points must be whole"), ("[t1]\npoints = 3", "points must be whole"),
    ("[t1]\ncolumn = 3", "column must be a text")])
def test_what_is_wrong_with_a_file(tiny, tmp_path, text, says):
    with pytest.raises(ConfigError, match=says):
        load(put(tmp_path / "grading.toml", text), tiny)


def test_a_file_that_is_not_there(tiny, tmp_path):
    with pytest.raises(ConfigError, match="none.toml: cannot be read"):
        load(tmp_path / "none.toml", tiny)
