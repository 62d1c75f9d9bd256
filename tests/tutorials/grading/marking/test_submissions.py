"""Finding submissions in a folder."""

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.marking.submissions import submissions
from tests.tutorials.tiny import put


def test_where_submissions_are(tmp_path):
    folder = tmp_path / "all"
    for place in ("zoe/t1.py", "bob/unpacked/t1.py", "t1_cat.py", "ann.py", "dan/t1.py", "dan/old/t1.py",
                  "eve/other.py", "fay/notebook.ipynb", "fay/__MACOSX/t1.py", "twin.py", "twin/t1.py", ".hidden/t1.py",
                  "__MACOSX/x/t1.py", "deep/a/b/t1.py", "notes.txt"):
        put(folder / place)
    put(tmp_path / "outside" / "t1.py")
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "out.py").symlink_to(tmp_path / "outside" / "t1.py")
    (folder / "gus").mkdir()
    (folder / "gus" / "t1.py").symlink_to(tmp_path / "outside" / "t1.py")
    (folder / "hal.py").symlink_to(folder / "ann.py")
    found, others = submissions(folder, "t1")
    paths = {one.student: one.path and str(one.path.relative_to(folder)) for one in found}
    assert paths == {"ann": "ann.py", "bob": "bob/unpacked/t1.py", "cat": "t1_cat.py", "dan": "dan/t1.py", "deep": None,
                     "eve": None, "fay": None, "gus": None, "hal": "hal.py", "link": None, "out": None,
                     "twin": "twin/t1.py", "twin.py": "twin.py", "zoe": "zoe/t1.py"}
    assert list(paths) == sorted(paths) and others == ["notes.txt"]
    said = {one.student: one.problem or one.note for one in found}
    assert said["dan"] == "graded t1.py, not old/t1.py" and said["eve"] == "no t1.py in it"
    assert "notebooks are graded by nbgrader" in said["fay"] and "more than one submission of twin" in said["twin"]
    assert "link that leads out" in said["gus"] and "link that leads out" in said["out"]
    assert said["link"] == f"link is a link that leads out of {folder}"


@pytest.mark.parametrize("make_it, says", [
    (lambda path: None, "there is no such folder"), (lambda path: path.write_text(""), "not a folder"),
    (lambda path: path.mkdir(), "there are no submissions in it")])
def test_folders_without_submissions(tmp_path, make_it, says):
    make_it(tmp_path / "all")
    with pytest.raises(ConfigError, match=says):
        submissions(tmp_path / "all", "t1")
