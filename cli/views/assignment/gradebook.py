"""Grade a folder of submissions into a table, pages and Gradescope's files, and show the grades."""

import json
import shutil
from pathlib import Path

from rich.console import Console
from rich.text import Text

from minirearec.atomic import write_bytes
from minirearec.errors import ConfigError
from minirearec.text import printable
from minirearec_cli.console import plain_table, say
from minirearec_cli.views import waiting
from minirearec_cli.views.assignment import pages
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.marking.grader import Grade
from minirearec_tutorials.grading.marking.pool import JOBS, grade_all
from minirearec_tutorials.grading.marking.report import csv_text, gradescope, page_names
from minirearec_tutorials.grading.marking.submissions import submissions


def grade_into(notices: Console, item: Assignment, folder: Path, out: Path, jobs: int | None,
               force: bool) -> tuple[list[Grade], dict[str, Path]]:
    """Grade all submissions, write ``out`` and the folder beside it, and return the grades and where they are.

    Each student's page is written as soon as it is graded, the table at the end. Raises ConfigError, before anything is
    graded, when ``force`` is missing to replace an earlier grading, and for a folder that is not an earlier grading.
    """
    pages_folder = out.with_suffix("")
    found, others = submissions(folder, item.name, (out, pages_folder))
    _make_room(out, pages_folder, force)
    students = [one.student for one in found]
    names = dict(zip(students, page_names(students), strict=True))
    if others:
        say(notices, printable(f"Ignored, not a submission: {', '.join(others)}"), "dim")
    graded: list[Grade] = []
    try:
        with waiting.bar(notices, f"Grading {item.name}", len(found)) as count:
            def done(grade: Grade) -> None:
                _write_student(item, grade, pages_folder, names[grade.student])
                graded.append(grade)
                count()

            grades = grade_all(item, found, jobs or JOBS, done)
        write_bytes(pages_folder / "index.html", pages.index_page(item, grades, names).encode())
        write_bytes(out, csv_text(item, grades).encode())
    except KeyboardInterrupt:
        say(notices, f"{len(graded)} of {len(found)} were graded; their pages are in {pages_folder}. "
                     f"{out} was not written.")
        raise
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(error.filename or out)) from error
    return grades, {"table": out, "pages": pages_folder / "index.html"}


def show_grades(console: Console, item: Assignment, grades: list[Grade], places: dict[str, Path]) -> None:
    """Show a line for each student, and where the table and the pages are."""
    table = plain_table()
    table.add_column("student", overflow="fold")
    for task in item.tasks:
        table.add_column(f"{task.number}\n/{task.points}", justify="right", no_wrap=True)
    table.add_column(f"total\n/{item.points}", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for grade in grades:
        cells = [Text(str(task.earned), "green" if task.earned else "red") for task in grade.tasks]
        remark = Text(printable(grade.problem), "red") if grade.problem else Text(printable(grade.note), "yellow")
        table.add_row(Text(printable(grade.student)), *cells, Text(str(grade.earned), "bold"), remark)
    console.print(table)
    mean = sum(grade.earned for grade in grades) / len(grades)
    how_many = "1 submission" if len(grades) == 1 else f"{len(grades)} submissions"
    say(console, f"{how_many}, on average {mean:.1f} of {item.points} points")
    say(console, f"Table: {places['table']}")
    say(console, f"Pages: {places['pages']}, with STUDENT/results.json for Gradescope beside it")


def _make_room(out: Path, pages_folder: Path, force: bool) -> None:
    """Make an empty folder for the pages, with an index that says "not finished", and remove an earlier table."""
    if out.suffix != ".csv":
        raise ConfigError("the name of the table must end in .csv", str(out))
    there = [str(path) for path in (out, pages_folder) if path.exists()]
    if there and not force:
        raise ConfigError(f"already there: {' and '.join(there)}",
                          fix="Use --force to grade again, or choose another --out.")
    index = pages_folder / "index.html"
    try:
        if pages_folder.exists():
            if not index.is_file() or pages.MARK not in index.read_text(encoding="utf-8", errors="replace"):
                raise ConfigError("this folder is not an earlier grading, so it is not replaced", str(pages_folder),
                                  "Choose another --out.")
            shutil.rmtree(pages_folder)
        out.unlink(missing_ok=True)
        pages_folder.mkdir(parents=True)
        write_bytes(index, pages.unfinished_page().encode())
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(error.filename or out)) from error


def _write_student(item: Assignment, grade: Grade, folder: Path, name: str) -> None:
    """Write the page of a student, drawn as ``check`` draws it, and results.json."""
    write_bytes(folder / f"{name}.html", pages.student_page(item, grade).encode())
    (folder / name).mkdir(exist_ok=True)
    write_bytes(folder / name / "results.json", (json.dumps(gradescope(grade), indent=2) + "\n").encode())
