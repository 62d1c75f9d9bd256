"""minirearec data info."""

import json

import click

from minirearec_cli import options
from minirearec_cli.options import SectionCommand


@click.command("info", cls=SectionCommand, examples=("minirearec data info yelp",))
@click.argument("name", shell_complete=options.complete_data)
@options.data_dir_option()
@options.json_option()
def command(name, data_dir, as_json):
    """Show a data set's card: size, split, source, licence, citation.

    The card also says how to get the data by hand. For data on this machine, the command counts titles, other texts and
    features, and items that lack or share features.
    """
    from minirearec.data import card
    from minirearec_cli import console
    from minirearec_cli.views import datasets

    found = {**datasets.facts(card(name), data_dir), **datasets.items_of(card(name), data_dir)}
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        datasets.show_card(console.results(), found)
