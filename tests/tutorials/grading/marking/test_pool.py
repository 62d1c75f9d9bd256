"""Grading a folder: one submission cannot cost another its points."""

from minirearec_tutorials.grading.marking.pool import grade_folder
from minirearec_tutorials.grading.sandbox.outside.sandbox import Limits
from tests.tutorials.tiny import put


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
    assert grades[1].problem == "grading took longer than 2 seconds in total"
