"""minirearec data verify."""

import json

import click

from minirearec_cli import options
from minirearec_cli.options import SectionCommand
from minirearec_cli.param_types import Place


@click.command("verify", cls=SectionCommand, examples=(
    "minirearec data verify beauty", "minirearec data verify ratings", "minirearec data verify my-histories.txt"))
@click.argument("dataset", metavar="NAME|PATH", type=Place())
@options.data_dir_option()
@options.json_option()
def command(dataset, data_dir, as_json):
    """Check a data set's bytes, counts and split.

    Exit code: 0 when all is right, 2 when something is wrong.
    """
    from minirearec.data.catalogue.verify import verify
    from minirearec_cli import console

    lines = verify(dataset, data_dir)
    if as_json:
        click.echo(json.dumps({"dataset": dataset, "right": lines}, indent=2))
    else:
        for line in lines:
            console.say(console.results(), f"ok: {line}")
