"""Grades as data."""

import csv
import io
import json

from minirearec_tutorials.grading.marking.grader import grade, unchecked
from minirearec_tutorials.grading.reporting.report import as_dict, csv_text, gradescope, page_names


def graded(tiny, student: str, **more):
    return unchecked(tiny, student, **{"problem": "", **more})


def test_tables_are_safe_in_spreadsheets(tiny):
    names = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "Ann, \"A\"\nB", "Zoë"]
    rows = list(csv.reader(io.StringIO(csv_text(tiny, [graded(tiny, name, problem="=1+1") for name in names]))))
    assert rows[0] == ["student", "1.1", "1.2", "1.3", "total", "out_of", "problem"]
    assert [row[0] for row in rows[1:]] == [
        "'=cmd|' /C calc'!A0", "'+1", "'-1", "'@SUM(A1)", "'=1", 'Ann, "A" B', "Zoë"]
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
