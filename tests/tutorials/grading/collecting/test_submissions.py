"""Finding submissions in a folder: one for each student."""

import os

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.collecting.submissions import submissions
from tests.tutorials.grading.collecting.handing_in import notebook, put_zip
from tests.tutorials.tiny import put


def found_in(folder, tiny) -> tuple[dict, dict, list]:
    """Return what is graded for each student, and what is said, and the other entries."""
    found, others = submissions(folder, tiny)
    assert len({one.student for one in found}) == len(found), "nobody is listed twice"
    graded = {one.student: one.source and "/".join(filter(None, [
        one.source.path.relative_to(folder).as_posix(), one.source.member])) for one in found}
    return graded, {one.student: one.problem or one.note for one in found}, others


def test_where_submissions_are(tiny, tmp_path):
    folder = tmp_path / "all"
    for place in ("zoe/t1.py", "bob/unpacked/t1.py", "t1_cat.py", "ann.py", "dan/t1.py", "dan/old/t1.py",
                  "eve/other.py", "fay/t1.ipynb", "gil/__MACOSX/t1.py", ".hidden/t1.py", "__MACOSX/x/t1.py",
                  "deep/a/b/c/t1.py", "deeper/a/b/c/d/e/t1.py", "notes.txt", "ivy.rar", "t1.py"):
        put(folder / place)
    put(tmp_path / "outside" / "t1.py")
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "out.py").symlink_to(tmp_path / "outside" / "t1.py")
    (folder / "gus").mkdir()
    (folder / "gus" / "t1.py").symlink_to(tmp_path / "outside" / "t1.py")
    (folder / "hal.py").symlink_to(folder / "ann.py")
    graded, said, others = found_in(folder, tiny)
    assert graded == {
        "ann": "ann.py", "bob": "bob/unpacked/t1.py", "cat": "t1_cat.py", "dan": "dan/t1.py",
        "deep": "deep/a/b/c/t1.py", "deeper": None, "eve": None, "fay": "fay/t1.ipynb",
        "gil": None, "gus": None, "hal": None, "ivy": None, "link": None, "out": None, "t1": "t1.py",
        "zoe": "zoe/t1.py"}
    assert list(graded) == sorted(graded) and others == ["notes.txt"]
    assert said == {
        "ann": "", "bob": "", "cat": "", "dan": "graded t1.py, not old/t1.py", "deep": "",
        "deeper": "no t1.py in it",
        "eve": "no t1.py in it, and none of its functions in other.py", "fay": "", "gil": "no t1.py in it",
        "gus": "t1.py is a link that leads out of the folder", "hal": "hal.py is a link; hand in the file itself",
        "ivy": "ivy.rar is neither a Python file nor a notebook nor a zip",
        "link": "link is a link; hand in the file itself", "out": "out.py is a link; hand in the file itself",
        "t1": "t1.py does not say whose it is", "zoe": ""}


def test_a_student_who_hands_in_twice_is_listed_once(tiny, tmp_path):
    for place in ("ann.py", "bob-1.py", "bob.py", "cat (2).ipynb", "cat.ipynb", "eva-1.py", "dan/t1.py", "dan/t1-1.py"):
        put(tmp_path / place, tiny.solution() if place.endswith(".py") else notebook(tiny.solution()))
    put(tmp_path / "ann" / "t1.py", tiny.solution())
    put_zip(tmp_path / "t1_ann.zip", {"t1.py": tiny.solution()})
    os.utime(tmp_path / "ann.py", (1e9, 1e9))
    graded, said, _ = found_in(tmp_path, tiny)
    assert graded == {"ann": "ann/t1.py", "bob": "bob-1.py", "cat": "cat (2).ipynb", "dan": "dan/t1-1.py",
                      "eva-1": "eva-1.py"}
    assert said == {"ann": "graded t1.py, not ann.py, t1_ann.zip/t1.py", "bob": "graded bob-1.py, not bob.py",
                    "cat": "graded cat (2).ipynb, not cat.ipynb", "dan": "graded t1-1.py, not t1.py", "eva-1": ""}


