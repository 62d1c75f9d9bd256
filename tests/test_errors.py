"""The form of messages: where, what and what to do, with no gaps for what is not said."""

import pytest

from minirearec import errors
from minirearec.errors import MiniReaRecError, RunError


@pytest.mark.parametrize("given, message", [
    (("the file is empty",), "the file is empty."),
    (("the file is empty", "a.txt:1"), "a.txt:1: the file is empty."),
    (("the file is empty", "", "Write a line."), "the file is empty. Write a line."),
    (("the file is empty", "a.txt:1", "Write a line."), "a.txt:1: the file is empty. Write a line.")])
def test_messages(given, message):
    assert str(MiniReaRecError(*given)) == message


def test_the_parts_can_be_used_in_another_message():
    error = RunError("damaged", "runs/a", "Train again.")
    assert (error.what, error.where, error.fix) == ("damaged", "runs/a", "Train again.")


def test_every_error_is_of_the_one_class_that_callers_catch():
    kinds = [found for found in vars(errors).values() if isinstance(found, type)]
    assert len(kinds) > 5 and all(issubclass(kind, MiniReaRecError) for kind in kinds)
    assert not any(issubclass(kind, other) for kind in kinds for other in kinds
                   if other not in (kind, MiniReaRecError)), "each is caught by its own name alone"
