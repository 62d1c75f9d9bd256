"""The real nbgrader, from release to grades: it must give every student what our own grader gives for the same code."""

import ast
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader", reason="nbgrader is not installed: pip install 'minirearec[nbgrader]'")

from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.assignment.finding import assignment
from minirearec_tutorials.grading.handout.notebook import split
from minirearec_tutorials.grading.handout.release import release
from minirearec_tutorials.grading.marking.grader import grade
from minirearec_tutorials.grading.marking.pool import grade_folder

NAME, WRONG = "a2", 0  # one assignment, and one of its wrong solutions: starting nbgrader and its kernels takes a while
PATIENCE = 180  # seconds for one command
LOUD = '''

import sys
import warnings

quiet_{function} = {function}


def {function}(*values):
    print("called", file=sys.stderr)
    warnings.warn("careful", stacklevel=1)
    return quiet_{function}(*values)
'''


def submissions(item: Assignment) -> dict[str, dict[str, str]]:
    """Return, for every student, the code of each task."""
    _, solution = split(item.solution())
    wrong = (item.folder / "wrong" / item.wrong[WRONG].file).read_text()
    defined = {node.name for node in ast.parse(wrong).body if isinstance(node, ast.FunctionDef)}
    mistaken = {task.number: f"\n\n\n{wrong}" for task in item.tasks if task.function in defined}
    assert mistaken, "the wrong solution should replace a task's function"
    loud = {task.number: LOUD.format(function=task.function) for task in item.tasks}
    return {"anna": solution,
            "ben": split(item.stub())[1],
            "carla": {number: code + mistaken.get(number, "") for number, code in solution.items()},
            "dora": {number: code + loud[number] for number, code in solution.items()}}


def hand_in(notebook: Path, functions: dict[str, str], place: Path) -> None:
    """Do what a student does: write into the cells for solutions, and save."""
    book = json.loads(notebook.read_text())
    for number, code in functions.items():
        cell, = [cell for cell in book["cells"] if cell["id"] == f"task-{number.replace('.', '-')}-solution"]
        cell["source"] = code
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(book))


class Course:
    """A course folder, and nbgrader in it with nothing of the user's: no settings, no kernels, no history."""

    def __init__(self, folder: Path, home: Path):
        self.folder = folder
        kernel = home / "kernels" / "python3" / "kernel.json"
        kernel.parent.mkdir(parents=True)
        kernel.write_text(json.dumps({"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                                      "display_name": "Python 3", "language": "python"}))
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
        self.env |= {"HOME": str(home), "JUPYTER_PATH": str(home), "IPYTHONDIR": str(home / "ipython"),
                     "JUPYTER_PLATFORM_DIRS": "1", "OMP_NUM_THREADS": "1", "PATH": path_of_python()}
        self.env |= {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}

    def nbgrader(self, *words: str) -> None:
        done = subprocess.run([sys.executable, "-m", "nbgrader", *words], cwd=self.folder, env=self.env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE)
        assert done.returncode == 0, done.stdout


def path_of_python() -> str:
    """Set PATH as in an activated environment: nbgrader starts programs that are installed next to Python."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """Run a course from release to grades.csv. Tests only read it."""
    folder, item = tmp_path_factory.mktemp("course"), assignment(NAME)
    course = Course(folder, tmp_path_factory.mktemp("home"))
    release([item], folder)
    course.nbgrader("generate_assignment", NAME)
    given = {"student": folder / "student" / NAME / f"{NAME}.ipynb",  # ours, and the one that nbgrader makes
             "release": folder / "release" / NAME / f"{NAME}.ipynb"}
    for (student, functions), kind in zip(submissions(item).items(), ("student", "release", "release", "student"),
                                          strict=True):
        hand_in(given[kind], functions if student != "ben" else {},
                folder / "submitted" / student / NAME / f"{NAME}.ipynb")
    for words in (("autograde", NAME), ("generate_feedback", NAME), ("export",)):
        course.nbgrader(*words)
    return course


@pytest.fixture(scope="module")
def expected() -> dict[str, dict[str, int]]:
    """Return what our own grader gives, by student and task."""
    item, found = assignment(NAME), {}
    given, _ = split(item.stub())
    for student, functions in submissions(item).items():
        tasks = grade(item, "\n\n\n".join([given, *functions.values()]) + "\n").tasks
        found[student] = {task.number: task.earned for task in tasks}
    return found


def test_the_submissions_differ(expected):
    """The comparison below means something: full points, none, and those of the tasks that are not wrong."""
    item = assignment(NAME)
    points = {task.number: task.points for task in item.tasks}
    fails = item.wrong[WRONG].fails
    assert expected["anna"] == expected["dora"] == points
    assert set(expected["ben"].values()) == {0}
    assert expected["carla"] == {number: 0 if number in fails else worth for number, worth in points.items()}


def test_every_task_earns_what_our_grader_gives(course, expected, monkeypatch):
    from nbgrader.api import Gradebook

    monkeypatch.setenv("PATH", path_of_python())
    with Gradebook(f"sqlite:///{course.folder / 'gradebook.db'}") as book:
        for student, tasks in expected.items():
            notebook, = book.find_submission(NAME, student).notebooks
            grades = {grade.name: grade for grade in notebook.grades}
            assert {name: grade.score for name, grade in grades.items()} == {
                f"task-{number.replace('.', '-')}-tests": earned for number, earned in tasks.items()}
            assert sum(grade.max_score for grade in grades.values()) == assignment(NAME).points
            assert not any(grade.needs_manual_grade for grade in grades.values())


def test_our_grader_gives_the_same_for_the_notebooks_themselves(course, expected):
    """They are graded like files, from the folder in which nbgrader collects them."""
    grades = grade_folder(assignment(NAME), course.folder / "submitted")
    assert {one.student: {task.number: task.earned for task in one.tasks} for one in grades} == expected


def test_the_exported_totals(course, expected):
    with open(course.folder / "grades.csv", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {student: float(row["score"]) for student, row in rows.items()} == {
        student: sum(tasks.values()) for student, tasks in expected.items()}
    assert {float(row["max_score"]) for row in rows.values()} == {assignment(NAME).points}


def test_the_feedback_says_what_went_wrong(course):
    pages = {student: (course.folder / "feedback" / student / NAME / f"{NAME}.html").read_text()
             for student in ("anna", "ben", "carla", "dora")}
    assert "CheckFailed" not in pages["anna"] + pages["dora"]
    assert "not written yet" in pages["ben"]
    assert "Your output:" in pages["carla"] and "notebook_cells.py" not in pages["carla"]


def test_nbgraders_release_is_our_student_version(course):
    """The two notebooks that can be handed out differ only in how a stub is worded, and nbgrader's own marks."""
    ours, theirs = (json.loads((course.folder / part / NAME / f"{NAME}.ipynb").read_text())["cells"]
                    for part in ("student", "release"))
    assert [cell["id"] for cell in ours] == [cell["id"] for cell in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        if not mine["id"].endswith("-solution"):
            assert "".join(mine["source"]).strip() == "".join(other["source"]).strip()
    text = json.dumps(theirs)
    assert "SOLUTION" not in text and "HIDDEN" not in text and "check_task" not in text
