"""What a check is: made by the decorator, found in a module by task."""

from types import SimpleNamespace

from hypothesis import strategies as st

from minirearec_tutorials.grading.checks import Check, StudentError, check, checks_of


@check("1.2", n=st.integers())
def second(student, n):
    """It holds
    for every n.
    """


@check("1.1")
def first(student):
    """It holds."""


def test_the_decorator_takes_name_sentence_and_draws():
    assert isinstance(second, Check) and (second.task, second.name) == ("1.2", "second")
    assert second.about == "It holds for every n." and list(second.draws) == ["n"] and not first.draws
    assert first.run(None) is None


def test_checks_are_found_by_task_in_the_order_of_the_file():
    third = check("1.2")(lambda student: None)
    module = SimpleNamespace(helper=len, second=second, first=first, third=third)
    assert checks_of(module) == {"1.2": [second, third], "1.1": [first]}


def test_an_error_of_the_student_says_what_it_is():
    error = StudentError("f took too long", fatal=True)
    assert str(error) == "f took too long" and error.fatal and not error.unwritten
