"""Grading one submission."""

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.reading import TOML, load
from minirearec_tutorials.grading.marking.grader import LARGEST, grade
from tests.tutorials.tiny import put


def test_statuses_and_points(tiny):
    source = tiny.stub().replace('raise NotImplementedError("Task 1.2: total")', "return 1 / 0")
    source = source.replace('raise NotImplementedError("Task 1.3: number")', "return 7")
    tasks = {task.number: task for task in grade(tiny, source).tasks}
    assert [task.status for task in tasks.values()] == ["not written", "error", "failed"]
    assert tasks["1.2"].failure.message == "total raised ZeroDivisionError: division by zero (line 17: `return 1 / 0`)"
    assert tasks["1.3"].failure.got == 7 and tasks["1.3"].failure.expected == 48151.623


def test_tasks_do_not_share_a_process(tiny):
    """What a function leaves behind in one task is gone in the next; what is printed while loading is kept once."""
    source = tiny.solution() + """
print("loading")
def double(x):
    global total
    total = None
    return 2 * x
"""
    result = grade(tiny, source)
    assert result.earned == 10 and result.output == "loading\n"


def test_only_the_tasks_asked_for(tiny):
    begun = []
    result = grade(tiny, tiny.solution(), only=["1.3", "1.1"], on_task=lambda task: begun.append(task.number))
    assert [task.number for task in result.tasks] == begun == ["1.3", "1.1"]
    assert (result.earned, result.points) == (7, 7)
    with pytest.raises(ConfigError, match="no task 9.9.*1.1, 1.2, 1.3"):
        grade(tiny, tiny.solution(), only=["9.9"])


@pytest.mark.parametrize("content, says", [
    (None, "t1.py is not there"), (b"# \xe9", "t1.py is not UTF-8 text (line 1)"),
    (b"#" * (LARGEST + 1), "t1.py is larger than 5 MB"), ("folder", "t1.py is not a file")])
def test_files_that_are_no_submissions(tiny, tmp_path, content, says):
    path = tmp_path / "t1.py"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    result = grade(tiny, path)
    assert (result.earned, result.points) == (0, 10) and says in result.problem


def test_a_byte_order_mark_is_no_error(tiny, tmp_path):
    (tmp_path / "t1.py").write_text("\ufeff" + tiny.solution().replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert grade(tiny, tmp_path / "t1.py").earned == 10


def test_a_task_without_a_check_is_an_error(tiny, tmp_path):
    for name in (TOML, "solution.py", "checks.py"):
        put(tmp_path / "t1" / name, (tiny.folder / name).read_text().replace('@check("1.3")', ""))
    with pytest.raises(ConfigError, match="no check for task 1.3"):
        grade(load(tmp_path / "t1"), "")
