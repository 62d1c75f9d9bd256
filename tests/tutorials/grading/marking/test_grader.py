"""Grading one submission."""

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.reading import TOML, load
from minirearec_tutorials.grading.collecting.sources import LARGEST
from minirearec_tutorials.grading.marking.grader import grade
from tests.tutorials.grading.collecting.handing_in import notebook
from tests.tutorials.tiny import put


def test_statuses_and_points(tiny):
    source = tiny.stub().replace('raise NotImplementedError("Task 1.2: total")', "return 1 / 0")
    source = source.replace('raise NotImplementedError("Task 1.3: number")', "return 7")
    tasks = {task.number: task for task in grade(tiny, source).tasks}
    assert [task.status for task in tasks.values()] == ["not written", "error", "failed"]
    assert tasks["1.2"].failure.message == "total raised ZeroDivisionError: division by zero (line 17: `return 1 / 0`)"
    assert tasks["1.3"].failure.got == 7 and tasks["1.3"].failure.expected == 48151.623


@pytest.mark.parametrize("source, note", [
    ("", "none of the functions of t1 is in it"), ("def helper(): pass\n", "none of the functions of t1 is in it"),
    ("STUB", "no task is written"),
    ("def double(x): return 2 * x\n", "there is no function total in t1.py; there is no function number in t1.py")])
def test_nothing_is_lost_without_a_reason(tiny, source, note):
    assert grade(tiny, tiny.stub() if source == "STUB" else source).note == note
    assert grade(tiny, tiny.solution()).note == ""


def test_a_cell_that_ends_early_is_the_reason_for_what_it_does_not_define(tiny, tmp_path):
    """What Jupyter shows is no error; what only Jupyter has is one, and the teacher's table says so."""
    shown = put(tmp_path / "shown.ipynb", notebook(f"import numpy as np\ndisplay(np.zeros(3))\n{tiny.solution()}"))
    assert grade(tiny, shown).earned == 10
    others = tiny.solution().replace("def double", "def twice")
    broken = put(tmp_path / "t1.ipynb", notebook(others, "import matplotlib\n\ndef double(x): return 2 * x"))
    result = grade(tiny, broken)
    assert result.earned == 8 and result.note == (
        "there is no function double in t1.ipynb: its cell ended with ModuleNotFoundError: No module named "
        "'matplotlib' (cell 2, line 1: `import matplotlib`)")


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
    (b"#" * (LARGEST[".py"] + 1), "t1.py is larger than 5 MB"), ("folder", "t1.py is not a file")])
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


def test_a_notebook_is_graded_like_a_file(tiny, tmp_path):
    """Cells run one after another. What only IPython knows is left out, and an error ends its own cell only."""
    first, _, rest = tiny.solution().partition("# Task 1.2")
    cells = ("%matplotlib inline\n!pip install torch\nx = !ls\nnp?\nfrom minirearec_tutorials.a import b", first,
             "import matplotlib.pyplot as plt\nplt.plot([1])", "%%bash\nexit 1", "%%time\n# Task 1.2" + rest,
             "sys.exit()\n", "raise SystemExit", "def broken(:", 'show_example("t1", "1.1", globals())')
    result = grade(tiny, put(tmp_path / "t1.ipynb", notebook(*cells)))
    assert (result.problem, result.earned) == ("", 10)
    assert result.output.splitlines() == [
        "ModuleNotFoundError: No module named 'matplotlib' (cell 3, line 1: `import matplotlib.pyplot as plt`)",
        "NameError: name 'sys' is not defined (cell 6, line 1: `sys.exit()`)",
        "SystemExit (cell 7, line 1: `raise SystemExit`)",
        "SyntaxError: invalid syntax (cell 8, line 1: `def broken(:`)"]


def test_errors_in_a_notebook_name_the_cell(tiny, tmp_path):
    path = put(tmp_path / "any.ipynb", notebook("import numpy as np", "def double(x):\n    return x @ 1\n"))
    tasks = grade(tiny, path).tasks
    assert tasks[0].failure.message.startswith("double raised ValueError: ")
    assert tasks[0].failure.message.endswith("(cell 2, line 2: `return x @ 1`)")
    assert tasks[1].failure.message == "there is no function total in t1.ipynb"


@pytest.mark.parametrize("content, says", [
    ("[" * 100_000, "is not a notebook: its JSON is nested too deeply"), ("{", "is not a notebook: its JSON is broken"),
    ('{"cells": []}', "")])
def test_notebooks_that_cannot_be_read(tiny, tmp_path, content, says):
    result = grade(tiny, put(tmp_path / "t1.ipynb", content))
    assert result.earned == 0 and says in result.problem


def test_a_task_says_which_others_it_fails_because_of(tiny):
    """Only those that fail, that its code uses, and not by a mention in a comment."""
    source = tiny.solution() + """
def double(x):
    return 3 * x
def helper(x):
    return double(x)
def total(x):  # not number
    return helper(x).sum()
def number():
    raise NotImplementedError("Task 1.3: number")
"""
    assert [task.because for task in grade(tiny, source).tasks] == [(), ("1.1",), ()]
    assert [task.because for task in grade(tiny, tiny.solution()).tasks] == [(), (), ()]


def test_a_task_that_needs_an_unwritten_one_is_not_itself_unwritten(tiny):
    source = tiny.stub() + "\ndef total(x):\n    return double(x).sum() / 2\n"
    tasks = grade(tiny, source).tasks
    assert [task.status for task in tasks] == ["not written", "error", "not written"]
    assert tasks[1].because == ("1.1",) and tasks[1].failure.message == "not written yet: Task 1.1: double"


def test_more_text_than_can_be_sent_is_a_problem_of_the_submission(tiny):
    result = grade(tiny, tiny.solution() + "\nx = [" + "1," * 300_000 + "]")
    assert result.earned == 0 and result.problem == "t1.py holds more than can be graded"