def test_names_of_moodle_and_canvas(tiny, tmp_path):
    for place in ("Ann Lee_11_assignsubmission_file_/t1.py", "Ann Lee_11_assignsubmission_onlinetext_/onlinetext.html",
                  "Ann Lee_12_assignsubmission_file_t1.ipynb", "Bob_13_assignsubmission_file_mine.py",
                  "Cat_14_assignsubmission_file_essay.docx", "Dan_15_assignsubmission_file_", "poe_21_501_t1.py",
                  "poe_21_502_t1-1.py", "roe_LATE_22_503_t1.py", "lee_23_text.html"):
        content = notebook(tiny.solution()) if place.endswith("ipynb") else tiny.solution()
        put(tmp_path / place, content) if place[-1] != "_" else (tmp_path / place).mkdir()
    found = {one.student: one for one in submissions(tmp_path, tiny)[0]}
    graded, said, others = found_in(tmp_path, tiny)
    assert others == [] and {student: (one.system, one.id) for student, one in found.items()} == {
        "Ann Lee (11)": ("moodle", "11"), "Ann Lee (12)": ("moodle", "12"), "Bob": ("moodle", "13"),
        "Cat": ("moodle", "14"), "Dan": ("moodle", "15"), "poe": ("canvas", "21"), "roe": ("canvas", "22"),
        "lee": ("canvas", "23")}
    assert [student for student, path in graded.items() if path is None] == ["Cat", "Dan", "lee"]
    assert graded["poe"] == "poe_21_502_t1-1.py" and said["poe"] == "graded t1-1.py, not t1.py"
    assert said["Bob"] == "graded mine.py: there is no t1.py" and said["roe"] == "Canvas marks it as late"
    assert said["Cat"] == "essay.docx is neither a Python file nor a notebook nor a zip"
    assert said["Dan"] == "no t1.py in it" and "lee_23_text.html is neither" in said["lee"]


def test_zips_and_what_is_wrong_with_them(tiny, tmp_path):
    put_zip(tmp_path / "ann.zip", {"work/t1.py": tiny.solution(), "work/test_t1.py": "", "__MACOSX/work/t1.py": "x"})
    put_zip(tmp_path / "bob" / "t1.zip", {"t1.ipynb": notebook(tiny.solution()), "t1.py": tiny.stub()})
    put_zip(tmp_path / "cat.zip", {"../t1.py": tiny.solution()})
    put(tmp_path / "dan.zip", "not a zip")
    put_zip(tmp_path / "eve.zip", {"t1.zip": ""})
    graded, said, _ = found_in(tmp_path, tiny)
    assert graded == {"ann": "ann.zip/work/t1.py", "bob": "bob/t1.zip/t1.ipynb", "cat": None, "dan": None, "eve": None}
    assert said["ann"] == "" and said["bob"] == "graded t1.zip/t1.ipynb, not t1.zip/t1.py"
    assert "a path that leads out of it" in said["cat"] and "dan.zip is not a zip" in said["dan"]
    assert said["eve"] == "eve.zip holds t1.zip"


def test_names_in_two_forms_of_unicode_are_one_student(tiny, tmp_path):
    put(tmp_path / "Zoe\u0308.py", tiny.solution())
    put(tmp_path / "zo\u00eb" / "t1.py", tiny.solution())
    [one] = submissions(tmp_path, tiny)[0]
    assert "graded" in one.note


@pytest.mark.skipif(os.name == "nt", reason="names and links of other systems")
def test_links_to_themselves_and_names_of_any_bytes(tiny, tmp_path):
    put(tmp_path / os.fsdecode(b"caf\xe9.py"))
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / "t1.py").symlink_to("t1.py")
    (tmp_path / "dan.py").mkdir()
    (tmp_path / "eve.py").symlink_to(tmp_path / "nowhere.py")
    graded, said, _ = found_in(tmp_path, tiny)
    assert graded == {
        "bob": "bob/t1.py", "caf\udce9": "caf\udce9.py", "dan.py": None, "eve": None, "loop": "loop.py"}
    assert said["dan.py"] == "no t1.py in it"


@pytest.mark.parametrize("make_it, says", [
    (lambda path: None, "there is no such folder"), (lambda path: path.write_text(""), "not a folder"),
    (lambda path: path.mkdir(), "there are no submissions in it")])
def test_folders_without_submissions(tiny, tmp_path, make_it, says):
    make_it(tmp_path / "all")
    with pytest.raises(ConfigError, match=says):
        submissions(tmp_path / "all", tiny)


def test_a_whole_download_must_be_unpacked_first(tiny, tmp_path):
    with pytest.raises(ConfigError, match="not a folder. Unpack it into a folder first"):
        submissions(put_zip(tmp_path / "all.zip", {"ann.py": ""}), tiny)
