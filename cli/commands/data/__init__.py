"""minirearec data: the catalogue of data sets, getting them, and importing your own."""

import click

from minirearec_cli.groups import LazyGroup

FORMATS = ("text", "csv", "tsv", "jsonl", "inter")  # as in data.files.exporting, which imports NumPy
TEXTS = ("title", "brand", "categories", "description", "price", "year", "attributes")  # as in data.files.columns
COMMANDS = {
    "list": "List the data sets of the catalogue, and whether they are here.",
    "info": "Show a data set's card: size, split, source, licence, citation.",
    "fetch": "Download a data set, unless it is here; print where it is.",
    "stats": "Describe a data set: sizes, ties, histories, popularity, features.",
    "import": "Import a file of interactions as a data set of your own.",
    "features": "Make vectors of items from titles, attributes or a file.",
    "export": "Export a data set to a file that other tools read.",
    "verify": "Check a data set's bytes, counts and split.",
}


@click.group("data", cls=LazyGroup, package=__name__, lines=COMMANDS, examples=(
    "minirearec data list",
    "minirearec data fetch beauty",
    "minirearec data import ratings.csv --above 3 --core 5",
    "minirearec data stats ratings"))
def command():
    """List, get, describe, import, export and verify data sets.

    A data set is a name from the catalogue, a text file with lines 'user item item ...', or a directory made by import
    or fetch.
    """
