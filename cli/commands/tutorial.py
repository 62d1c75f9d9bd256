"""minirearec tutorial: the notebooks."""

import json
import subprocess
import sys
from importlib.util import find_spec

import click

from minirearec_cli.options import ExampleGroup, SectionCommand, json_option, option

FOLDER = "minirearec-tutorials"


@click.group("tutorial", cls=ExampleGroup, examples=(
    "minirearec tutorial list", "minirearec tutorial open 0", "minirearec tutorial copy my-notebooks"))
def command():
    """List, open and copy the tutorial notebooks.

    Each takes under three minutes to run on two cores, and needs no network.
    """


@command.command("list", cls=SectionCommand, examples=("minirearec tutorial list",))
@json_option()
def list_tutorials(as_json):
    """List the notebooks, in the order in which they build on each other."""
    from minirearec_cli import console
    from minirearec_tutorials.notebooks import tutorials

    found = tutorials()
    if as_json:
        click.echo(json.dumps([{"number": one.number, "title": one.title, "source": str(one.source),
                                "notebook": str(one.rendered)} for one in found], indent=2))
        return
    out = console.results()
    for one in found:
        console.say(out, f"{one.number:>2}  {one.title}")
    console.say(out, "Read one with: minirearec tutorial open NUMBER", "dim")


@command.command("open", cls=SectionCommand, examples=("minirearec tutorial open 4",))
@click.argument("number", type=int)
@option("--folder", section="Output", default=FOLDER, metavar="DIR", help=f"where your copy is kept  [default: {FOLDER}]")
def open_tutorial(number, folder):
    """Open a notebook in JupyterLab: your own copy, which is made unless you have one."""
    from minirearec.errors import MiniReaRecError
    from minirearec_cli import console
    from minirearec_tutorials.notebooks import copy, tutorial

    path, _ = copy(tutorial(number), folder)
    if find_spec("jupyterlab") is None:
        raise MiniReaRecError("JupyterLab is not installed", f"tutorial {number}",
                              f"Run: pip install 'minirearec[tutorials]', or open {path} with any program that shows notebooks.")
    console.say(console.results(), str(path))
    raise click.exceptions.Exit(subprocess.run([sys.executable, "-m", "jupyterlab", str(path)]).returncode)


@command.command("copy", cls=SectionCommand, examples=("minirearec tutorial copy my-notebooks",))
@click.argument("folder", metavar="DIR")
def copy_tutorials(folder):
    """Copy all notebooks, with their outputs, into a folder. A file that is there already is left as it is."""
    from minirearec_cli import console
    from minirearec_tutorials.notebooks import copy, tutorials

    for found in tutorials():
        path, copied = copy(found, folder)
        console.say(console.results(), f"{path}{'' if copied else '  (was there, left as it is)'}")
