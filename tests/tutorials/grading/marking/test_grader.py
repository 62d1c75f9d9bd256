"""Checks that are run, submissions that are found and graded, and grades as data."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.checks import runner as running
from minirearec_tutorials.grading.assignment.contents import TOML, assignment, load
from minirearec_tutorials.grading.checks import Check, Mismatch, StudentError, expect_close
from minirearec_tutorials.grading.checks.runner import in_process, run_check
from minirearec_tutorials.grading.marking.grader import LARGEST, grade, nothing
from minirearec_tutorials.grading.marking.pool import grade_folder
from minirearec_tutorials.grading.marking.report import as_dict, clean, csv_text, gradescope, page_names
from minirearec_tutorials.grading.sandbox.outside.sandbox import Limits
from minirearec_tutorials.grading.marking.submissions import submissions


# Running a check

def make(run, **draws) -> Check:
    return Check("1.1", "made", "It holds.", draws, run)


def compares(student, n):
    expect_close(student.f(n), 2 * n, "f(n)")


def test_a_property_is_shrunk_to_its_smallest_inputs():
    outcome = run_check(make(compares, n=st.integers(0, 999)), in_process({"f": lambda n: 2 * n + (n > 16)}))
    assert not outcome.passed and outcome.wrong
    assert (outcome.drawn, outcome.call, outcome.got, outcome.expected) == ({"n": 17}, ("f", (17,), {}), 35, 34)


def test_the_inputs_are_the_same_whatever_else_is_loaded(monkeypatch, tmp_path):
    """Hypothesis would also try constants of the modules that happen to be loaded."""
    def inputs():
        seen = []
        run_check(make(lambda student, n: seen.append(n), n=st.integers(0, 999)), in_process({}))
        return seen

    before = inputs()
    (tmp_path / "full_of_constants.py").write_text("\n".join(f"c{number} = {number}" for number in range(500, 900)))
    monkeypatch.syspath_prepend(tmp_path)
    __import__("full_of_constants")
    assert inputs() == before and len(before) == running.EXAMPLES


def test_a_fatal_error_ends_a_property_at_once():
    calls = []

    def f(n):
        calls.append(n)
        raise StudentError("f took longer than 10 seconds", fatal=True)

    outcome = run_check(make(compares, n=st.integers(0, 999)), type("Student", (), {"f": staticmethod(f)}))
    assert len(calls) == 1 and outcome.message == "f took longer than 10 seconds" and outcome.drawn == {"n": calls[0]}


def test_a_failure_found_before_the_time_is_over_is_kept():
    """Shrinking may use up a task's time; what was found until then is the answer."""
    wrong = []

    def f(n):
        if len(wrong) > 3:
            raise StudentError("the checks of this task took longer than 60 seconds in all", fatal=True)
        if n > 16:
            wrong.append(n)
        return 2 * n + (n > 16)

    outcome = run_check(make(compares, n=st.integers(0, 999)), type("Student", (), {"f": staticmethod(f)}))
    assert outcome.wrong and outcome.drawn == {"n": wrong[-1]} and outcome.got == 2 * wrong[-1] + 1


def test_chance_in_a_submission_is_named():
    state = iter([1] + [0] * 10_000)
    outcome = run_check(make(compares, n=st.integers(0, 999)), in_process({"f": lambda n: 2 * n + next(state)}))
    assert not outcome.passed and "not every time with these inputs" in outcome.message


def test_a_check_may_stumble_over_a_value():
    outcome = run_check(make(lambda student: student.f().sum()), in_process({"f": lambda: None}))
    assert outcome.wrong and "could do nothing with what f returned (AttributeError" in outcome.message


def test_a_mistake_in_a_check_is_not_blamed_on_the_student():
    with pytest.raises(ZeroDivisionError):
        run_check(make(lambda student: 1 / 0), in_process({}))


def test_arguments_of_a_notebook_function_are_copied():
    array = np.zeros(2)
    with pytest.raises(StudentError, match="f changed its argument number 1 in place"):
        in_process({"f": lambda x: x.sort() or np.put(x, 0, 5.0)}).f(array)
    assert not array.any()


