"""Grids of numbers."""

import io
import re

import numpy as np
import pytest
from rich.console import Console

from minirearec_cli.views.assignment import grids


def drawn(got, expected, width=80) -> str:
    into = io.StringIO()
    console = Console(file=into, width=width, color_system=None)
    console.print(grids.compared(console, got, expected))
    return into.getvalue()


def test_wrong_cells_are_marked_without_colour():
    text = drawn(np.array([[1.0, 2.0], [3.0, 4.5]]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert text.count("*") == 2 and "4.5*" in text and "* differs" in text


def test_wrong_cells_are_red_and_right_ones_green():
    into = io.StringIO()
    console = Console(file=into, width=80, force_terminal=True, color_system="standard")
    console.print(grids.compared(console, np.array([1.0, 5.0]), np.array([1.0, 2.0])))
    assert re.search(r"\x1b\[32m *1\.0", into.getvalue()) and re.search(r"\x1b\[1;31m *5\.0\*", into.getvalue())


@pytest.mark.parametrize("got, expected, place", [
    (np.array([1.0, 1.0 + 1e-7]), np.array([1.0, 1.0]), 1), (np.array([3e-10, 0.0]), np.array([2e-10, 0.0]), 0),
    (np.array([1e9, 1.0]), np.array([1e9 + 10, 1.0]), 0), (np.array([0.1234567]), np.array([0.1234568]), 0)])
def test_what_differs_looks_different(got, expected, place):
    same = grids.agreement(got, expected)
    digits = grids.number_format(got, expected, same)
    assert not same[place] and digits(got[place]) != digits(expected[place])
    assert f"{digits(got[place])}*" in drawn(got, expected) and digits(expected[place]) in drawn(got, expected)


def test_grids_stand_below_each_other_where_it_is_narrow():
    wide, narrow = (drawn(np.ones((3, 5)), np.zeros((3, 5)), width) for width in (80, 40))
    assert any("your output" in line and "expected" in line for line in wide.splitlines())
    assert not any("your output" in line and "expected" in line for line in narrow.splitlines())


def test_a_grid_that_is_too_wide_becomes_lines_that_wrap_between_numbers():
    text = drawn(np.arange(20.0).reshape(2, 10) + 100.125, np.zeros((2, 10)), 40)
    assert "…" not in text and all(f"{100.125 + value:.4f}*" in text for value in range(20))


@pytest.mark.parametrize("got, expected, says", [
    (None, np.ones(2), "None"), (np.ones((2, 2, 2)), np.zeros((2, 2, 2)), "[1]"),
    (np.zeros((0, 3)), np.ones(3), "shape [0, 3]"), (np.ones(1000), np.zeros(1000), "..."), ("text", 1, "'text'"),
    (np.array([True, False]), np.array([1.0, 0.0]), "True"),
    (10 ** 30, 1, str(10 ** 30)), ((1.0, 2.0), 3.0, "(1.0, 2.0)"), (np.float64(np.inf), 1.0, "inf")])
def test_anything_can_be_shown(got, expected, says):
    assert says in drawn(got, expected)
