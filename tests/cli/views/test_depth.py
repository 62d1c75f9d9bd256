"""The table of depths says which way counts, what is clear and what is realised, and fits eighty columns."""

import io

import pytest
from rich.console import Console

from minirearec.analysis.depth import Depth, Way
from minirearec.analysis.figures import Figure
from minirearec_cli.views.depth import show_depth


def show(found, width):
    stream = io.StringIO()
    show_depth(Console(file=stream, width=width), found)
    return stream.getvalue()


def way(name, policy, gain, realised):
    return Way(name, policy, None, 0.0812, {"NDCG@20": 0.0571}, 1.234, 98.76, gain, realised)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_way_has_its_figures(width):
    found = Depth("NDCG@20", [way("always 1", False, Figure(0, 0, 0), 0.0),
                              way("learned head", True, Figure(0.0012, 0.0003, 0.002), 0.25),
                              way("small KL", True, Figure(-0.0004, -0.001, 0.0002), None)],
                  "always 1", "learned head", {}, {}, 0.875)
    text = show(found, width)
    if width >= 80:
        rows = [line.split() for line in text.splitlines()]
        assert ["learned", "head", ".0812", ".0571", "+0.0012*", "25%", "1.23", "98.8"] in rows
        assert ["small", "KL", ".0812", ".0571", "-0.0004", "-", "1.23", "98.8"] in rows
        assert max(map(len, text.splitlines())) <= 80
    assert "  25% of the oracle's gain over always 1 in NDCG@20; null oracle: 88%" in text
    assert "always 1; of the policies learned head" in text
