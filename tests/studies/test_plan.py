"""A study is a table of settings, from Python or from a TOML file; what is wrong with it is said before it trains."""

import pytest

from minirearec.errors import ConfigError
from minirearec.studies.plan import QUICK, Row, Study, read_study

FILE = """
question = "Does a sharper softmax help?"
combined = "all that helped"
blend = ["counts:pctm"]
[common]
width = 16
[[rows]]
name = "base"
method = "base"
[[rows]]
name = "sharper"
base = "base"
method = "prl"
variants = [{alpha = 1.0}, {alpha = 1.5, steps = 1}]
"""


def test_a_file_becomes_a_study(tmp_path):
    path = tmp_path / "sharper.toml"
    path.write_text(FILE)
    study = read_study(path)
    assert study == Study("sharper", "Does a sharper softmax help?", (
        Row("base", {"method": "base"}),
        Row("sharper", {"method": "prl"}, "base", ({"alpha": 1.0}, {"alpha": 1.5, "steps": 1}))),
        {"width": 16}, "all that helped", ("counts:pctm",))
    assert study.varied == {"method", "alpha", "steps"} and study.base_of(study.rows[1]) == "base"
    quick = study.quick()
    assert quick.rows[1].variants == ({"alpha": 1.0},) and quick.common == {"width": QUICK["width"], **QUICK}


@pytest.mark.parametrize("before, after, problem", [
    ("combined", "combine", "unknown name 'combine'"), ('["counts:pctm"]', "1", "blend is 1"),
    ('name = "sharper"', 'name = "base"', "two rows are named 'base'"),
    ('name = "sharper"', 'name = "all that helped"', "two rows are named 'all that helped'"),
    ('base = "base"', 'base = "first"', "the base of 'sharper' is 'first', which is no row"),
    ('name = "sharper"', "", "a row without a name"),
    ('"sharper"', f'"{"s" * 81}"', r"the name 's+'\.\.\. is too long"),
    ("alpha = 1.0", "alfa = 1.0", "unknown setting 'alfa'. Known: "),
    ("alpha = 1.0", "alpha = 0.5", "out of range"), ("width = 16", "wide = 16", "unknown setting 'wide'"),
    ("steps = 1", "seed = 1", "the row 'sharper' sets its seed"), ("width = 16", "width = ", "not readable as TOML"),
    ("[common]", 'view = "x"\n[common]', "unknown view 'x'")])
def test_what_is_wrong_is_named(before, after, problem, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(FILE.replace(before, after, 1))
    with pytest.raises(ConfigError, match=problem):
        read_study(path)


def test_some_rows_of_a_study():
    rows = [Row("base", {"method": "base"}), Row("wide", {"width": 32}), Row("erl", {"method": "erl"}, "wide")]
    study = Study("mine", "?", tuple(rows), {"width": 16}, "all that helped")
    assert study.only(["erl", "wide"]) == Study("mine", "?", tuple(rows[1:]), {"width": 16})
    alone = study.only(["erl", "base"])
    assert [row.name for row in alone.rows] == ["base", "erl"] and alone.base_of(alone.rows[1]) == "base"
    with pytest.raises(ConfigError, match="no row is called 'prl'.*Choose from: base; wide; erl"):
        study.only(["erl", "prl"])


def test_a_study_needs_rows_and_a_file(tmp_path):
    with pytest.raises(ConfigError, match="a study with 0 rows"):
        Study("empty", "?", ())
    with pytest.raises(ConfigError, match="cannot be read"):
        read_study(tmp_path / "missing.toml")
