"""minirearec data import."""

import json
import os
from pathlib import Path

import click
from click.core import ParameterSource

from minirearec_cli import options
from minirearec_cli.commands.data import FORMATS, TEXTS
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Decimal, Place, Whole

SPLITS = ("leave-one-out", "time", "last-n")  # as in data.files.importing, which imports NumPy
WAYS = ("quantile", "span", "date")  # as in data.splits.in_time
COLUMNS = ("user", "item", "rating", "time", *TEXTS)
READ_WITH = {"cuts": ("split", "time"), "cut_by": ("split", "time"), "row_history": ("split", "time"),
             "unknown_items": ("split", "time"), "last_n": ("split", "last-n"), "tie_seed": ("ties", "shuffle")}
FILTERS = ("above", "ties", "tie_seed", "duplicates", "core", "min_history")


def column_option(role: str, what: str):
    """Make the option that names the column of a role."""
    none = "" if role in ("user", "item") else "; - for none"
    return option(f"--{role}-column", role, section="File", default="", metavar="NAME",
                  help=f"the column of {what}{none}  [default: found by name]")


def filter_option(*names, **kwargs):
    """Make an option in the section of the filters."""
    return option(*names, section="Filters, in this order", **kwargs)


def split_option(*names, **kwargs):
    """Make an option in the section of the split."""
    return option(*names, section="Split", **kwargs)


@click.command("import", cls=SectionCommand, examples=(
    "minirearec data import ratings.csv --above 3 --core 5",
    "minirearec data import events.jsonl.gz --user-column visitor --item-column sku --duplicates first",
    "minirearec data import ml-100k.inter --above 3 --core 5 --split time --cuts 0.8,0.9",
    "minirearec data import u.data --format tsv --columns user,item,rating,timestamp",
    "minirearec train --dataset ratings"))
@click.argument("file", type=Place())
@option("--out", section="Output", type=Place(), metavar="DIR",
        help="the directory to make  [default: the file's name without its endings, here]")
@option("--name", section="Output", metavar="NAME", help="what to call the data set  [default: the same]")
@options.json_option()
@option("--format", "kind", section="File", type=click.Choice(FORMATS), metavar="NAME",
        help=f"{', '.join(FORMATS)}  [default: what the file's name says; .gz is unpacked]")
@column_option("user", "the user")
@column_option("item", "the item")
@column_option("rating", "the rating")
@column_option("time", "the time, numbers or ISO dates")
@column_option("title", "the item's title")
@column_option("brand", "its brand")
@column_option("categories", "its categories or genres, separated by | or , or as the format says")
@column_option("description", "its description")
@column_option("price", "its price")
@column_option("year", "its year")
@column_option("attributes", "its attributes, separated in the same way")
@option("--columns", section="File", metavar="NAME,NAME,...",
        help="names of all columns, for a file without a header line")
@option("--items", section="File", type=Place(), metavar="FILE",
        help="a table with titles and other texts of items; either table may have the columns that you name  [default: "
             "the .item file beside an .inter file]")
@option("--items-column", "key", section="File", default="", metavar="NAME",
        help="the column of item ids in that table  [default: found by name]")
@filter_option("--above", type=Decimal(), metavar="X", help="keep only ratings above X")
@filter_option("--ties", type=click.Choice(("file", "shuffle")), default="file", metavar="RULE",
               help="order of one user's rows with the same time: file, the order of the file, or shuffle  "
                    "[default: file]")
@filter_option("--tie-seed", type=Whole(min=0), default=0, metavar="INT",
               help="seed of --ties shuffle  [default: 0]")
@filter_option("--duplicates", type=click.Choice(("keep", "first", "last")), default="keep", metavar="RULE",
               help="repeated rows of a user and an item: keep all, the first or the last in time  [default: keep]")
@filter_option("--core", type=Whole(min=0), default=0, metavar="K",
               help="keep users and items with at least K rows, repeated until none is left out  [default: 0]")
@filter_option("--min-history", type=Whole(min=0), default=3, metavar="N",
               help="keep users with at least N rows, repeated together with --core  [default: 3]")
@split_option("--split", type=click.Choice(SPLITS), default="leave-one-out", metavar="RULE",
              help=f"{', '.join(SPLITS)}  [default: leave-one-out]")
