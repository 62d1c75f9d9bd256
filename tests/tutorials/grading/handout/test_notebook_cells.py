"""What the cells of a notebook call."""

import sys

import numpy as np
import pytest

from minirearec_tutorials.grading.handout.notebook_cells import check_example, check_task


@pytest.mark.parametrize("double, message", [
    (lambda values: values * 3, r"Twice 1 and 3\.\ndouble\(values\): 2 of 2 values differ"),
    (lambda values: sys.exit(0), "tried to end Python"),
    (lambda values: values[9], "raised IndexError"),
    (lambda values: values.fill(0), "changed its argument number 1"),
    (None, "there is no function double")], ids=["wrong", "exit", "raises", "changes", "missing"])
def test_a_failed_check_says_why(own, double, message):
    with pytest.raises(AssertionError, match=message):
        check_task("b1", "1", {"double": double})


def test_the_example_alone_and_the_whole_task(own):
    """A function that knows only the example passes the visible test and fails the hidden one."""
    memorised = {"double": lambda values: np.array([2.0, 6.0]) if values.tolist() == [1.0, 3.0] else values}
    check_example("b1", "1", memorised)
    with pytest.raises(AssertionError, match="Smallest call that fails: double"):
        check_task("b1", "1", memorised)


def test_what_the_code_prints_is_kept_out_of_the_tests(own, capsys, tmp_path, monkeypatch):
    """nbgrader gives no points to a cell that wrote to stderr. Hypothesis leaves no files either."""
    def double(values):
        print("double", values)
        print("double", values, file=sys.stderr)
        return 2 * values

    monkeypatch.chdir(tmp_path)
    check_task("b1", "1", {"double": double})
    assert capsys.readouterr() == ("", "")
    assert not (tmp_path / ".hypothesis").exists()
