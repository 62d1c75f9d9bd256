"""What students get holds nothing of the solutions; what the teacher gets can be graded; nothing is overwritten."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from minirearec.errors import ConfigError
from minirearec_cli.commands.assignment.release import command
from minirearec_tutorials.grading.assignment import contents as module
from minirearec_tutorials.grading.handout import release as releases
from minirearec_tutorials.grading.assignment.contents import BEGIN, END, Assignment, assignments
from minirearec_tutorials.grading.handout.notebook_cells import check_example, check_task, show_example
from minirearec_tutorials.grading.checks import checks_of
from minirearec_tutorials.grading.handout.notebook import split

ALL = list(assignments().values())
SHORTEST = 8  # characters of a line that could give something away

every_assignment = pytest.mark.parametrize("item", ALL, ids=lambda item: item.name)


# What students get

@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A release of all assignments. Tests only read it."""
    out = tmp_path_factory.mktemp("course")
    releases.release(ALL, out)
    return out


def texts_for_students(course: Path, item: Assignment) -> dict[str, str]:
    """Every file that a student gets, as it stands, and the sources of notebooks as they are read."""
    texts = {path.name: path.read_text() for path in (course / "student" / item.name).rglob("*") if path.is_file()}
    for name in [name for name in texts if name.endswith(".ipynb")]:
        texts[f"cells of {name}"] = "\n".join(cell["source"] for cell in cells_of(texts[name]))
    return texts


def cells_of(text: str) -> list[dict]:
    return [{**cell, "source": "".join(cell["source"])} for cell in json.loads(text)["cells"]]


def secrets(item: Assignment) -> set[str]:
    """Every line of the solution blocks and of the wrong solutions that the stub does not hold."""
    found, inside = set(), False
    for line in (item.folder / "solution.py").read_text().splitlines():
        inside = line.strip() == BEGIN or inside and line.strip() != END
        if inside:
            found.add(line.strip())
    found.remove(BEGIN)
    assert found, "there should be a solution to keep secret"
    for path in (item.folder / "wrong").glob("*.py"):
        found |= {line.strip() for line in path.read_text().splitlines()}
    return {line for line in found if len(line) >= SHORTEST and line not in item.stub()}


