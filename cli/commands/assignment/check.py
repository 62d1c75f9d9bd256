"""minirearec assignment check: points for your own work, and why a task fails."""

import json

import click

from minirearec_cli import options, text
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place, Whole

NOT_ALL_RIGHT = 1  # exit code


@click.command("check", cls=SectionCommand, examples=(
    "minirearec assignment check a2", "minirearec assignment check a2 --task 2.3",
    "minirearec assignment check a2 --file homework/a2.py --json"))
@click.argument("name", type=Place())
@option("--file", "file", section="Submission", type=Place(), metavar="FILE",
        help="your file, or your notebook  [default: NAME/NAME.py or NAME.py, whichever exists in the current folder]")
@option("--task", "tasks", section="Submission", multiple=True, metavar="NUMBER",
        help="check only this task, and show its example too; may be given several times")
@option("--hints", section="Submission", type=Whole(min=0, max=9), default=1, metavar="N",
        help="how many hints to show for each task that fails; each gives more away  [default: 1]")
@options.json_option()
@click.pass_context
def command(ctx, name, file, tasks, hints, as_json):
    """Check your own work.

    Shows your points and, for what fails, your output beside the expected one, or the smallest inputs that fail. A task
    that uses a function of another that fails says so: begin with the other.

    Exit code: 0 when all tasks pass, 1 when some fail, 2 when something was not found.
    """
    from minirearec_cli import console
    from minirearec_cli.views import waiting
    from minirearec_tutorials.grading.assignment.finding import assignment
    from minirearec_tutorials.grading.assignment.starting import own_file

    item = assignment(name)
    path = own_file(item, file)
    with waiting.line(console.notices(), f"Starting {path}") as say:
        from minirearec_tutorials.grading.marking.grader import grade

        result = grade(item, path, only=tasks, on_task=lambda task: say(f"Checking {task.number} {task.title}"))
    if as_json:
        from minirearec_tutorials.grading.reporting.report import as_dict

        click.echo(json.dumps({**as_dict(result), "file": str(path)}, indent=2))
    else:
        from minirearec_cli.views.assignment.scoreboard import next_step, next_task, show_scoreboard

        out = console.results()
        show_scoreboard(out, item, result, str(path), bool(tasks), hints)
        out.print()
        console.say(out, next_step(result))
        task = next_task(result)
        if task and not result.problem and hints < len(task.hints):
            words = ["check", name, *(["--file", file] if file else []), "--task", task.number, "--hints", hints + 1]
            console.say(out, f"For {'another' if hints else 'a'} hint: {text.command('assignment', *words)}", "dim")
    if result.problem or result.earned < result.points:
        ctx.exit(NOT_ALL_RIGHT)
