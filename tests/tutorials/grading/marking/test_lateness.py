"""What being late costs."""

from datetime import datetime

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.marking.lateness import how_late, read_policy, read_time, read_times
from tests.tutorials.tiny import put

DAY, HOUR = 86400, 3600


@pytest.mark.parametrize("policy, late, lost", [
    ("note", 9 * DAY, 0), ("zero", 1, 12), ("10%/day", 1, 1.2), ("10%/day", DAY, 1.2), ("10%/day", DAY + 1, 2.4),
    ("10%/day", 30 * DAY, 12), ("1/day", 2.5 * DAY, 3), ("0.5/hour", 90 * 60, 1), ("5%/hour", HOUR, 0.6),
    ("10%/day", 0, 0), ("zero", -HOUR, 0), ("100%/hour", 1, 12), ("0%/day", DAY, 0)])
def test_every_day_that_has_begun_counts(policy, late, lost):
    assert read_policy(policy).deducted(12, late) == lost


@pytest.mark.parametrize("text", [
    "", "10", "10%", "%/day", "-1/day", "10%/week", "1e3/day", "1000/day", "\u0663/day", "none"])
def test_what_is_not_a_policy(text):
    with pytest.raises(ValueError, match="is not a policy; examples: note, zero, 10%/day"):
        read_policy(text)


@pytest.mark.parametrize("text", ["note", "zero", "10%/day", "0.5/hour", "0%/day", "5%/hour"])
def test_a_policy_is_written_as_it_is_read(text):
    assert str(read_policy(text)) == text and read_policy(str(read_policy(text))) == read_policy(text)


def test_times_are_local_unless_they_say_otherwise():
    assert read_time(" 2026-05-01 18:00 ").timestamp() == datetime(2026, 5, 1, 18).timestamp()
    assert read_time("2026-05-01T18:00+02:00").timestamp() == 1777651200
    for text in ("", "tomorrow", "2026-13-01T18:00", "18:00"):
        with pytest.raises(ValueError, match="is not a time such as"):
            read_time(text)
    with pytest.raises(ValueError, match="'2026-05-01' is a date without a time; write, say, 2026-05-01T23:59"):
        read_time("2026-05-01")


def test_given_times(tmp_path):
    path = put(tmp_path / "times.csv", '\ufeffstudent,time\n"Lee, Ann",2026-05-01T18:00Z\nbob,2026-05-01T19:00Z,extra\n'
               "\nbob,2026-05-01T20:00Z\n")
    assert read_times(path) == {"Lee, Ann": 1777658400, "bob": 1777665600}


@pytest.mark.parametrize("content, says", [
    (None, "cannot be read"), (b"\xff\xfe", "cannot be read"), (b"a,b\nann,late\n", r"times.csv, row 2: .*ann, late"),
    (b"student,time\nann\n", "row 2: not a student and a time: ann"),
    (b"ann,2026-05-01T25:00\n", "row 1: not a student and a time: ann, 2026-05-01T25:00"),
    (b"ann,2026-05-01\n", "row 1: not a student and a time.*is a date without a time")])
def test_files_of_times_that_cannot_be_read(tmp_path, content, says):
    if content is not None:
        (tmp_path / "times.csv").write_bytes(content)
    with pytest.raises(ConfigError, match=says):
        read_times(tmp_path / "times.csv")


@pytest.mark.parametrize("seconds, says", [
    (1, "1 minute late"), (HOUR, "1 hour late"), (DAY + 2 * HOUR + 60, "1 day 2 hours late"), (2 * DAY, "2 days late")])
def test_how_late_in_words(seconds, says):
    assert how_late(seconds) == says