@pytest.mark.parametrize("got, expected, says", [
    (np.array([1.0, np.nan]), np.array([1.0, 2.0]), "1 of 2 values differ, the first at \\[1\\]"),
    (np.array([1, 0]), np.array([True, False]), "should hold booleans, got integers"),
    (np.zeros((2, 1)), np.zeros(2), r"should have shape \[2\], got \[2, 1\]"),
    (None, 1.0, "should be a number, got None"), ((1.0,), (1.0, 2.0), "should be 2 values, got 1 values"),
    ((1.0, 3.0), (1.0, 2.0), "value 2 of 2: the value differs"), (10 ** 30, 1, "should hold integers, got object"),
    ("1", 1, "should be a number, got a str")])
def test_what_differs_is_said(got, expected, says):
    with pytest.raises(Mismatch, match=says):
        expect_close(got, expected, "f(x)")


# One submission

def test_statuses_and_points(tiny):
    source = tiny.stub().replace('raise NotImplementedError("Task 1.2: total")', "return 1 / 0")
    source = source.replace('raise NotImplementedError("Task 1.3: number")', "return 7")
    tasks = {task.number: task for task in grade(tiny, source).tasks}
    assert [task.status for task in tasks.values()] == ["not written", "error", "failed"]
    assert tasks["1.2"].failure.message == "total raised ZeroDivisionError: division by zero (line 17: `return 1 / 0`)"
    assert tasks["1.3"].failure.got == 7 and tasks["1.3"].failure.expected == 48151.623


def test_tasks_do_not_share_a_process(tiny):
    """What a function leaves behind in one task is gone in the next; what is printed while loading is kept once."""
    source = tiny.solution() + """
print("loading")
def double(x):
    global total
    total = None
    return 2 * x
"""
    result = grade(tiny, source)
    assert result.earned == 10 and result.output == "loading\n"


def test_only_the_tasks_asked_for(tiny):
    begun = []
    result = grade(tiny, tiny.solution(), only=["1.3", "1.1"], on_task=lambda task: begun.append(task.number))
    assert [task.number for task in result.tasks] == begun == ["1.3", "1.1"]
    assert (result.earned, result.points) == (7, 7)
    with pytest.raises(ConfigError, match="no task 9.9.*1.1, 1.2, 1.3"):
        grade(tiny, tiny.solution(), only=["9.9"])


@pytest.mark.parametrize("content, says", [
    (None, "t1.py is not there"), (b"# \xe9", "t1.py is not UTF-8 text (line 1)"),
    (b"#" * (LARGEST + 1), "t1.py is larger than 5 MB"), ("folder", "t1.py is not a file")])
def test_files_that_are_no_submissions(tiny, tmp_path, content, says):
    path = tmp_path / "t1.py"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    result = grade(tiny, path)
    assert (result.earned, result.points) == (0, 10) and says in result.problem


