"""What students get holds nothing of the solutions, and nothing is overwritten."""

import tomllib
from pathlib import Path

import pytest

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment import finding
from minirearec_tutorials.grading.assignment.contents import BEGIN, END, Assignment
from minirearec_tutorials.grading.checks import checks_of
from minirearec_tutorials.grading.handout import release as releases
from minirearec_tutorials.grading.handout.notebook import split
from minirearec_tutorials.grading.marking.rules import template
from tests.tutorials.grading.handout.released import cells_of, every_assignment

SHORTEST = 8  # characters of a line that could give something away


def texts_for_students(course: Path, item: Assignment) -> dict[str, str]:
    """Return every file that a student gets, as it is, and the sources of notebooks as readers see them."""
    texts = {path.name: path.read_text() for path in (course / "student" / item.name).rglob("*") if path.is_file()}
    for name in [name for name in texts if name.endswith(".ipynb")]:
        texts[f"cells of {name}"] = "\n".join(cell["source"] for cell in cells_of(texts[name]))
    return texts


def secrets(item: Assignment) -> set[str]:
    """Return every line of the solution blocks and of the wrong solutions that the stub does not hold."""
    found, inside = set(), False
    for line in (item.folder / "solution.py").read_text().splitlines():
        inside = line.strip() == BEGIN or (inside and line.strip() != END)
        if inside:
            found.add(line.strip())
    found.remove(BEGIN)
    assert found, "there should be a solution to keep secret"
    for path in (item.folder / "wrong").glob("*.py"):
        found |= {line.strip() for line in path.read_text().splitlines()}
    return {line for line in found if len(line) >= SHORTEST and line not in item.stub()}


def leaks(texts: dict[str, str], item: Assignment) -> set[tuple[str, str]]:
    """Return where something appears that should not."""
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
    monkeypatch.setattr(finding, "FOLDER", tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="by name.*Move it into"):
        releases.release([own], tmp_path / "course")
    assert not (tmp_path / "course").exists()


def test_points_of_the_rules_are_those_of_texts_and_notebooks(own, tmp_path):
    releases.release([own], tmp_path)
    rules = tmp_path / "grading.toml"
    assert "[b1]  # Doubling" in rules.read_text() and "(3 points)" in (tmp_path / "student/b1/b1.py").read_text()
    rules.write_text('[b1]\npoints = {"1" = 7}\n')
    releases.release([own], tmp_path, force=True)
    assert rules.read_text() == '[b1]\npoints = {"1" = 7}\n', "it is the teacher's"
    for name in ("b1.py", "README.md", "b1.ipynb"):
        assert "Twice (7 points)" in (tmp_path / "student" / "b1" / name).read_text()
    cells = cells_of((tmp_path / "source" / "b1" / "b1.ipynb").read_text())
    assert [cell["metadata"]["nbgrader"]["points"] for cell in cells if "points" in cell["metadata"].get("nbgrader", {})
            ] == [7]


def test_rules_of_a_later_assignment_are_added_to_those_that_are_there(tmp_path):
    rules, first, second = tmp_path / "grading.toml", finding.assignment("a1"), finding.assignment("a2")
    releases.release([first], tmp_path)
    rules.write_text(mine := rules.read_text().replace("# partial", "partial"))
    releases.release([second], tmp_path)
    assert rules.read_text() == template([second], mine)
    assert tomllib.loads(rules.read_text()) == {"a1": {"partial": 0.5}, "a2": {}}
