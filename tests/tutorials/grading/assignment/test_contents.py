"""The texts that are made from an assignment's folder."""

import sys

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.reading import TOML, load
from tests.tutorials.tiny import put


@pytest.mark.parametrize("old, new, says", [
    ("### END SOLUTION", "", "BEGIN SOLUTION inside a block|has no ### END"),
    ("### BEGIN SOLUTION", "", "END SOLUTION without"),
    ("# Task 1.1: Twice (2 points)", "", "outside of every task")])
def test_misplaced_marks_are_an_error(tiny, tmp_path, old, new, says):
    put(tmp_path / "t1" / TOML, (tiny.folder / TOML).read_text())
    put(tmp_path / "t1" / "solution.py", (tiny.folder / "solution.py").read_text().replace(old, new, 1))
    with pytest.raises(ConfigError, match=says):
        load(tmp_path / "t1").stub()


def test_stub_solution_and_wrong_submission(tiny):
    stub, solution = tiny.stub(), tiny.solution()
    assert 'raise NotImplementedError("Task 1.1: double")' in stub and "return 2 * x" not in stub
    assert "return 2 * x" in solution and "SOLUTION" not in stub + solution
    space: dict = {}
    exec(tiny.wrong_submission(tiny.wrong[0]), space)
    assert space["double"](2) == 6 and space["number"]() == 48151.623


def test_points_tasks_and_the_file(tiny):
    assert (tiny.points, tiny.file, tiny.task("1.2").function) == (10, "t1.py", "total")
    with pytest.raises(ConfigError, match="no task 4.*Its tasks are 1.1, 1.2, 1.3"):
        tiny.task("4")


def test_the_text_is_cut_at_its_headings(own):
    assert own.sections() == ("# Doubling\n", {"1": "## Task 1: Twice (3 points)\n\nTwice.\n"})


def test_checks_may_import_a_neighbouring_file_and_are_loaded_again(tiny, tmp_path):
    for folder, number in (("first", 1), ("second", 2)):
        place = tmp_path / folder / "t1"
        put(place / TOML, (tiny.folder / TOML).read_text())
        put(place / "checks.py", "from .expected import NUMBER\n")
        put(place / "expected.py", f"NUMBER = {number}\n")
        assert number == load(place).checks().NUMBER
    put(place / "expected.py", "raise ValueError\n")
    with pytest.raises(ValueError):
        load(place).checks()
    assert not [name for name in sys.modules if name.startswith("minirearec_checks_of")]


def test_a_file_that_cannot_be_read_is_an_error(tiny, tmp_path):
    put(tmp_path / "t1" / TOML, (tiny.folder / TOML).read_text())
    with pytest.raises(ConfigError, match="text.md: cannot be read"):
        load(tmp_path / "t1").text()
    (tmp_path / "t1" / "text.md").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path / "t1").text()
