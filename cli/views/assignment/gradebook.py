"""Grading a folder of submissions: the table, a page and Gradescope's file for each student, and what is shown."""

import io
import json
import shutil
from html import escape
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text

from minirearec.errors import ConfigError
from minirearec_cli import waiting
from minirearec_cli.views.assignment import scoreboard
from minirearec_cli.console import say
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.marking.grader import Grade
from minirearec_tutorials.grading.marking.pool import JOBS, grade_all
from minirearec_tutorials.grading.marking.report import clean, csv_text, gradescope, page_names, write_whole
from minirearec_tutorials.grading.marking.submissions import submissions

MARK = "<!-- a grading by minirearec -->"  # in index.html: only a folder that has it is replaced
WIDTH = 100  # characters of a page
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font-family: sans-serif; margin: 2em; color: #111; background: #fff; }}
pre {{ font-family: Menlo, "DejaVu Sans Mono", Consolas, monospace; line-height: 1.3; }}
table {{ border-collapse: collapse; }} th, td {{ padding: 0.25em 0.9em; border-bottom: 1px solid #ddd; text-align: right; }}
th:first-child, td:first-child, td:last-child {{ text-align: left; }} .problem {{ color: #a00; }}
</style></head><body>
{mark}
{body}
</body></html>
"""


def grade_into(notices: Console, item: Assignment, folder: Path, out: Path, jobs: int | None,
               force: bool) -> tuple[list[Grade], dict[str, Path]]:
    """Grade all submissions and write ``out`` and the folder beside it; the grades, and where things are.

    Each student's page is there as soon as it is graded, the table at the end. Raises ConfigError before anything is
    graded when an earlier grading would be replaced without ``force``, or what is there is not one.
    """
    pages = out.with_suffix("")
    found, others = submissions(folder, item.name, (out, pages))
    _make_room(out, pages, force)
    names = dict(zip((one.student for one in found), page_names(one.student for one in found)))
    if others:
        say(notices, clean(f"Not taken for submissions: {', '.join(others)}"), "dim")
    graded: list[Grade] = []
    try:
        with waiting.bar(notices, f"Grading {item.name}", len(found)) as count:
            def done(grade: Grade) -> None:
                _write_student(item, grade, pages, names[grade.student])
                graded.append(grade)
                count()

            grades = grade_all(item, found, jobs or JOBS, done)
        write_whole(pages / "index.html", _index(item, grades, names))
        write_whole(out, csv_text(item, grades))
    except KeyboardInterrupt:
        say(notices, f"{len(graded)} of {len(found)} were graded; their pages are in {pages}. {out} was not written.")
        raise
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(error.filename or out)) from error
    return grades, {"table": out, "pages": pages / "index.html"}


def show(console: Console, item: Assignment, grades: list[Grade], places: dict[str, Path]) -> None:
    """A line for each student, and where things are."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1))
    table.add_column("student", overflow="fold")
    for task in item.tasks:
        table.add_column(f"{task.number}\n/{task.points}", justify="right", no_wrap=True)
    table.add_column(f"total\n/{item.points}", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for grade in grades:
        cells = [Text(str(task.earned), "green" if task.earned else "red") for task in grade.tasks]
        remark = Text(clean(grade.problem), "red") if grade.problem else Text(clean(grade.note), "yellow")
        table.add_row(Text(clean(grade.student)), *cells, Text(str(grade.earned), "bold"), remark)
    console.print(table)
    mean = sum(grade.earned for grade in grades) / len(grades)
    say(console, f"{len(grades)} submissions, on average {mean:.1f} of {item.points} points")
    say(console, f"Table: {places['table']}")
    say(console, f"Pages: {places['pages']}, and STUDENT/results.json for Gradescope beside it")


def _make_room(out: Path, pages: Path, force: bool) -> None:
    """An empty folder for the pages that says it is not finished, and no table."""
    if out.suffix != ".csv":
        raise ConfigError("the name of the table must end in .csv", str(out))
    there = [str(path) for path in (out, pages) if path.exists()]
    if there and not force:
        raise ConfigError(f"already there: {' and '.join(there)}", fix="Use --force to grade anew, or another --out.")
    index = pages / "index.html"
    try:
        if pages.exists():
            if not index.is_file() or MARK not in index.read_text(encoding="utf-8", errors="replace"):
                raise ConfigError("this folder is no earlier grading, so it is not replaced", str(pages), "Choose another --out.")
            shutil.rmtree(pages)
        out.unlink(missing_ok=True)
        pages.mkdir(parents=True)
        write_whole(index, _page("Not finished", "<p>This grading is under way, or was interrupted.</p>"))
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(error.filename or out)) from error


def _write_student(item: Assignment, grade: Grade, pages: Path, name: str) -> None:
    """The page of a student, drawn as ``check`` draws it, and results.json."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor",
                      legacy_windows=False, highlight=False, markup=False, emoji=False)
    scoreboard.show(console, item, grade, "; ".join(filter(None, [grade.student, grade.note])))
    drawn = console.export_html(theme=DEFAULT_TERMINAL_THEME, inline_styles=True, code_format="<pre>{code}</pre>")
    body = f'<p><a href="index.html">All students</a></p>\n{drawn}'
    write_whole(pages / f"{name}.html", _page(f"{item.name}: {grade.student}", body))
    (pages / name).mkdir(exist_ok=True)
    write_whole(pages / name / "results.json", json.dumps(gradescope(grade), indent=2) + "\n")


def _index(item: Assignment, grades: list[Grade], names: dict[str, str]) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in (
        "student", *(f"{task.number} (/{task.points})" for task in item.tasks), f"total (/{item.points})", ""))
    rows = []
    for grade in grades:
        link = f'<a href="{escape(names[grade.student])}.html">{escape(clean(grade.student))}</a>'
        cells = "".join(f"<td>{points}</td>" for points in (*(task.earned for task in grade.tasks), grade.earned))
        remark = escape(clean("; ".join(filter(None, [grade.problem, grade.note]))))
        rows.append(f'<tr><td>{link}</td>{cells}<td class="problem">{remark}</td></tr>')
    title = f"Assignment {item.name}: {item.title}"
    return _page(title, f"<h1>{escape(title)}</h1>\n<table><tr>{head}</tr>\n" + "\n".join(rows) + "\n</table>")


def _page(title: str, body: str) -> str:
    return PAGE.format(title=escape(clean(title)), mark=MARK, body=body)
