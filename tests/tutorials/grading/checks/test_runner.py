"""Running a check: properties are shrunk, and mistakes are blamed on the right side."""

import pytest
from hypothesis import strategies as st

from minirearec_tutorials.grading.checks import Check, StudentError, expect_close, runner
from minirearec_tutorials.grading.checks.in_process import in_process
from minirearec_tutorials.grading.checks.runner import run_check


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
    assert inputs() == before and len(before) == runner.EXAMPLES


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
            raise StudentError("the checks of this task took longer than 60 seconds in total", fatal=True)
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
    assert outcome.wrong and "could not use what f returned (AttributeError" in outcome.message


def test_a_mistake_in_a_check_is_not_blamed_on_the_student():
    with pytest.raises(ZeroDivisionError):
        run_check(make(lambda student: 1 / 0), in_process({}))