def leaks(texts: dict[str, str], item: Assignment) -> set[tuple[str, str]]:
    """Where something stands that should not."""
    names = {check.name for checks in checks_of(item.checks()).values() for check in checks}
    forbidden = secrets(item) | names | {"BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "check_task"}
    forbidden |= {wrong.file for wrong in item.wrong} | {wrong.about for wrong in item.wrong}
    return {(name, words) for name, text in texts.items() for words in forbidden if words in text}


@every_assignment
def test_students_get_nothing_of_the_solutions(course, item):
    texts = texts_for_students(course, item)
    assert {"README.md", f"{item.name}.py", f"{item.name}.ipynb", f"test_{item.name}.py"} < set(texts)
    assert leaks(texts, item) == set()


@every_assignment
def test_a_solution_would_be_found_in_every_file(course, item):
    """The search above works: a solution, a wrong solution and a hidden test that are put in are found."""
    line = max(secrets(item), key=len)
    for name, text in texts_for_students(course, item).items():
        if not name.endswith(".ipynb"):
            assert (name, line) in leaks({name: f"{text}\n  {line}"}, item)
    teachers = (course / "source" / item.name / f"{item.name}.ipynb").read_text()
    found = {words for _, words in leaks({"cells": "\n".join(cell["source"] for cell in cells_of(teachers))}, item)}
    assert {"BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "check_task"} <= found
    _, functions = split(item.solution())
    for task in item.tasks:
        body = {line.strip() for line in functions[task.number].splitlines()} & secrets(item)
        assert body and body <= found


@every_assignment
def test_notebooks_are_valid_and_carry_the_points(course, item):
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed: pip install 'minirearec[tutorials]'")
    for part in ("student", "source"):
        book = nbformat.read(course / part / item.name / f"{item.name}.ipynb", as_version=4)
        nbformat.validate(book)
        kinds = [cell.metadata.nbgrader for cell in book.cells if "nbgrader" in cell.metadata]
        assert len({cell.id for cell in book.cells}) == len(book.cells)
        assert len({kind.grade_id for kind in kinds}) == len(kinds)
        assert {kind.schema_version for kind in kinds} == {3}
        assert [kind.points for kind in kinds if kind.grade] == [task.points for task in item.tasks]
        assert sum(kind.solution for kind in kinds) == len(item.tasks)
        assert all(kind.locked for kind in kinds if not kind.solution)


@every_assignment
def test_both_notebooks_have_the_same_cells(course, item):
    """nbgrader grades by the cells' ids; they must not differ by who wrote the notebook that was handed in."""
    student, source = (cells_of((course / part / item.name / f"{item.name}.ipynb").read_text())
                       for part in ("student", "source"))
    assert [(cell["id"], cell["metadata"]) for cell in student] == [(cell["id"], cell["metadata"]) for cell in source]
    differ = {mine["id"] for mine, theirs in zip(student, source) if mine["source"] != theirs["source"]}
    assert differ == {cell["id"] for cell in student if cell["id"].endswith(("-solution", "-tests"))}


def run_cells(path: Path) -> dict[str, str]:
    """Run a notebook's code in one namespace, as a kernel would. Returns what failed, by the cell's id."""
    namespace, failed = {"__name__": "__main__"}, {}
    for cell in cells_of(path.read_text()):
        if cell["cell_type"] == "code":
            try:
                exec(compile(cell["source"], cell["id"], "exec"), namespace)
            except AssertionError as error:
                failed[cell["id"]] = str(error)
    return failed


@every_assignment
def test_the_teachers_notebook_passes_and_the_students_is_not_written(course, item):
    assert run_cells(course / "source" / item.name / f"{item.name}.ipynb") == {}
    failed = run_cells(course / "student" / item.name / f"{item.name}.ipynb")
    assert list(failed) == [f"task-{task.number.replace('.', '-')}-tests" for task in item.tasks]
    assert all(f"Task {task.number}: {task.function}" in message for task, message in zip(item.tasks, failed.values()))


# An assignment of our own, on which the cells and the command are tried

TOML = """
name = "b1"
title = "Doubling"
summary = "Twice."
topics = ["numbers"]
notebook = 0
[[tasks]]
number = "1"
title = "Twice"
function = "double"
points = 3
hint = "Add it to itself."
"""
SOLUTION = '''"""Assignment b1."""
import numpy as np


# Task 1: Twice (3 points)
def double(values):
    """2 x"""
    ### BEGIN SOLUTION
    return values + values
    ### END SOLUTION
'''
CHECKS = '''
import numpy as np
from minirearec_tutorials.grading.checks import check, expect_close, numbers, seeds, sizes

@check("1")
def two_numbers(student):
    """Twice 1 and 3."""
    expect_close(student.double(np.array([1.0, 3.0])), np.array([2.0, 6.0]), "double(values)")

@check("1", size=sizes(1, 5), seed=seeds())
def any_numbers(student, size, seed):
    """Twice as much."""
    expect_close(student.double(numbers(seed, size)), 2 * numbers(seed, size), "double(values)")
'''


@pytest.fixture
def own(tmp_path, monkeypatch) -> Assignment:
    """The assignment b1, found by its name."""
    folder = tmp_path / "assignments" / "b1"
    folder.mkdir(parents=True)
    for name, text in {"assignment.toml": TOML, "solution.py": SOLUTION, "checks.py": CHECKS,
                       "text.md": "# Doubling\n\n## Task 1: Twice (3 points)\n\nTwice.\n"}.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(module, "FOLDER", folder.parent)
    monkeypatch.setattr(releases, "FOLDER", folder.parent)
    return module.assignment("b1")


def test_an_example_is_shown_with_its_wrong_numbers_marked(own):
    shown = show_example("b1", "1", {"double": lambda values: values * values})
    assert repr(shown).splitlines() == [
        "Twice 1 and 3.", "double(values): 2 of 2 values differ, the first at [0]",
        "Called: double(np.array([1., 3.]))",
        "Your output:", "    [1. 9.]", "Expected:", "    [2. 6.]"]
    assert shown._repr_html_().count("&ne;") == 2
    right = show_example("b1", "1", {"double": lambda values: 2 * values})
    assert "[2. 6.]" in repr(right) and "This is what was expected." in repr(right)
    assert "&ne;" not in right._repr_html_() and right._repr_html_().count("<td") == 2


def test_what_a_student_returns_is_not_taken_for_html(own):
    shown = show_example("b1", "1", {"double": lambda values: "<script>"})
    assert "<script>" not in shown._repr_html_()


@pytest.mark.parametrize("double, message", [
    (lambda values: values * 3, r"Twice 1 and 3\.\ndouble\(values\): 2 of 2 values differ"),
    (lambda values: sys.exit(0), "wanted to end Python"),
    (lambda values: values[9], "raised IndexError"),
    (lambda values: values.fill(0), "changed its argument number 1"),
    (None, "there is no function double")], ids=["wrong", "exit", "raises", "changes", "missing"])
def test_a_failed_check_says_why(own, double, message):
    with pytest.raises(AssertionError, match=message):
        check_task("b1", "1", {"double": double})


def test_the_example_alone_and_the_whole_task(own):
    """A function that knows only the example passes the visible test and fails the hidden one."""
    memorised = {"double": lambda values: np.array([2.0, 6.0]) if values.tolist() == [1.0, 3.0] else values}
    check_example("b1", "1", memorised)
    with pytest.raises(AssertionError, match="Smallest call that fails: double"):
        check_task("b1", "1", memorised)


def test_what_the_code_prints_is_kept_out_of_the_tests(own, capsys, tmp_path, monkeypatch):
    """nbgrader gives no points to a cell that wrote to stderr. Hypothesis leaves no files either."""
    def double(values):
        print("double", values)
        print("double", values, file=sys.stderr)
        return 2 * values

    monkeypatch.chdir(tmp_path)
    check_task("b1", "1", {"double": double})
    assert capsys.readouterr() == ("", "")
    assert not (tmp_path / ".hypothesis").exists()


# The command

def release(*words):
    return CliRunner().invoke(command, list(map(str, words)))


def test_the_command_says_what_it_wrote_and_what_is_next(own, tmp_path):
    result = release("b1", "--out", tmp_path / "course")
    assert result.exit_code == 0
    written = {path for path in (tmp_path / "course").rglob("*") if path.is_file()}
    assert {line.removeprefix("Made ") for line in result.stdout.splitlines() if line.startswith("Made ")} \
        == set(map(str, written))
    assert {str(path.relative_to(tmp_path / "course")) for path in written} == {
        "student/b1/b1.py", "student/b1/README.md", "student/b1/test_b1.py", "student/b1/b1.ipynb",
        "source/b1/b1.ipynb", "nbgrader_config.py"}
    assert "nbgrader generate_assignment b1" in result.stdout and "For you only" in result.stdout


def test_all_and_json(tmp_path):
    found = json.loads(release("--all", "--out", tmp_path / "course", "--json").stdout)
    assert found["assignments"] == [item.name for item in ALL]
    assert set(found["written"]) == {str(path) for path in (tmp_path / "course").rglob("*") if path.is_file()}


@pytest.mark.parametrize("words", [(), ("b1", "--all")])
def test_either_names_or_all(own, tmp_path, words):
    result = release(*words, "--out", tmp_path / "course")
    assert result.exit_code == 2 and "--all" in result.stderr and not (tmp_path / "course").exists()


def test_nothing_is_overwritten_without_force(own, tmp_path):
    course = tmp_path / "course"
    (course / "student" / "b1").mkdir(parents=True)
    mine = course / "student" / "b1" / "b1.py"
    mine.write_text("my work")
    (course / "nbgrader_config.py").write_text("my settings")
    with pytest.raises(ConfigError, match=r"already there: .*b1\.py.*--force"):
        releases.release([own], course)
    assert mine.read_text() == "my work"
    assert not (course / "source").exists()
    releases.release([own], course, force=True)
    assert mine.read_text() == own.stub()
    assert (course / "nbgrader_config.py").read_text() == "my settings"


def test_a_place_that_cannot_be_written(own, tmp_path):
    (tmp_path / "course").write_text("a file")
    with pytest.raises(ConfigError, match="course.*cannot be written"):
        releases.release([own], tmp_path / "course")


def test_an_assignment_that_notebooks_would_not_find(own, tmp_path, monkeypatch):
    monkeypatch.setattr(releases, "FOLDER", tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="by name.*Move it into"):
        releases.release([own], tmp_path / "course")
    assert not (tmp_path / "course").exists()
