"""minirearec data export."""

from pathlib import Path

import click

from minirearec_cli import options
from minirearec_cli.commands.data import FORMATS
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place


@click.command("export", cls=SectionCommand, examples=(
    "minirearec data export beauty --out beauty.inter", "minirearec data export ratings --out ratings.csv.gz"))
@click.argument("dataset", metavar="NAME|PATH", type=Place())
@option("--out", section="Output", required=True, type=Place(), metavar="FILE", help="the file to make")
@option("--format", "kind", section="Output", type=click.Choice(FORMATS), metavar="NAME",
        help=f"{', '.join(FORMATS)}  [default: what the name of --out says]")
@options.data_dir_option()
def command(dataset, out, kind, data_dir):
    """Export a data set to a file that other tools read.

    It holds users, items, and times and titles where known; oldest first.
    """
    from minirearec.data.files.exporting import export
    from minirearec.data.files.rows import kind_of
    from minirearec_cli import console
    from minirearec_cli.views import downloads

    kind = kind or kind_of(Path(out))
    console.say(console.results(), str(export(downloads.load(dataset, data_dir), out, kind)))
