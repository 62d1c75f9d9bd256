"""How a submission did: the scoreboard of its tasks, then why each failed one failed."""

import numpy as np
from rich.console import Console, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from minirearec.text import printable
from minirearec_cli.views.assignment import grids
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.checks.explanation import call_text
from minirearec_tutorials.grading.checks.runner import Outcome
from minirearec_tutorials.grading.marking.grader import ERROR, FAILED, PASSED, UNWRITTEN, Grade, TaskResult
from minirearec_tutorials.grading.reporting.report import causes

STYLES = {PASSED: "green", FAILED: "red", ERROR: "red", UNWRITTEN: "dim"}
MARKS = {PASSED: "✓", FAILED: "✗", ERROR: "✗", UNWRITTEN: "·"}
PLAIN_MARKS = {PASSED: "+", FAILED: "x", ERROR: "x", UNWRITTEN: "."}
INDENT = 2
MOST_PRINTED = 12  # lines of a student's own output
LONGEST_LINE = 200


def show_scoreboard(console: Console, item: Assignment, grade: Grade, about: str = "", explain_all: bool = False,
                    hints: int = 1) -> None:
    """Show the scoreboard, and a section for every task that failed; with ``explain_all`` for every task.

    ``hints``: how many a section shows, from the first, which gives least away.
    """
    head = Table.grid(expand=True)
    head.add_column()
    head.add_column(justify="right", no_wrap=True)
    head.add_row(Text(f"Assignment {item.name}: {item.title}", "bold"),
                 Text(f"{grade.earned} of {grade.points} points",
                      "bold green" if grade.earned == grade.points else "bold"))
    console.print(head)
    if about:
        console.print(Text(printable(about), "dim"), soft_wrap=True)
    console.print()
    if grade.problem:
        console.print(Padding(Text(printable(grade.problem), "bold red"), (0, 0, 1, INDENT), expand=False))
    console.print(_board(console, grade))
    for task in grade.tasks:
        if (task.failure is not None and task.status != UNWRITTEN) or (explain_all and task.outcomes):
            console.print()
            _section(console, task, hints)
    if grade.output.strip():
        console.print()
        console.print(_rule("What it printed"))
        console.print(grids.indented(_printed(grade.output), INDENT))


def next_task(grade: Grade) -> TaskResult | None:
    """Return the task to look at next: one that fails, if possible not because of another; else one not written."""
    failing = [task for task in grade.tasks if task.status in (FAILED, ERROR)]
    unwritten = [task for task in grade.tasks if task.status == UNWRITTEN]
    own = [task for task in failing if not task.because]
    return next(iter([*own, *failing, *unwritten]), None)


def next_step(grade: Grade) -> str:
    """Say in one sentence what to do next."""
    if grade.problem:
        return "Nothing could be checked. Fix this first."
    task = next_task(grade)
    if task is None:
        return "Everything that was checked is right." if grade.tasks else ""
    return f"Next: task {task.number}, {task.title}"


def _board(console: Console, grade: Grade) -> Table:
    marks = PLAIN_MARKS if console.options.ascii_only else MARKS
    table = Table.grid(padding=(0, 2, 0, 0))
    for justify in ("left", "left", "left", "right", "left"):
        table.add_column(justify=justify, no_wrap=justify == "right")
    for task in grade.tasks:
        style = STYLES[task.status]
        table.add_row(Text(f"  {marks[task.status]}", style), Text(task.number, "bold"), Text(task.title),
                      Text(f"{task.earned}/{task.points}"), Text(_status(task), style))
    return table


def _status(task: TaskResult) -> str:
    """Return a task's status, with the tasks that it needs."""
    return f"{task.status}; needs {', '.join(task.because)}" if task.because and task.status != PASSED else task.status


def _section(console: Console, task: TaskResult, hints: int) -> None:
    console.print(_rule(f"{task.number}  {task.title}"))
    width = min(console.width, 120) - INDENT
    parts: list = []
    if task.failure is None:
        for outcome in task.outcomes:
            parts.append(Text(f"{outcome.check.about}", "green"))
        parts += ["", *_example(console, task.outcomes[0], width)]
    else:
        parts += _failure(console, task.failure, width)
    if task.because and task.status != PASSED:
        parts += ["", Text(causes(task), "magenta")]
    for hint in task.hints[:hints] if task.status != PASSED else ():
        parts += ["", Text.assemble(("Hint: ", "bold magenta"), hint)]
    console.print(Padding(Group(*parts), (0, 0, 0, INDENT), expand=False))


def _example(console: Console, outcome: Outcome, width: int) -> list:
    if outcome.call is None:
        return []
    return [_code(outcome.call, width), grids.single(_narrower(console), outcome.got, "your output, as expected")]


def _failure(console: Console, outcome: Outcome, width: int) -> list:
    if outcome.unwritten:
        return [Text(printable(outcome.message))]
    parts: list = [Text(printable(outcome.check.about), "bold"), Text(printable(outcome.message), "red"), ""]
    inputs = ", ".join(f"{name} = {printable(str(value))}" for name, value in outcome.drawn.items()
                       if isinstance(value, bool | int | float | str | np.generic))
    if outcome.drawn:
        parts.append(Text(f"smallest inputs that fail{': ' if inputs else ''}{inputs}", "dim"))
    if outcome.call is not None:
        parts.append(_code(outcome.call, width))
    if outcome.expected is not None:
        parts += ["", grids.compared(_narrower(console), outcome.got, outcome.expected)]
    elif outcome.got is not None:
        parts += ["", grids.single(_narrower(console), outcome.got, "your output")]
    return parts


def _narrower(console: Console) -> Console:
    """Return a console for measuring what will be moved to the right."""
    return Console(width=console.width - INDENT, file=console.file)


def _code(call: tuple, width: int) -> Syntax:
    text = call_text(call)
    return Syntax(printable(text if len(text) <= width else _in_lines(call, width)), "python", theme="ansi_dark",
                  background_color="default", word_wrap=True)


def _in_lines(call: tuple, width: int) -> str:
    """Write a long call with one argument per line, a long dict with one key, a long matrix with one row."""
    name, args, named = call
    lines = [_argument("    ", value, width) for value in args]
    lines += [_argument(f"    {key}=", value, width) for key, value in named.items()]
    return f"{name}(\n" + ",\n".join(lines) + ")"


def _argument(before: str, value, width: int) -> str:
    text = before + call_text(("", (value,), {}))[1:-1]  # call_text writes a call; the argument is wanted alone
    if len(text) < width:
        return text
    if isinstance(value, dict):
        inner = " " * (len(before) + 1)
        keys = [_argument(f"{inner}{key!r}: ", part, width) for key, part in value.items()]
        return f"{before}{{" + ",\n".join(keys).lstrip() + "}"
    start = text.find("np.array([[")
    return text.replace("], [", "],\n" + " " * (start + len("np.array([")) + "[") if start >= 0 else text


def _rule(title: str) -> Rule:
    return Rule(Text(title, "bold"), align="left", style="dim")


def _printed(output: str) -> Text:
    lines = printable(output).rstrip().splitlines()
    shown = [line if len(line) <= LONGEST_LINE else line[:LONGEST_LINE] + " ..." for line in lines[:MOST_PRINTED]]
    if len(lines) > MOST_PRINTED:
        shown.append(f"... and {len(lines) - MOST_PRINTED} more lines")
    return Text("\n".join(shown), "dim")
