"""The texts that are made from an assignment's folder."""

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
