"""minirearec assignment start: an assignment in a folder of its own."""

import json
from pathlib import Path

import click

from minirearec_cli import options, text
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place


@click.command("start", cls=SectionCommand, examples=(
    "minirearec assignment start a2", "minirearec assignment start a2 --out homework/attention"))
@click.argument("name", type=Place())
@option("--out", section="Output", type=Place(), metavar="DIR",
        help="the folder to make  [default: the assignment's name, in the current folder]")
@options.json_option()
def command(name, out, as_json):
    """Start an assignment in a folder of its own.

    The folder gets the file to fill in, the text, and tests to run. Existing files are never overwritten.
    """
    from minirearec_tutorials.grading.assignment.finding import assignment
    from minirearec_tutorials.grading.assignment.starting import start

    item = assignment(name)
    folder = Path(out or item.name)
    paths = start(item, folder)
    if as_json:
        click.echo(json.dumps({"assignment": item.name, "folder": str(folder), "files": [str(path) for path in paths]},
                              indent=2))
        return
    from minirearec_cli.console import results, say

    for path in paths:
        say(results(), f"Made {path}")
    checking = text.command("assignment", "check", name, *(["--file", paths[0]] if out else []))
    say(results(), f"Read {paths[1]}, write the functions in {paths[0]}, then run: {checking}")
