"""What an entry of a folder of submissions holds."""

import pytest

from minirearec_tutorials.grading.collecting.looking import MOST_FILES, is_from_a_student, look_at
from minirearec_tutorials.grading.collecting.names import Name
from tests.tutorials.grading.collecting.handing_in import put_zip
from tests.tutorials.tiny import put


def looked(entry, root):
    candidates, problems = look_at(entry, Name("ann"), root)
    return [(one.shown, one.depth, one.named) for one in candidates], problems


def test_files_folders_and_zips(tmp_path):
    assert looked(put(tmp_path / "ann.py"), tmp_path) == ([("ann.py", 0, True)], [])
    for name in ("b.py", "a.ipynb", "sub/c.py", "sub/deep/d.py", "s/o/v/e/r/y.py", ".hidden.py", "__MACOSX/e.py",
                 "f.txt"):
        put(tmp_path / "ann" / name)
    put_zip(tmp_path / "ann" / "g.zip", {"h/i.py": "", "h/.j.py": "", "__MACOSX/h/k.py": "", "l.txt": ""})
    found, problems = looked(tmp_path / "ann", tmp_path)
    assert found == [("a.ipynb", 0, False), ("b.py", 0, False), ("g.zip/h/i.py", 2, False), ("sub/c.py", 1, False),
                     ("sub/deep/d.py", 2, False)]
    assert problems == ["f.txt is neither a Python file nor a notebook nor a zip"]


@pytest.mark.parametrize("files, says", [
    ({"../../a2.py": ""}, "holds ../../a2.py, a path that leads out of it"), ({"/etc/a2.py": ""}, "leads out of it"),
    ({"..\\a2.py": ""}, "leads out of it"), ({"C:/a2.py": ""}, "leads out of it"),
    ({"a.docx": "", "b.txt": ""}, "ann.zip holds a.docx, b.txt"), ({}, "ann.zip is empty")])
def test_zips_without_a_candidate(tmp_path, files, says):
    found, problems = looked(put_zip(tmp_path / "ann.zip", files), tmp_path)
    assert found == [] and len(problems) == 1 and says in problems[0]


def test_links_that_lead_out_are_not_followed(tmp_path):
    root, outside = tmp_path / "all", put(tmp_path / "outside" / "a2.py")
    put(root / "ann" / "b.py")
    (root / "ann" / "a2.py").symlink_to(outside)
    (root / "ann" / "folder").symlink_to(outside.parent)
    (root / "bob").symlink_to(outside.parent)
    assert looked(root / "ann", root) == ([("b.py", 0, False)], ["a2.py is a link that leads out of the folder"])
    assert looked(root / "bob", root) == ([], ["bob is a link; hand in the file itself"])


def test_a_link_to_another_student_is_not_graded(tmp_path):
    put(tmp_path / "ann" / "a2.py")
    put(tmp_path / "bob" / "own.py")
    (tmp_path / "bob" / "a2.py").symlink_to(tmp_path / "ann" / "a2.py")
    (tmp_path / "carl").symlink_to(tmp_path / "ann")
    (tmp_path / "dora.py").symlink_to(tmp_path / "ann" / "a2.py")
    out = ["a2.py is a link that leads out of the folder"]
    assert looked(tmp_path / "bob", tmp_path) == ([("own.py", 0, False)], out)
    for name in ("carl", "dora.py"):
        assert looked(tmp_path / name, tmp_path) == ([], [f"{name} is a link; hand in the file itself"])


def test_a_folder_of_very_many_files_ends(tmp_path):
    for number in range(MOST_FILES + 50):
        put(tmp_path / "ann" / f"{number:04}.py")
    assert len(looked(tmp_path / "ann", tmp_path)[0]) == MOST_FILES


@pytest.mark.parametrize("entry, system, expected", [
    ("a.py", "", True), ("a.IPYNB", "", True), ("a.zip", "", True), ("a.rar", "", True), ("notes.txt", "", False),
    ("grades.csv", "", False), ("a.txt", "moodle", True)])
def test_what_comes_from_a_student(tmp_path, entry, system, expected):
    assert is_from_a_student(put(tmp_path / entry), Name("ann", system=system)) is expected
