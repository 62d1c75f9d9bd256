"""Show a grading on the terminal: a line for each student, how the class did, and where the files are."""

from rich.console import Console
from rich.text import Text

from minirearec.text import printable
from minirearec_cli.console import plain_table, say
from minirearec_cli.views.assignment.grade_files import Graded
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.reporting.statistics import TaskStatistics

WORDS = {"moodle": "For Moodle, as a grading worksheet", "canvas": "For Canvas, as a gradebook",
         "names": "Who is who, for you only", "similar": "Similar code side by side"}
MOST_PAIRS = 10


def show_grades(console: Console, item: Assignment, graded: Graded) -> None:
    """Show a line for each student, the statistics of each task, similar pairs, and where the files are."""
    grades, places = graded.grades, graded.places
    late = any(grade.deducted for grade in grades)
    table = plain_table()
    table.add_column("student", overflow="fold")
    for task in item.tasks:
        table.add_column(f"{task.number}\n/{task.points}", justify="right", no_wrap=True)
    for title in ["late"] * late + [f"total\n/{item.points}"]:
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for grade in grades:
        cells = [Text(str(task.earned), "" if task.earned else "red") for task in grade.tasks]
        cells += [Text(f"{-grade.deducted:g}" if grade.deducted else "", "red")] * late
        remark = Text(printable(grade.problem), "red") if grade.problem else Text(printable(grade.note), "magenta")
        table.add_row(Text(printable(grade.student)), *cells, Text(str(grade.earned), "bold"), remark)
    console.print(table)
    mean = sum(grade.earned for grade in grades) / len(grades)
    how_many = "1 submission" if len(grades) == 1 else f"{len(grades)} submissions"
    say(console, f"{how_many}, on average {mean:.1f} of {item.points} points")
    console.print()
    _show_statistics(console, graded.statistics)
    for pair in (graded.pairs or [])[:MOST_PAIRS]:
        say(console, f"Similar, {100 * pair.share:.0f} %: {' and '.join(pair.students)}", "magenta")
    if graded.pairs == []:
        say(console, "No two submissions are similar.")
    say(console, f"Table: {places['table']}")
    say(console, f"Pages: {places['pages']}, with STUDENT/results.json for Gradescope beside it")
    for kind, words in WORDS.items():
        if kind in places:
            say(console, f"{words}: {places[kind]}")


def _show_statistics(console: Console, statistics: list[TaskStatistics]) -> None:
    """Show for each task how many were right, and the commonest mistake."""
    table = plain_table()
    for title in ("task", "right", "wrong", "not\n written"):
        table.add_column(title, justify="left" if title == "task" else "right", no_wrap=True)
    table.add_column("commonest mistake", overflow="fold")
    for one in statistics:
        commonest = f"{one.mistakes[0][0]} x {one.mistakes[0][1]}" if one.mistakes else ""
        table.add_row(one.task.number, str(one.passed), str(one.wrong), str(one.unwritten), Text(commonest))
    console.print(table)
    console.print()
