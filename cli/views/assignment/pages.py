"""A grading as web pages: an index with a line for each student, and a page for each student."""

import io
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader
from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME

from minirearec.text import printable
from minirearec_cli.views.assignment.scoreboard import show_scoreboard
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.marking.grader import Grade
from minirearec_tutorials.grading.reporting.similarity import Pair
from minirearec_tutorials.grading.reporting.statistics import TaskStatistics

MARK = "<!-- a grading by minirearec -->"  # in index.html: only a folder that has it is replaced
WIDTH = 100  # characters of a page
TEMPLATES = Environment(loader=PackageLoader("minirearec_cli.views.assignment"), autoescape=True, trim_blocks=True,
                        lstrip_blocks=True, keep_trailing_newline=True)
TEMPLATES.filters["printable"] = printable


def unfinished_page() -> str:
    """Return the index of a grading that is still running, or was interrupted."""
    return _render("unfinished.html")


def index_page(item: Assignment, grades: list[Grade], names: dict[str, str],
               statistics: Sequence[TaskStatistics] = (), pairs: Sequence[Pair] | None = None) -> str:
    """Return the table of all students, each linked to the page of that name, and how the class did in each task."""
    return _render("index.html", item=item, grades=grades, names=names, statistics=statistics, pairs=pairs)


def similar_page(item: Assignment, pairs: Sequence[Pair]) -> str:
    """Return the submissions that are alike, side by side, with the lines that are alike marked."""
    sides = [(pair, [[(number, line, number in lines) for number, line in enumerate(text.splitlines(), 1)]
                     for text, lines in zip(pair.texts, pair.lines, strict=True)]) for pair in pairs]
    return _render("similar.html", item=item, sides=sides)


def student_page(item: Assignment, grade: Grade) -> str:
    """Return the page of a student: what ``check`` would show on a terminal, as HTML."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor",
                      legacy_windows=False, highlight=False, markup=False, emoji=False)
    show_scoreboard(console, item, grade, "; ".join(filter(None, [grade.student, grade.note])))
    drawn = console.export_html(theme=DEFAULT_TERMINAL_THEME, inline_styles=True, code_format="<pre>{code}</pre>")
    return _render("student.html", item=item, grade=grade, drawn=drawn)


def _render(template: str, **values) -> str:
    return TEMPLATES.get_template(template).render(mark=MARK, **values)
