"""Keeping a grading for later."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.marking.grader import grade
from minirearec_tutorials.grading.marking.lateness import read_policy
from minirearec_tutorials.grading.marking.rules import Rules
from minirearec_tutorials.grading.reporting.records import How, record, recorded, recorded_how
from tests.tutorials.tiny import put


def test_what_is_kept_comes_back(tiny, tmp_path):
    one = replace(grade(tiny, tiny.wrong_submission(tiny.wrong[0]), student="a\x1bnn"), note="late", deducted=1.5,
                  system="moodle", id="11")
    how = How(Rules({"1.1": 5}, 0.5, datetime(2026, 5, 1, 18, tzinfo=UTC), read_policy("zero")), {"a\x1bnn": 12.5})
    path = put(tmp_path / "grades.json", record(tiny, [one], {"a\x1bnn": "a_nn"}, how))
    assert recorded_how(tiny, path) == how
    [back], pages = recorded(tiny, path)
    assert back == replace(one, tasks=tuple(replace(task, outcomes=()) for task in one.tasks))
    assert back.earned == 6.5 and back.tasks[0].mistake and pages == {"a\x1bnn": "a_nn"}


@pytest.mark.parametrize("content, says", [
    (None, "no earlier grading to add to.*without --only"), ("", "grades.json: cannot be read"),
    ("[]", "cannot be read"),
    ('{"assignment": "t2"}', "a grading of t2, not of t1"), ('{"assignment": "t1", "grades": [{}]}', "cannot be read"),
    ('{"assignment": "t1", "grades": 3}', "cannot be read")])
def test_what_is_not_a_grading_of_it(tiny, tmp_path, content, says):
    path = tmp_path / "grades.json"
    if content is not None:
        path.write_text(content)
    for read in (recorded, recorded_how) if "grades" not in (content or "") else (recorded,):
        with pytest.raises(ConfigError, match=says):
            read(tiny, path)
