"""The list of assignments."""

import io

import pytest
from rich.console import Console

from minirearec_cli.views.assignment.listing import show_list


@pytest.mark.parametrize("width", [50, 100])
def test_every_assignment_has_its_numbers_and_fits(tiny, width):
    into = io.StringIO()
    show_list(Console(file=into, width=width, color_system=None), [tiny])
    text = into.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert "Three functions." in " ".join(text.split())
    [row] = [line.split() for line in text.splitlines() if line.strip().startswith("t1")]
    assert row == ["t1", "Tiny", "3", "10", "0"]
