"""minirearec assignment: list, start, check and grade, as one types them."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from minirearec_cli.views.assignment import grids as cells, scoreboard
from minirearec_cli.commands.assignment import command
from minirearec_cli.main import cli
from minirearec_tutorials.grading.assignment.contents import assignment
from minirearec_tutorials.grading.marking.grader import grade


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder to work in, and no wishes of the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def call(*words):
    """The outcome of ``minirearec assignment ...``. An exception that is no exit is raised again."""
    result = CliRunner().invoke(cli, ["assignment", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def refused(result, *fragments):
    assert result.exit_code == 2 and result.stdout == "" and "Traceback" not in result.stderr
    assert result.stderr.count("Error: ") == 1
    for fragment in fragments:
        assert fragment in result.stderr


# list

def test_list_names_every_assignment():
    result = call("list")
    assert result.exit_code == 0
    for name in ("a1", "a2", "a3", "a4", "a5", "a6"):
        assert f" {name} " in result.stdout and assignment(name).title in result.stdout
    items = json.loads(call("list", "--json").stdout)
    assert [item["name"] for item in items] == ["a1", "a2", "a3", "a4", "a5", "a6"]
    assert all(sum(task["points"] for task in item["tasks"]) == item["points"] for item in items)


def test_list_and_help_load_nothing_heavy():
    code = ("import sys; from minirearec_cli.main import cli\n"
            "try: cli(['assignment', *sys.argv[1:]])\n"
            "except SystemExit: pass\n"
            "print([name for name in ('numpy', 'hypothesis', 'torch') if name in sys.modules])")
    for words in (["list"], ["--help"], ["check", "--help"]):
        printed = subprocess.check_output([sys.executable, "-c", code, *words], text=True)
        assert printed.splitlines()[-1] == "[]", words


def test_the_group_has_its_commands():
    result = CliRunner().invoke(command, ["--help"])
    assert [line.split()[0] for line in result.stdout.partition("Commands:")[2].splitlines() if line.strip()] == [
        "list", "start", "check", "grade", "release"]


# start

def test_start_makes_a_folder_that_can_be_checked(here):
    result = call("start", "a2")
    assert result.exit_code == 0 and "minirearec assignment check a2" in result.stdout
    assert sorted(path.name for path in (here / "a2").iterdir()) == ["README.md", "a2.py", "test_a2.py"]
    assert (here / "a2" / "a2.py").read_text() == assignment("a2").stub()
    checked = call("check", "a2")
    assert checked.exit_code == 1 and "0 of 15 points" in checked.stdout
    assert checked.stdout.count("not written") == 6 and "Next: task 2.1" in checked.stdout


def test_start_never_overwrites(here):
    call("start", "a2")
    (here / "a2" / "README.md").unlink()
    (here / "a2" / "a2.py").write_text("mine")
    refused(call("start", "a2"), "already there: a2/a2.py, a2/test_a2.py", "Nothing was written")
    assert (here / "a2" / "a2.py").read_text() == "mine" and not (here / "a2" / "README.md").exists()
    (here / "file").write_text("")
    refused(call("start", "a2", "--out", "file"), "cannot be written")


def test_start_elsewhere(here):
    result = call("start", "a2", "--out", "home/work")
    assert "check a2 --file home/work/a2.py" in result.stdout and (here / "home/work/a2.py").exists()


def test_the_tests_of_the_folder_run_under_pytest(here):
    call("start", "a2")
    item = assignment("a2")
    (here / "a2" / "a2.py").write_text(item.wrong_submission(next(wrong for wrong in item.wrong if wrong.fails == ("2.3",))))
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=here / "a2", text=True,
                          capture_output=True)
    assert "1 failed, 5 passed" in done.stdout and "test_task[2.3]" in done.stdout, done.stdout + done.stderr
    assert "Hint: " in done.stdout and "Traceback" not in done.stdout
    assert not (here / "a2" / ".hypothesis").exists()


# check

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
    source = tiny.solution() + f"\nprint('{evil}')\ndef double(x): raise ValueError('{evil}')\ndef total(x): return '{evil}'"
    result = call("check", *write(tiny, here, source))
    assert not set(result.stdout) & {"\x1b", "\x07", "\u202e"} and "\\x1b[2J" in result.stdout


@pytest.mark.parametrize("width", [40, 80, 120])
def test_nothing_is_wider_than_the_console(tiny, width):
    into = io.StringIO()
    console = Console(file=into, width=width, force_terminal=True, color_system=None)
    item = assignment("a2")
    result = grade(item, item.wrong_submission(item.wrong[0]))
    scoreboard.show(console, item, result)
    assert max(map(len, into.getvalue().splitlines())) <= width


# Grids

def drawn(got, expected, width=80) -> str:
    into = io.StringIO()
    console = Console(file=into, width=width, color_system=None)
    console.print(cells.beside(console, got, expected))
    return into.getvalue()


def test_wrong_cells_are_marked_without_colour():
    text = drawn(np.array([[1.0, 2.0], [3.0, 4.5]]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert text.count("*") == 2 and "4.5*" in text and "* differs" in text


def test_wrong_cells_are_red_and_right_ones_green():
    into = io.StringIO()
    console = Console(file=into, width=80, force_terminal=True, color_system="standard")
    console.print(cells.beside(console, np.array([1.0, 5.0]), np.array([1.0, 2.0])))
    assert re.search(r"\x1b\[32m *1\.0", into.getvalue()) and re.search(r"\x1b\[1;31m *5\.0\*", into.getvalue())


@pytest.mark.parametrize("got, expected, place", [
    (np.array([1.0, 1.0 + 1e-7]), np.array([1.0, 1.0]), 1), (np.array([3e-10, 0.0]), np.array([2e-10, 0.0]), 0),
    (np.array([1e9, 1.0]), np.array([1e9 + 10, 1.0]), 0), (np.array([0.1234567]), np.array([0.1234568]), 0)])
def test_what_differs_looks_different(got, expected, place):
    same = cells._same(got, expected)
    digits = cells._digits(got, expected, same)
    assert not same[place] and digits(got[place]) != digits(expected[place])
    assert f"{digits(got[place])}*" in drawn(got, expected) and digits(expected[place]) in drawn(got, expected)


def test_grids_stand_below_each_other_where_it_is_narrow():
    wide, narrow = (drawn(np.ones((3, 5)), np.zeros((3, 5)), width) for width in (80, 40))
    assert any("your output" in line and "expected" in line for line in wide.splitlines())
    assert not any("your output" in line and "expected" in line for line in narrow.splitlines())


@pytest.mark.parametrize("got, expected, says", [
    (None, np.ones(2), "None"), (np.ones((2, 2, 2)), np.zeros((2, 2, 2)), "[1]"), (np.zeros((0, 3)), np.ones(3), "shape [0, 3]"),
    (np.ones(1000), np.zeros(1000), "..."), ("text", 1, "'text'"), (np.array([True, False]), np.array([1.0, 0.0]), "True"),
    (10 ** 30, 1, str(10 ** 30)), ((1.0, 2.0), 3.0, "(1.0, 2.0)"), (np.float64(np.inf), 1.0, "inf")])
def test_anything_can_be_shown(got, expected, says):
    assert says in drawn(got, expected)


# grade

@pytest.fixture
def folder(tiny, here):
    for name, text in (("zoe", tiny.wrong_submission(tiny.wrong[0])), ("=ann", tiny.solution()),
                       ("<b>bob</b>", tiny.solution() + "\nprint('<script>alert(1)</script>')")):
        path = here / "all" / name.replace("/", "∕") / "t1.py"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (here / "all" / "empty").mkdir()
    (here / "all" / "notes.txt").write_text("")
    return here / "all"


def test_grading_writes_a_table_pages_and_gradescopes_files(tiny, folder, here):
    result = call("grade", tiny.folder, folder, "--out", "grades.csv", "--jobs", 2)
    assert result.exit_code == 0 and "4 submissions, on average 7.0 of 10 points" in result.stdout
    assert "Not taken for submissions: notes.txt" in result.stderr
    rows = list(csv.reader((here / "grades.csv").open()))
    assert [row[0] for row in rows] == ["student", "<b>bob<∕b>", "'=ann", "empty", "zoe"]
    assert [row[-3] for row in rows[1:]] == ["10", "10", "0", "8"] and rows[3][-1] == "no t1.py in it"
    index = (here / "grades" / "index.html").read_text()
    assert 'href="zoe.html"' in index and "no t1.py in it" in index
    page = (here / "grades" / "zoe.html").read_text()
    assert "8 of 10 points" in page and "Hint:" in page
    [odd] = [path for path in (here / "grades").glob("*bob*.html")]
    for text in (index, page, odd.read_text()):
        assert "<script>" not in text and "<b>" not in text
    assert "&lt;script&gt;" in odd.read_text()
    assert json.loads((here / "grades" / "zoe" / "results.json").read_text())["score"] == 8


def test_an_earlier_grading_is_replaced_only_with_force(tiny, folder, here):
    assert call("grade", tiny.folder, folder, "--out", "grades.csv").exit_code == 0
    before = (here / "grades.csv").read_text()
    refused(call("grade", tiny.folder, folder, "--out", "grades.csv"), "already there: grades.csv and grades", "--force")
    (folder / "zoe" / "t1.py").write_text(tiny.solution())
    result = call("grade", tiny.folder, folder, "--out", "grades.csv", "--force", "--json")
    content = json.loads(result.stdout)
    assert [one["earned"] for one in content["grades"]] == [10, 10, 0, 10] and content["table"] == "grades.csv"
    assert (here / "grades.csv").read_text() != before


def test_a_folder_that_is_no_grading_is_never_replaced(tiny, folder, here):
    (here / "grades").mkdir()
    (here / "grades" / "precious.txt").write_text("keep me")
    refused(call("grade", tiny.folder, folder, "--out", "grades.csv", "--force"), "no earlier grading")
    assert (here / "grades" / "precious.txt").read_text() == "keep me"
    refused(call("grade", tiny.folder, folder, "--out", "grades.txt"), "must end in .csv")
    refused(call("grade", tiny.folder, "nowhere", "--out", "other.csv"), "nowhere: there is no such folder")
    assert not (here / "other").exists()


def test_grades_inside_the_folder_of_submissions_are_no_submissions(tiny, folder):
    words = ("grade", tiny.folder, folder, "--out", folder / "grades.csv")
    assert "4 submissions" in call(*words).stdout
    assert "4 submissions" in call(*words, "--force").stdout


@pytest.mark.skipif(os.name == "nt", reason="sends a signal to a process group")
@pytest.mark.parametrize("last, done", [("zoe.html", "4 of 5"), ("index.html", "")])
def test_interrupted_grading_says_what_is_done_and_writes_no_table(tiny, folder, here, last, done):
    """Interrupted while a submission hangs, or while the graders are still starting."""
    (folder / "zzz.py").write_text("while True: pass")
    program = subprocess.Popen([sys.executable, "-m", "minirearec_cli.main", "assignment", "grade", tiny.folder, folder,
                                "--out", "grades.csv", "--jobs", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               text=True, start_new_session=True)
    for _ in range(600):
        if (here / "grades" / last).exists():
            break
        time.sleep(0.1)
    os.killpg(program.pid, signal.SIGINT)  # as Ctrl-C does: everyone in the terminal's group gets it
    out, err = program.communicate(timeout=30)
    assert program.returncode == 130 and out == ""
    assert done in err and "were graded; their pages are in grades. grades.csv was not written." in err
    assert "Traceback" not in err and not (here / "grades.csv").exists()
    assert "under way, or was interrupted" in (here / "grades" / "index.html").read_text()
