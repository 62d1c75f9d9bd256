"""An assignment as a Jupyter notebook: nbgrader's source, and the version for students.

Their cells call the functions of notebook_cells.py.
A notebook is JSON, so nothing is needed to write one. Cells carry the metadata of nbgrader 0.9 (schema version 3).
"""

import ast
import json

from minirearec_tutorials.grading.assignment.contents import TASK_LINE, Assignment, Task

SCHEMA_VERSION = 3
HOW_TO = """\
**How this notebook works.** Write the body of each function in place of its `raise NotImplementedError(...)`, and run
the cell. The cell after it shows what your function returns for an example, beside what is expected, and the next one
checks it: no error means that the example is right. When the notebook is graded, each function is also tried with
other inputs, so try some of your own. Use NumPy and the standard library alone: there may be nothing else where it is
graded. The other cells can't be edited; add as many of your own as you like.
"""
CELLS = "minirearec_tutorials.grading.handout.notebook_cells"
IMPORT = f"from {CELLS} import show_example"
SHOW = 'show_example("{name}", "{number}", globals())'
# Each of the tests imports its own function again: code above may have used the name for something else.
CHECK = f"from {CELLS} import check_example\n" 'check_example("{name}", "{number}", globals())'
HIDDEN = ("\n### BEGIN HIDDEN TESTS\n"
          f"from {CELLS} import check_task\n" 'check_task("{name}", "{number}", globals())'
          "\n### END HIDDEN TESTS")


def teacher_notebook(item: Assignment) -> str:
    """Return nbgrader's source: solutions and hidden tests between the marks that ``generate_assignment`` removes."""
    item.stub()  # raises ConfigError when marks are missing or misplaced
    return _notebook(item, item.marked_solution(), HIDDEN)


def student_notebook(item: Assignment) -> str:
    """Return the same cells with the stub in place of solutions, and without the hidden tests."""
    return _notebook(item, item.stub(), "")


def _notebook(item: Assignment, code: str, hidden: str) -> str:
    introduction, sections = item.sections()
    given, functions = split(code)
    cells = [_text("introduction", introduction), _text("how-to", HOW_TO),
             _code("given", f"{IMPORT}\n\n{given}", locked=True)]
    for task in item.tasks:
        names = {"name": item.name, "number": task.number}
        cells += [_text(_id(task, "text"), sections[task.number]),
                  _code(_id(task, "solution"), functions[task.number], solution=True),
                  _code(_id(task, "example"), SHOW.format(**names), locked=True),
                  _code(_id(task, "tests"), (CHECK + hidden).format(**names), grade=True, locked=True,
                        points=task.points)]
    metadata = {"kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
                "language_info": {"name": "python"}}
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def split(code: str) -> tuple[str, dict[str, str]]:
    """Split a solution or a stub into the code before the first task (without the docstring) and each task's code."""
    first = ast.parse(code).body[0]
    lines = code.splitlines()
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines = lines[first.end_lineno:]
    parts: dict[str, list[str]] = {"": []}
    number = ""
    for line in lines:
        if found := TASK_LINE.fullmatch(line):
            number = found[1]
        parts.setdefault(number, []).append(line)
    given, *functions = ["\n".join(part).strip() for part in parts.values()]
    return given, dict(zip(list(parts)[1:], functions, strict=True))


def _id(task: Task, kind: str) -> str:
    """Return an id for the cell and nbgrader's gradebook, ``task-2-1-tests``; it must not change in a course."""
    return f"task-{task.number.replace('.', '-')}-{kind}"


def _text(name: str, source: str) -> dict:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": _lines(source)}


def _code(name: str, source: str, **nbgrader) -> dict:
    kind = {"grade": False, "grade_id": name, "locked": False, "schema_version": SCHEMA_VERSION, "solution": False,
            "task": False, **nbgrader}
    fixed = {"deletable": False} | ({"editable": False} if kind["locked"] else {})
    return {"cell_type": "code", "execution_count": None, "id": name, "metadata": {**fixed, "nbgrader": kind},
            "outputs": [], "source": _lines(source)}


def _lines(source: str) -> list[str]:
    return source.strip().splitlines(keepends=True)
