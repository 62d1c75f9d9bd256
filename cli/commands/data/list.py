"""minirearec data list."""

import json

import click

from minirearec_cli import options
from minirearec_cli.options import SectionCommand


@click.command("list", cls=SectionCommand, examples=("minirearec data list", "minirearec data list --json"))
@options.data_dir_option()
@options.json_option()
def command(data_dir, as_json):
    """List the data sets of the catalogue, and whether they are here."""
    from minirearec.data import data_folders
    from minirearec_cli import console
    from minirearec_cli.views import datasets

    found, folders = datasets.catalogue(data_dir), [str(folder) for folder in data_folders(data_dir)]
    if as_json:
        click.echo(json.dumps({"data_folders": folders, "datasets": found}, indent=2))
    else:
        datasets.show_catalogue(console.results(), found, folders)
