"""Reading assignment.toml: every mistake is one clear error."""

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.reading import TOML, load
from tests.tutorials.tiny import put


@pytest.mark.parametrize("old, new, says", [
    ('name = "t1"', 'name = "t2"', "name must be that of the folder"),
    ('name = "t1"', 'name = "t1', "assignment.toml: not TOML"),
    ('title = "Tiny"', "", "title is missing"), ('title = "Tiny"', "title = 3", "title must be a text, not 3"),
    ("notebook = 0", "notebook = 0\ncolour = 1", "unknown key 'colour'"),
    ("points = 2", "points = 0", "needs at least one point"), ("points = 2", "points = true", "points must be a whole"),
    ('number = "1.2"', 'number = "1.1"', "each with a number of its own"),
    ('fails = ["1.1"]', 'fails = ["7"]', "must fail tasks"),
    ('fails = ["1.1"]', 'fails = "1.1"', "fails must be a list of texts"),
    ("[[wrong]]", "[wrong]", "wrong must be tables"),
    ('function = "double"', 'function = "2x"', "a function's name")])
def test_a_malformed_assignment_is_one_clear_error(tiny, tmp_path, old, new, says):
    text = (tiny.folder / TOML).read_text()
    assert old in text
    put(tmp_path / "t1" / TOML, text.replace(old, new, 1))
    with pytest.raises(ConfigError, match=says):
        load(tmp_path / "t1")
