"""minirearec tutorial: list, open and copy the notebooks."""

import json
import subprocess
import sys
from importlib.util import find_spec

import click

from minirearec_cli.options import ExampleGroup, SectionCommand, json_option, option
from minirearec_cli.param_types import Place, Whole

FOLDER = "minirearec-tutorials"


@click.group("tutorial", cls=ExampleGroup, examples=(
    "minirearec tutorial list", "minirearec tutorial open 0", "minirearec tutorial copy my-notebooks"))
def command():
    """List, open and copy the tutorial notebooks.

    Each notebook runs in less than three minutes on two cores and needs no network.
    """


@command.command("list", cls=SectionCommand, examples=("minirearec tutorial list",))
@json_option()
def list_tutorials(as_json):
    """List the notebooks in the order to read them."""
    from minirearec_cli import console, text
    from minirearec_tutorials.notebooks import tutorials

    found = tutorials()
    if as_json:
        click.echo(json.dumps([{"number": one.number, "title": one.title, "source": str(one.source),
                                "notebook": str(one.rendered)} for one in found], indent=2))
        return
    out = console.results()
    for one in found:
        console.say(out, f"{one.number:>2}  {one.title}")
    console.say(out, f"Read one with: {text.command('tutorial', 'open', 0)}", "dim")


@command.command("open", cls=SectionCommand, examples=("minirearec tutorial open 4",))
@click.argument("number", type=Whole())
@option("--folder", section="Output", default=FOLDER, type=Place(), metavar="DIR",
        help=f"folder for your copy  [default: {FOLDER}]")
def open_tutorial(number, folder):
    """Open your own copy of a notebook in JupyterLab; make the copy first if there is none."""
    from minirearec.errors import MiniReaRecError
    from minirearec.extras import install
    from minirearec_cli import console
    from minirearec_tutorials.notebooks import copy, tutorial

    path, _ = copy(tutorial(number), folder)
    if find_spec("jupyterlab") is None:
        raise MiniReaRecError("JupyterLab is not installed", f"tutorial {number}",
                              f"Open {path} in any notebook viewer, or run: {install('tutorials')}")
    console.say(console.results(), str(path))
    raise click.exceptions.Exit(subprocess.run([sys.executable, "-m", "jupyterlab", str(path)]).returncode)


@command.command("copy", cls=SectionCommand, examples=("minirearec tutorial copy my-notebooks",))
@click.argument("folder", metavar="DIR", type=Place())
def copy_tutorials(folder):
    """Copy all notebooks, with their outputs, into a folder. Existing files are kept."""
    from minirearec_cli import console
    from minirearec_tutorials.notebooks import copy, tutorials

    for found in tutorials():
        path, copied = copy(found, folder)
        console.say(console.results(), f"{path}{'' if copied else '  (already there, kept)'}")
