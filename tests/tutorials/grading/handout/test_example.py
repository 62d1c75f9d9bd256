"""An example as the value of a cell, as text and as HTML."""

from minirearec_tutorials.grading.handout.notebook_cells import show_example


def test_an_example_is_shown_with_its_wrong_numbers_marked(own):
    shown = show_example("b1", "1", {"double": lambda values: values * values})
    assert repr(shown).splitlines() == [
        "Twice 1 and 3.", "double(values): 2 of 2 values differ, the first at [0]",
        "Called: double(np.array([1., 3.]))",
        "Your output:", "    [1. 9.]", "Expected:", "    [2. 6.]"]
    assert shown._repr_html_().count("&ne;") == 2
    right = show_example("b1", "1", {"double": lambda values: 2 * values})
    assert "[2. 6.]" in repr(right) and "This is what was expected." in repr(right)
    assert "&ne;" not in right._repr_html_() and right._repr_html_().count("<td") == 2


def test_what_a_student_returns_is_not_taken_for_html(own):
    shown = show_example("b1", "1", {"double": lambda values: "<script>"})
    assert "<script>" not in shown._repr_html_()
