"""Grades without names."""

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.marking.grader import unchecked
from minirearec_tutorials.grading.reporting.anonymity import anonymous, hidden, key_text, pseudonyms, read_key
from tests.tutorials.tiny import put


def test_pseudonyms_are_drawn_and_kept():
    first = pseudonyms(["ann", "bob", "cat"], {})
    assert sorted(first.values()) == ["student-01", "student-02", "student-03"]
    later = pseudonyms(["ann", "bob", "cat", "dan"], first)
    assert later == {**first, "dan": "student-04"}
    orders = {tuple(pseudonyms(list("abcdefgh"), {}).values()) for _ in range(20)}
    assert len(orders) > 10, "the order gives nothing away"


def test_a_name_is_nowhere_in_a_grade(tiny):
    grade = unchecked(tiny, "Ann Lee-Poe", "no t1.py in Ann Lee-Poe", output="by ANN\nannex\\1",
                      note="graded ann lee.py")
    got = anonymous(grade, {"Ann Lee-Poe": "student-01"})
    assert (got.student, got.problem) == ("student-01", "no t1.py in student-01")
    assert (got.output, got.note) == ("by student-01\nannex\\1", "graded student-01 student-01.py")
    assert hidden("a.b Al", "a.b", "x\\1") == "x\\1 Al"
    assert hidden("a1_carola.py, not UTF-8; carolas", "carola", "student-02") == "a1_student-02.py, not UTF-8; carolas"


def test_the_key(tmp_path):
    names = {"=ann, lee": "student-02", "bob": "student-01", "'eve": "student-03", "caf\udce9": "student-04"}
    path = tmp_path / "grades-names.csv"
    path.write_bytes(key_text(names).encode(errors="surrogateescape"))
    assert path.read_bytes().splitlines()[:3] == [b"anonymous,student", b"student-01,bob", b'student-02,"\'=ann, lee"']
    assert read_key(path) == names and read_key(tmp_path / "none.csv") == {}
    with pytest.raises(ConfigError, match="not a table of who is who"):
        read_key(put(tmp_path / "other.csv", "a,b\n"))
