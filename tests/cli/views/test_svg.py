"""Plots are whole SVG files: every point is where its value belongs, and no name is markup."""

import re
from xml.etree import ElementTree

from minirearec.analysis.figures import Figure
from minirearec_cli.views import svg
from minirearec_cli.views.report.figures import chart

SPACE = "{http://www.w3.org/2000/svg}"


def texts(drawing: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(drawing).iter(f"{SPACE}text")]


def test_intervals_around_their_means():
    drawing = svg.forest("a < b", [("one & two\x1b", Figure(0.02, 0.01, 0.03)), ("three", Figure(-0.01, -0.02, 0.0))])
    assert texts(drawing)[0] == "a < b" and "one & two\\x1b" in texts(drawing)
    root = ElementTree.fromstring(drawing)
    first, second = [float(one.get("cx", "")) for one in root.iter(f"{SPACE}circle")]
    lines = list(root.iter(f"{SPACE}path"))
    paths = [[float(number) for number in re.findall(r"-?[\d.]+", one.get("d", ""))] for one in lines]
    zero = next(path[0] for path, one in zip(paths, lines, strict=True)
                if one.get("stroke-width") == "2" and path[0] == path[2])
    [one, two] = [path for path in paths if path[1] == path[3]]
    assert one[0] < first < one[2] and two[0] < second < two[2]
    assert abs((first - zero) + 2 * (second - zero)) < 0.2 and abs(two[2] - zero) < 0.11
    colours = [one.get("fill") for one in root.iter(f"{SPACE}circle")]
    assert colours[0] != colours[1], "an interval that leaves 0 out stands out"


def test_curves_with_their_names():
    drawing = chart("loss", "epoch", {"<a>": [1.0, 0.5], "b": [0.8, 0.7]}, 1)
    assert drawing is not None
    found = svg.curves(drawing)
    assert {"loss", "epoch", "<a>", "b"} < set(texts(found))
    root = ElementTree.fromstring(found)
    assert len(list(root.iter(f"{SPACE}polyline"))) == 2 and len(list(root.iter(f"{SPACE}circle"))) == 4
    height = float(root.get("height", ""))
    assert all(float(one.get("y", "")) < height - 20 for one in root.iter(f"{SPACE}text"))
