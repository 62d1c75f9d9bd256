"""minirearec assignment: doing an assignment, checking it, and grading what students hand in."""

import importlib
import json
from pathlib import Path

import click

from minirearec_cli import options, text
from minirearec_cli.options import ExampleGroup, SectionCommand, option

NOT_ALL_RIGHT = 1  # exit code of check


class AssignmentGroup(ExampleGroup):
    """Knows ``release``, which is a module of its own, without importing it."""

    def list_commands(self, ctx):
        return [*super().list_commands(ctx), "release"]

    def get_command(self, ctx, name):
        if name == "release":
            return importlib.import_module("minirearec_cli.commands.assignment.release").command
        return super().get_command(ctx, name)


@click.group("assignment", cls=AssignmentGroup, examples=(
    "minirearec assignment list",
    "minirearec assignment start a2",
    "minirearec assignment check a2",
    "minirearec assignment grade a2 submissions --out grades.csv"))
def command():
    """Do an assignment, check it, and grade what students hand in.

    An assignment is a name of the list, or a folder with an assignment.toml. Submissions run in a process of their own,
    under limits of time, memory and file access.
    """


@command.command("list", cls=SectionCommand, examples=("minirearec assignment list",))
@options.json_option()
def list_assignments(as_json):
    """List the assignments with their points."""
    from minirearec_tutorials.grading.assignment.contents import assignments

    found = assignments()
    if as_json:
        click.echo(json.dumps([{
            "name": item.name, "title": item.title, "summary": item.summary, "topics": item.topics,
            "notebook": item.notebook, "points": item.points,
            "tasks": [{"number": task.number, "title": task.title, "function": task.function, "points": task.points}
                      for task in item.tasks]} for item in found.values()], indent=2))
        return
    from minirearec_cli import console
    from minirearec_cli.views.assignment.listing import show_list

    show_list(console.results(), found.values())
    if found:
        console.say(console.results(), f"Begin with: {text.command('assignment', 'start', next(iter(found)))}", "dim")


@command.command("start", cls=SectionCommand, examples=(
    "minirearec assignment start a2", "minirearec assignment start a2 --out homework/attention"))
@click.argument("name")
@option("--out", section="Output", type=click.Path(), metavar="DIR", help="the folder to make  [default: the name, here]")
@options.json_option()
def start(name, out, as_json):
    """Begin an assignment in a folder of its own.

    It gets the file to fill in, the text, and tests for pytest. A file that is there already is never overwritten.
    """
    from minirearec_tutorials.grading.assignment.contents import assignment
    from minirearec_tutorials.grading.assignment.starting import begin

    item = assignment(name)
    folder = Path(out or item.name)
    paths = begin(item, folder)
    if as_json:
        click.echo(json.dumps({"assignment": item.name, "folder": str(folder), "files": list(map(str, paths))}, indent=2))
        return
    from minirearec_cli import console

    for path in paths:
        console.say(console.results(), f"Made {path}")
    checking = ["assignment", "check", name] + (["--file", paths[0]] if out else [])
    console.say(console.results(), f"Read {paths[1]}, write the functions in {paths[0]}, then: {text.command(*checking)}")


@command.command("check", cls=SectionCommand, examples=(
    "minirearec assignment check a2", "minirearec assignment check a2 --task 2.3",
    "minirearec assignment check a2 --file homework/a2.py --json"))
@click.argument("name")
@option("--file", "file", section="Submission", type=click.Path(), metavar="FILE",
        help="your file  [default: NAME/NAME.py or NAME.py, whichever is here]")
@option("--task", "tasks", section="Submission", multiple=True, metavar="NUMBER",
        help="check this task only, and show its example too; may be given several times")
@options.json_option()
@click.pass_context
def check(ctx, name, file, tasks, as_json):
    """Check your own work.

    Shows the points and, for what fails, your output beside the expected one, or the smallest inputs that fail.

    Exit code: 0 when all tasks are passed, 1 when not, 2 when something could not be found.
    """
    from minirearec_cli import console, waiting
    from minirearec_tutorials.grading.assignment.contents import assignment
    from minirearec_tutorials.grading.assignment.starting import own_file

    item = assignment(name)
    path = own_file(item, file)
    with waiting.line(console.notices(), f"Starting {path}") as say:
        from minirearec_tutorials.grading.marking.grader import grade

        result = grade(item, path, only=tasks, on_task=lambda task: say(f"Checking {task.number} {task.title}"))
    if as_json:
        from minirearec_tutorials.grading.marking.report import as_dict

        click.echo(json.dumps({**as_dict(result), "file": str(path)}, indent=2))
    else:
        from minirearec_cli.views.assignment import scoreboard

        out = console.results()
        scoreboard.show(out, item, result, str(path), explain_all=bool(tasks))
        out.print()
        console.say(out, scoreboard.next_step(result))
    if result.problem or result.earned < result.points:
        ctx.exit(NOT_ALL_RIGHT)


@command.command("grade", cls=SectionCommand, examples=(
    "minirearec assignment grade a2 submissions --out grades.csv",
    "minirearec assignment grade a2 submissions --out grades.csv --jobs 8 --force"))
@click.argument("name")
@click.argument("folder", metavar="SUBMISSIONS", type=click.Path())
@option("--out", section="Output", required=True, type=click.Path(), metavar="FILE.csv",
        help="the table to make; a folder of the same name gets a page and Gradescope's results.json for each student")
@option("--force", section="Output", is_flag=True, help="replace an earlier grading")
@options.json_option()
@option("--jobs", section="Machine", type=click.IntRange(min=1), metavar="N",
        help="submissions at the same time  [default: 2, or 1 on one processor]")
def grade_submissions(name, folder, out, force, as_json, jobs):
    """Grade a folder of submissions.

    They are STUDENT/NAME.py, STUDENT.py or NAME_STUDENT.py. Every submission gets a line, whatever it does: a folder
    without the file is 0 points, with the reason.
    """
    from minirearec_cli import console
    from minirearec_cli.views.assignment import gradebook as grading
    from minirearec_tutorials.grading.assignment.contents import assignment

    item = assignment(name)
    grades, places = grading.grade_into(console.notices(), item, Path(folder), Path(out), jobs, force)
    if as_json:
        from minirearec_tutorials.grading.marking.report import as_dict

        click.echo(json.dumps({"assignment": item.name, **{key: str(path) for key, path in places.items()},
                               "grades": [as_dict(grade) for grade in grades]}, indent=2))
    else:
        grading.show(console.results(), item, grades, places)
