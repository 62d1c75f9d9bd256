"""minirearec data stats."""

import json

import click

from minirearec_cli import options
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place, Whole


@click.command("stats", cls=SectionCommand, examples=(
    "minirearec data stats beauty", "minirearec data stats my-histories.txt", "minirearec data stats ratings --json"))
@click.argument("dataset", metavar="NAME|PATH", type=Place())
@options.data_dir_option()
@option("--offline", section="Data", is_flag=True, help="do not try to download the data set")
@option("--seed", section="Data", type=Whole(min=0), default=0, metavar="INT",
        help="seed of a synthetic data set  [default: 0]")
@options.json_option()
def command(dataset, data_dir, offline, seed, as_json):
    """Describe a data set: sizes, ties, histories, popularity, features.

    Ties are interactions of one user at the same time: the file alone decides their order.
    """
    from minirearec.data.statistics import statistics
    from minirearec_cli import console
    from minirearec_cli.views import datasets, downloads

    found = statistics(downloads.load(dataset, data_dir, download=not offline, seed=seed))
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        datasets.show_statistics(console.results(), found)
