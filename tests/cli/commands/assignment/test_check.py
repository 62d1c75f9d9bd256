"""minirearec assignment check."""

import json

from tests.cli.commands.assignment.calling import call, refused
from tests.tutorials.grading.collecting.handing_in import notebook


def write(tiny, here, source: str):
    path = here / "mine.py"
    path.write_text(source)
    return tiny.folder, "--file", path


def test_all_right_is_exit_code_0(tiny, here):
    result = call("check", *write(tiny, here, tiny.solution()))
    assert result.exit_code == 0
    assert "10 of 10 points" in result.stdout and "Everything that was checked is right." in result.stdout


def test_a_failure_shows_both_outputs_the_call_and_the_hint(tiny, here):
    result = call("check", *write(tiny, here, tiny.wrong_submission(tiny.wrong[0]) + "\nprint('to be seen')"))
    assert result.exit_code == 1 and "8 of 10 points" in result.stdout
    for expected in ("1 and 2 become 2 and 4.", "double(np.array([1., 2.]))", "│ 3.0*   6.0* │   │ 2.0   4.0 │",
                     "* differs from the expected value", "Hint: Add it to itself.", "to be seen", "Next: task 1.1"):
        assert expected in result.stdout
    assert "\x1b" not in result.stdout and result.stderr == ""


def test_a_property_shows_the_smallest_inputs(tiny, here):
    source = tiny.solution().replace("return 2 * x", "return 2 * x if x.shape != (2, 3) else x")
    result = call("check", *write(tiny, here, source))
    assert "Every value is doubled." in result.stdout
    assert "smallest inputs that fail: rows = 2, n = 3, seed = 0" in result.stdout


def test_a_task_that_is_asked_for_shows_its_example(tiny, here):
    result = call("check", *write(tiny, here, tiny.solution()), "--task", "1.2")
    assert result.exit_code == 0 and "3 of 3 points" in result.stdout
    assert "total(np.array([1., 2., 3.]))" in result.stdout and "your output, as expected" in result.stdout
    hint = call("check", *write(tiny, here, tiny.stub()), "--task", "1.2")
    assert hint.exit_code == 1 and "Hint: Start from 0." in hint.stdout


def test_a_submission_that_cannot_be_loaded(tiny, here):
    result = call("check", *write(tiny, here, "def double(:\n"))
    assert result.exit_code == 1
    assert "SyntaxError: invalid syntax (line 1: `def double(:`)" in result.stdout and "0 of 10 points" in result.stdout


def test_check_as_json(tiny, here):
    result = call("check", *write(tiny, here, tiny.wrong_submission(tiny.wrong[0])), "--json")
    content = json.loads(result.stdout)
    assert result.exit_code == 1 and content["earned"] == 8 and content["file"].endswith("mine.py")
    assert content["tasks"][0]["checks"][0]["got"] == [3.0, 6.0]


def test_what_is_not_there_is_a_user_error(tiny, here):
    refused(call("check", "a9"), "there is no assignment 'a9'", "a1, a2")
    refused(call("check", "a2"), "neither a2/a2.py nor a2.py here", "minirearec assignment start a2")
    refused(call("check", "a2", "--file", "none.py"), "none.py: there is no such file")
    refused(call("check", *write(tiny, here, ""), "--task", "7"), "there is no task 7")


def test_control_characters_of_a_student_do_not_reach_the_terminal(tiny, here):
    evil = "\\x1b]0;title\\x07\\x1b[2J\\u202e"
    source = tiny.solution() + f"\nprint('{evil}')\n"
    source += f"def double(x): raise ValueError('{evil}')\ndef total(x): return '{evil}'"
    result = call("check", *write(tiny, here, source))
    assert not set(result.stdout) & {"\x1b", "\x07", "\u202e"} and "\\x1b[2J" in result.stdout


def test_hints_in_stages_with_the_command_for_the_next(tiny, here):
    words = write(tiny, here, tiny.solution() + "\ndef total(x): return 0.0\n")
    result = call("check", *words)
    assert "Hint: Start from 0." in result.stdout and "an array's" not in result.stdout
    command = result.stdout.splitlines()[-1].removeprefix("For another hint: minirearec assignment ")
    assert command == f"check {tiny.folder} --file {words[2]} --task 1.2 --hints 2"
    result = call(*command.split())
    assert "Hint: x.sum() is an array's." in result.stdout and "For another hint" not in result.stdout
    assert "Hint" not in call("check", *words, "--hints", 0).stdout.replace("For another hint", "")


def test_a_notebook_can_be_checked(tiny, here):
    (here / "t1.ipynb").write_text(notebook(tiny.solution(), "1 / 0"))
    result = call("check", tiny.folder, "--file", here / "t1.ipynb")
    assert result.exit_code == 0 and "10 of 10 points" in result.stdout and "(cell 2, line 1: `1 / 0`)" in result.stdout
