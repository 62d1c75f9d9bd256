"""How a class did."""

from dataclasses import replace

from minirearec_tutorials.grading.checks.check import Check
from minirearec_tutorials.grading.checks.runner import Outcome
from minirearec_tutorials.grading.marking.grader import Grade, unchecked
from minirearec_tutorials.grading.reporting.statistics import statistics


def graded(tiny, student, *tasks):
    """Return a grade with a status and a mistake for each task."""
    grade = unchecked(tiny, student, "")
    return replace(grade, tasks=tuple(replace(task, status=status, earned=task.points if status == "passed" else 0,
                                              mistake=mistake)
                                      for task, (status, mistake) in zip(grade.tasks, tasks, strict=True)))


def test_each_task_over_those_that_could_be_checked(tiny):
    right, unwritten = ("passed", ""), ("not written", "x")
    grades = [graded(tiny, *one) for one in (
        ("ann", right, ("failed", "a"), ("error", "c")), ("bob", right, ("failed", "b"), right),
        ("cat", unwritten, ("failed", "b"), right), ("dan", right, ("failed", "d"), right),
        ("eve", right, ("failed", "a"), right), ("fay", right, ("error", "a"), right))]
    grades.append(unchecked(tiny, "gus", "no t1.py in it"))
    first, second, third = statistics(tiny, grades, {"a": "Three times.", "c": "No value."})
    assert (first.passed, first.wrong, first.unwritten, first.mistakes) == (5, 0, 1, ())
    assert first.mean == 5 * 2 / 6 and first.task == tiny.tasks[0]
    assert second.mistakes == ((3, "Three times."), (2, "the same wrong answer, which no wrong solution here gives"))
    assert (second.passed, second.wrong, second.mean) == (0, 6, 0) and third.mistakes == ((1, "No value."),)


def test_what_gave_no_value_is_said(tiny):
    failure = Outcome(Check("1.1", "x", "", {}, print), False, "double raised KeyError: 1 (line 3: `x[1]`)")
    first, *others = graded(tiny, "ann", ("error", "a"), ("passed", ""), ("passed", "")).tasks
    grades = [Grade("t1", name, (replace(first, outcomes=(failure,)), *others)) for name in ("ann", "bob")]
    assert statistics(tiny, grades, {})[0].mistakes == ((2, "no value: double raised KeyError: 1"),)


def test_a_class_of_which_nothing_could_be_checked(tiny):
    assert [one.mean for one in statistics(tiny, [unchecked(tiny, "gus", "gone")], {})] == [0, 0, 0]
