"""minirearec assignment list: the assignments with their points."""

import json

import click

from minirearec_cli import options, text
from minirearec_cli.options import SectionCommand


@click.command("list", cls=SectionCommand, examples=("minirearec assignment list",))
@options.json_option()
def command(as_json):
    """List the assignments with their points."""
    from minirearec_tutorials.grading.assignment.finding import assignments

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
        console.say(console.results(), f"Start with: {text.command('assignment', 'start', next(iter(found)))}", "dim")