@split_option("--cuts", default="0.8,0.9", metavar="A,B",
              help="time: t <= A trains, A < t <= B validates, t > B tests  [default: 0.8,0.9]")
@split_option("--cut-by", type=click.Choice(WAYS), metavar="RULE",
              help="time: quantile of the interactions, span of the time between first and last, or date  "
                   "[default: quantile for two fractions, else date]")
@split_option("--row-history", type=Whole(min=1), default=1, metavar="N",
              help="time: rows need N items before the target; the paper has 5  [default: 1]")
@split_option("--unknown-items", is_flag=True, help="time: keep rows with items that training does not have")
@split_option("--last-n", type=Whole(min=1), default=1, metavar="N",
              help="last-n: each user's last N items test, the N before validate  [default: 1]")
def command(file, out, name, as_json, kind, items, **given):
    """Import a file of interactions as a data set of your own.

    Makes a compact directory that train and the other commands accept as a data set. Ids are kept as numbers
    if all are whole numbers, and as text otherwise. Every step reports what remains.
    """
    from minirearec.data.files.folder import refuse_existing, save
    from minirearec.data.files.importing import Filters, import_file, source_sha256
    from minirearec.data.splits import make_split
    from minirearec.data.statistics import known_of_items
    from minirearec_cli import console, text
    from minirearec_cli.views import datasets

    refuse_without_effect(given)
    notices, steps, taken = console.notices(), [], {}
    path = Path(out) if out else Path(Path(file).name.split(".")[0] or "imported")
    refuse_existing(path)

    def on_step(step):
        steps.append(vars(step))
        console.say(notices, datasets.step_line(step))

    def on_columns(found, others):
        taken.update(found)
        console.say(notices, datasets.columns_line(found, others))
        if "time" not in found:
            console.warn(notices, "No time", datasets.no_time(others, given["split"]))

    filters = {key: given[key] for key in FILTERS}
    data = import_file(file, kind, columns(given), Filters(**filters), split_rule(given), items, name or path.name,
                       on_step, on_columns)
    make_split(data)  # refuses histories that are too short, before anything is written
    for line in datasets.import_lines(data):
        console.say(notices, line)
    save(data, path, {"files": source_sha256([Path(os.path.expanduser(file))]),
                      "filters": {key: value for key, value in filters.items() if value is not None}})
    if as_json:
        click.echo(json.dumps({"path": str(path), "name": data.name, "sha256": data.sha256, "columns": taken,
                               "split": given["split"], "steps": steps, **known_of_items(data)}, indent=2))
    else:
        place = path if os.path.isabs(path) or os.sep in str(path) else f"./{path}"  # a bare name may be a card's
        console.say(console.results(), f"Imported {path}, split: {given['split']}")
        console.say(console.results(), f"Next: {text.command('train', '--dataset', place)}")


def refuse_without_effect(given: dict) -> None:
    """Raise a usage error for an option that the chosen split or order of ties does not read."""
    context = click.get_current_context()
    for name, (other, value) in READ_WITH.items():
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE and given[other] != value:
            shown, needed = (f"--{one.replace('_', '-')}" for one in (name, other))
            raise click.UsageError(f"{shown} has no effect without {needed} {value}. Add it, or leave {shown} out.")


def columns(given: dict):
    """Return the Columns of the options."""
    from minirearec.data.files.columns import Columns

    header = given["columns"] or ""
    return Columns(**{role: given[role] for role in (*COLUMNS, "key")},
                   header=tuple(column.strip() for column in header.split(",")) if header else ())


def split_rule(given: dict):
    """Return the SplitRule of the options; two fractions cut by quantile, anything else by date."""
    from minirearec.data.files.importing import SplitRule

    cuts = tuple(cut.strip() for cut in given["cuts"].split(","))
    by = given["cut_by"] or ("quantile" if all(map(_is_fraction, cuts)) else "date")
    return SplitRule(given["split"], cuts, by, given["row_history"], not given["unknown_items"], given["last_n"])


def _is_fraction(word: str) -> bool:
    try:
        return 0 < float(word) < 1
    except ValueError:
        return False