def test_a_byte_order_mark_is_no_error(tiny, tmp_path):
    (tmp_path / "t1.py").write_text("\ufeff" + tiny.solution().replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert grade(tiny, tmp_path / "t1.py").earned == 10


# A folder of submissions

def put(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_where_submissions_are(tmp_path):
    folder = tmp_path / "all"
    for place in ("zoe/t1.py", "bob/unpacked/t1.py", "t1_cat.py", "ann.py", "dan/t1.py", "dan/old/t1.py", "eve/other.py",
                  "fay/notebook.ipynb", "fay/__MACOSX/t1.py", "twin.py", "twin/t1.py", ".hidden/t1.py", "__MACOSX/x/t1.py",
                  "deep/a/b/t1.py", "notes.txt"):
        put(folder / place)
    put(tmp_path / "outside" / "t1.py")
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "out.py").symlink_to(tmp_path / "outside" / "t1.py")
    (folder / "gus").mkdir()
    (folder / "gus" / "t1.py").symlink_to(tmp_path / "outside" / "t1.py")
    (folder / "hal.py").symlink_to(folder / "ann.py")
    found, others = submissions(folder, "t1")
    paths = {one.student: one.path and str(one.path.relative_to(folder)) for one in found}
    assert paths == {"ann": "ann.py", "bob": "bob/unpacked/t1.py", "cat": "t1_cat.py", "dan": "dan/t1.py", "deep": None,
                     "eve": None, "fay": None, "gus": None, "hal": "hal.py", "link": None, "out": None, "twin": "twin/t1.py",
                     "twin.py": "twin.py", "zoe": "zoe/t1.py"}
    assert list(paths) == sorted(paths) and others == ["notes.txt"]
    said = {one.student: one.problem or one.note for one in found}
    assert said["dan"] == "graded t1.py, not old/t1.py" and said["eve"] == "no t1.py in it"
    assert "notebooks are graded by nbgrader" in said["fay"] and "more than one submission of twin" in said["twin"]
    assert "link that leads out" in said["gus"] and "link that leads out" in said["out"] and said["link"] == f"link is a link that leads out of {folder}"


@pytest.mark.parametrize("make_it, says", [
    (lambda path: None, "there is no such folder"), (lambda path: path.write_text(""), "not a folder"),
    (lambda path: path.mkdir(), "there are no submissions in it")])
def test_folders_without_submissions(tmp_path, make_it, says):
    make_it(tmp_path / "all")
    with pytest.raises(ConfigError, match=says):
        submissions(tmp_path / "all", "t1")


def test_a_grader_that_dies_costs_one_submission(tiny, tmp_path, capfd):
    """A value that kills the trusted process: its submission gets a problem, those before and after their points."""
    killer = tiny.solution().replace("return 48151.623", 'return "kill the grader"')
    for student, source in (("ann", tiny.solution()), ("bob", killer), ("cat", tiny.solution()), ("dan", killer),
                            ("eve", tiny.wrong_submission(tiny.wrong[0]))):
        put(tmp_path / student / "t1.py", source)
    (tmp_path / "fay").mkdir()
    grades = grade_folder(tiny, tmp_path, jobs=2)
    assert [(one.student, one.earned) for one in grades] == [
        ("ann", 10), ("bob", 0), ("cat", 10), ("dan", 0), ("eve", 8), ("fay", 0)]
    assert grades[1].problem == "the process that graded it ended" and grades[5].problem == "no t1.py in it"


def test_a_submission_has_its_time_and_no_more(tiny, tmp_path):
    """A check that hangs on a value is stopped from outside; the grader has been warm since the first submission."""
    busy = tiny.solution().replace("return 48151.623", 'return "keep the grader busy"')
    for student, source in (("ann", tiny.solution()), ("bob", busy), ("cat", tiny.solution())):
        put(tmp_path / f"{student}.py", source)
    grades = grade_folder(tiny, tmp_path, jobs=1, limits=Limits(submission=2.0))
    assert [one.earned for one in grades] == [10, 0, 10]
    assert grades[1].problem == "grading took longer than 2 seconds in all"


# Grades as data

def graded(tiny, student: str, **more):
    return nothing(tiny, student, **{"problem": "", **more})


def test_tables_are_safe_in_spreadsheets(tiny):
    names = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "Ann, \"A\"\nB", "Zoë"]
    rows = list(csv.reader(io.StringIO(csv_text(tiny, [graded(tiny, name, problem="=1+1") for name in names]))))
    assert rows[0] == ["student", "1.1", "1.2", "1.3", "total", "out_of", "problem"]
    assert [row[0] for row in rows[1:]] == ["'=cmd|' /C calc'!A0", "'+1", "'-1", "'@SUM(A1)", "'=1", 'Ann, "A" B', "Zoë"]
    assert all(row[1:] == ["0", "0", "0", "0", "10", "'=1+1"] for row in rows[1:])


