"""minirearec info: show versions, devices, folders and data sets."""

import json

import click

from minirearec_cli import options
from minirearec_cli.options import SectionCommand


@click.command(cls=SectionCommand, examples=("minirearec info", "minirearec info --data-dir ~/data --json"))
@options.data_dir_option()
@options.json_option()
def command(data_dir, as_json):
    """Show versions, devices, folders and data sets."""
    from minirearec_cli import console
    from minirearec_cli.views import installation

    facts = installation.facts(data_dir)
    if as_json:
        click.echo(json.dumps(facts, indent=2))
    else:
        installation.show(console.results(), facts)
