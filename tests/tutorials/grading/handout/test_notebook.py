"""The notebooks of an assignment: valid, the same cells in both, and working."""

from pathlib import Path

import pytest

from tests.tutorials.grading.handout.released import cells_of, every_assignment


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
    differ = {mine["id"] for mine, theirs in zip(student, source, strict=True) if mine["source"] != theirs["source"]}
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
    assert all(f"Task {task.number}: {task.function}" in message
               for task, message in zip(item.tasks, failed.values(), strict=True))