def test_results_for_gradescope(tiny):
    result = grade(tiny, tiny.wrong_submission(tiny.wrong[0]) + "\nprint('\\x1b[31mred')\n", student="ann")
    content = json.loads(json.dumps(gradescope(result)))
    assert content["score"] == 8 and content["output"] == "Printed:\n\\x1b[31mred\n"
    assert [(test["score"], test["max_score"], test["status"]) for test in content["tests"]] == [
        (0, 2, "failed"), (3, 3, "passed"), (5, 5, "passed")]
    assert "Hint: Add it to itself." in content["tests"][0]["output"]
    assert "double(np.array([1., 2.]))" in content["tests"][0]["output"]


def test_grades_are_json(tiny):
    source = tiny.solution().replace("return 2 * x", "return x * np.inf")
    content = json.loads(json.dumps(as_dict(grade(tiny, source, student="ann")), allow_nan=False))
    assert (content["student"], content["earned"], content["tasks"][0]["status"]) == ("ann", 8, "failed")
    first = content["tasks"][0]["checks"][0]
    assert (first["function"], first["args"], first["got"], first["expected"]) == (
        "double", [[1.0, 2.0]], ["inf", "inf"], [2.0, 4.0])


def test_pages_have_names_of_their_own():
    names = page_names(["ann", "Ann", "index", "a/b", "a b", "..", "../../etc", "Zoë", "x" * 500])
    assert len({name.casefold() for name in names}) == len(names) and "index" not in names
    assert not any("/" in name or name.startswith(".") or len(name) > 90 for name in names)


def test_control_characters_are_shown_not_sent():
    assert clean("a\x1b[2Jb\rc\u202ed\te\n") == "a\\x1b[2Jb\\x0dc\\x202ed\te\n"


# Reading an assignment

@pytest.mark.parametrize("old, new, says", [
    ('name = "t1"', 'name = "t2"', "name must be that of the folder"),
    ('name = "t1"', 'name = "t1', "assignment.toml: not TOML"),
    ('title = "Tiny"', "", "title is missing"), ('title = "Tiny"', "title = 3", "title must be a text, not 3"),
    ("notebook = 0", "notebook = 0\ncolour = 1", "unknown key 'colour'"),
    ("points = 2", "points = 0", "needs at least one point"), ("points = 2", "points = true", "points must be a whole"),
    ('number = "1.2"', 'number = "1.1"', "each with a number of its own"), ('fails = ["1.1"]', 'fails = ["7"]', "must fail tasks"),
    ('fails = ["1.1"]', 'fails = "1.1"', "fails must be a list of texts"), ("[[wrong]]", "[wrong]", "wrong must be tables"),
    ('function = "double"', 'function = "2x"', "a function's name")])
def test_a_malformed_assignment_is_one_clear_error(tiny, tmp_path, old, new, says):
    text = (tiny.folder / TOML).read_text()
    assert old in text
    put(tmp_path / "t1" / TOML, text.replace(old, new, 1))
    with pytest.raises(ConfigError, match=says):
        load(tmp_path / "t1")


@pytest.mark.parametrize("old, new, says", [
    ("### END SOLUTION", "", "BEGIN SOLUTION inside a block|has no ### END"), ("### BEGIN SOLUTION", "", "END SOLUTION without"),
    ("# Task 1.1: Twice (2 points)", "", "outside of every task")])
def test_misplaced_marks_are_an_error(tiny, tmp_path, old, new, says):
    put(tmp_path / "t1" / TOML, (tiny.folder / TOML).read_text())
    put(tmp_path / "t1" / "solution.py", (tiny.folder / "solution.py").read_text().replace(old, new, 1))
    with pytest.raises(ConfigError, match=says):
        load(tmp_path / "t1").stub()


def test_a_task_without_a_check_is_an_error(tiny, tmp_path):
    for name in (TOML, "solution.py", "checks.py"):
        put(tmp_path / "t1" / name, (tiny.folder / name).read_text().replace('@check("1.3")', ""))
    with pytest.raises(ConfigError, match="no check for task 1.3"):
        grade(load(tmp_path / "t1"), "")


def test_the_nearest_name_is_offered():
    with pytest.raises(ConfigError, match="there is no assignment 'a11'. Did you mean a1?"):
        assignment("a11")
