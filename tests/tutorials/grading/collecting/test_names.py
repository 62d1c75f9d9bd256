"""Whose hand-in a name says it is."""

import pytest

from minirearec_tutorials.grading.collecting.names import Name, numbered, read_name


@pytest.mark.parametrize("entry, folder, name", [
    ("ann.py", False, Name("ann")), ("a2_ann.ipynb", False, Name("ann")), ("ann", True, Name("ann")),
    ("a2.py", False, Name("a2")), ("A2_Fred.py", False, Name("Fred")),
    ("a2_.py", False, Name("a2_")), ("J. Doe", True, Name("J. Doe")), ("ann.tar.gz", False, Name("ann.tar")),
    ("Zoë O'Neill_4711_assignsubmission_file_", True, Name("Zoë O'Neill", "", "moodle", "4711")),
    ("Zoë O'Neill_4711_assignsubmission_file", True, Name("Zoë O'Neill", "", "moodle", "4711")),
    ("Ann Lee_4711_assignsubmission_file_my_a2.py", False, Name("Ann Lee", "my_a2.py", "moodle", "4711")),
    ("Ann Lee_4711_assignsubmission_onlinetext_onlinetext.html", False,
     Name("Ann Lee", "onlinetext.html", "moodle", "4711")),
    ("leeann_301_52001_a2.py", False, Name("leeann", "a2.py", "canvas", "301")),
    ("leeann_LATE_301_52001_a2-1.py", False, Name("leeann", "a2-1.py", "canvas", "301", True)),
    ("anon_Xy12z_52001_a2.py", False, Name("anon_Xy12z", "a2.py", "canvas", "anon_Xy12z")),
    ("LATE_anon_Xy12z_52001_a2.py", False, Name("anon_Xy12z", "a2.py", "canvas", "anon_Xy12z", True)),
    ("leeann_301_text.html", False, Name("leeann", "", "canvas", "301")),
    ("leeann_301_52001_a2.py", True, Name("leeann_301_52001_a2.py"))])
def test_names(entry, folder, name):
    assert read_name(entry, "a2", folder) == name


@pytest.mark.parametrize("stem, parts", [
    ("a2", ("a2", 0)), ("a2-1", ("a2", 1)), ("a2 (12)", ("a2", 12)), ("a2(3)", ("a2", 3)), ("a2-2026", ("a2-2026", 0)),
    ("-1", ("-1", 0))])
def test_numbers_of_later_copies(stem, parts):
    assert numbered(stem) == parts


def test_a_long_hostile_name_is_read_at_once():
    for entry in ("_1" * 5000, "a_1_" * 3000 + "x", "9_" * 5000, "a" * 200_000):
        read_name(entry, "a2")
