"""minirearec data: the catalogue of data sets, getting them, and bringing in your own."""

import json
from pathlib import Path

import click

from minirearec_cli import options
from minirearec_cli.options import ExampleGroup, SectionCommand, option

FORMATS = ("text", "csv", "tsv", "jsonl", "inter")  # as in data.exporting, which imports NumPy
SPLITS = ("leave-one-out", "time", "last-n")  # as in data.importing
WAYS = ("quantile", "span", "date")  # as in data.timesplit
EXAMPLES = (
    "minirearec data list",
    "minirearec data fetch beauty",
    "minirearec data import ratings.csv --above 3 --core 5",
    "minirearec data stats ratings")


@click.group("data", cls=ExampleGroup, examples=EXAMPLES)
def command():
    """List, get, describe, import, export and verify data sets.

    A data set is a name of the catalogue, a text file with lines 'user item item ...', or a directory that import or
    fetch has made.
    """


@command.command("list", cls=SectionCommand, examples=("minirearec data list", "minirearec data list --json"))
@options.data_dir_option()
@options.json_option()
def list_sets(data_dir, as_json):
    """List the data sets of the catalogue, and whether they are here."""
    from minirearec.data import data_folders
    from minirearec_cli import console, datasets

    found, folders = datasets.catalogue(data_dir), [str(folder) for folder in data_folders(data_dir)]
    if as_json:
        click.echo(json.dumps({"data_folders": folders, "datasets": found}, indent=2))
    else:
        datasets.show_catalogue(console.results(), found, folders)


@command.command("info", cls=SectionCommand, examples=("minirearec data info yelp",))
@click.argument("name")
@options.data_dir_option()
@options.json_option()
def info(name, data_dir, as_json):
    """Show a data set's card: size, split, source, licence, citation, and how to get it by hand."""
    from minirearec.data import card
    from minirearec_cli import console, datasets

    found = datasets.facts(card(name).name, data_dir)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        datasets.show_card(console.results(), found)


@command.command("fetch", cls=SectionCommand, examples=(
    "minirearec data fetch beauty", "minirearec data fetch video-games --data-dir ~/data"))
@click.argument("name")
@options.data_dir_option()
@option("--any-version", section="Data", is_flag=True,
        help="keep a set whose counts are not those of its card, under a name that says so")
@option("--quiet", section="Output", is_flag=True, help="no progress, only the place of the data set")
def fetch_set(name, data_dir, any_version, quiet):
    """Download a data set, unless it is here; print where it is.

    Mirrors are tried in turn, and what arrives is checked before it gets its name. After a broken connection the
    same command goes on where it ended. Proxies are taken from HTTPS_PROXY as usual.
    """
    from minirearec.data import card, data_folders, fetch, find
    from minirearec_cli import console, downloads

    notices, chosen = console.notices(), card(name)
    here = find(name, data_dir)
    if chosen.synthetic:
        console.say(console.results(), f"{name} is synthetic: it is generated when asked for, nothing is downloaded.")
        return
    folder = data_folders(data_dir)[0] if here is None else here.parent
    if not quiet and here is None:
        console.say(notices, f"Data folder: {folder}")
    with downloads.DownloadBar(notices, quiet) as bar:
        path = fetch(name, folder, bar, any_version)
    console.say(console.results(), str(path))


@command.command("stats", cls=SectionCommand, examples=(
    "minirearec data stats beauty", "minirearec data stats my-histories.txt", "minirearec data stats ratings --json"))
@click.argument("dataset", metavar="NAME|PATH")
@options.data_dir_option()
@option("--offline", section="Data", is_flag=True, help="do not try to download the data set")
@option("--seed", section="Data", type=int, default=0, metavar="INT", help="seed of a synthetic data set  [default: 0]")
@options.json_option()
def stats(dataset, data_dir, offline, seed, as_json):
    """Describe a data set: sizes, sparsity, tied timestamps, history lengths and popularity."""
    from minirearec.data import load
    from minirearec.data.statistics import statistics
    from minirearec_cli import console, datasets, downloads

    with downloads.DownloadBar(console.notices()) as bar:
        data = load(dataset, data_dir, download=not offline, progress=bar, seed=seed,
                    on_fallback=lambda story: console.warn(console.notices(), "Synthetic data", story))
    found = statistics(data)
    if as_json:
        click.echo(json.dumps(found, indent=2))
    else:
        datasets.show_statistics(console.results(), found)


@command.command("import", cls=SectionCommand, examples=(
    "minirearec data import ratings.csv --above 3 --core 5",
    "minirearec data import events.jsonl.gz --user-column visitor --item-column sku --duplicates first",
    "minirearec data import ml-100k.inter --above 3 --core 5 --split time --cuts 0.8,0.9",
    "minirearec data import u.data --format tsv --columns user,item,rating,timestamp",
    "minirearec train --dataset ratings"))
@click.argument("file", type=click.Path())
@option("--out", section="Output", type=click.Path(), metavar="DIR",
        help="the directory to make  [default: the file's name without its endings, here]")
@option("--name", section="Output", metavar="NAME", help="what to call the data set  [default: the same]")
@options.json_option()
@option("--format", "kind", section="File", type=click.Choice(FORMATS), metavar="NAME",
        help=f"{', '.join(FORMATS)}  [default: what the file's name says; .gz is unpacked]")
@option("--user-column", "user", section="File", default="", metavar="NAME", help="the column of the user  [default: found by name]")
@option("--item-column", "item", section="File", default="", metavar="NAME", help="the column of the item  [default: found by name]")
@option("--rating-column", "rating", section="File", default="", metavar="NAME",
        help="the column of the rating; - for none  [default: found by name]")
@option("--time-column", "time", section="File", default="", metavar="NAME",
        help="the column of the time, numbers or ISO dates; - for none  [default: found by name]")
@option("--title-column", "title", section="File", default="", metavar="NAME",
        help="the column of the item's title; - for none  [default: found by name]")
@option("--columns", section="File", metavar="NAME,NAME,...", help="names of all columns, for a file without a line of names")
@option("--items", section="File", type=click.Path(), metavar="FILE",
        help="a table with the titles of items  [default: the .item file beside an .inter file]")
@option("--above", section="Filters, in this order", type=float, metavar="X", help="keep ratings above X only")
@option("--ties", section="Filters, in this order", type=click.Choice(("file", "shuffle")), default="file", metavar="RULE",
        help="order of one user's rows with the same time: file, as they stand in the file, or shuffle  [default: file]")
@option("--tie-seed", section="Filters, in this order", type=click.IntRange(min=0), default=0, metavar="INT",
        help="seed of --ties shuffle  [default: 0]")
@option("--duplicates", section="Filters, in this order", type=click.Choice(("keep", "first", "last")), default="keep",
        metavar="RULE", help="rows of one user with one item: keep them all, or the first or last in time  [default: keep]")
@option("--core", section="Filters, in this order", type=click.IntRange(min=0), default=0, metavar="K",
        help="users and items have at least K rows, to a fixed point  [default: 0]")
@option("--min-history", section="Filters, in this order", type=click.IntRange(min=0), default=3, metavar="N",
        help="users have at least N rows, to the same fixed point  [default: 3]")
@option("--split", "split", section="Split", type=click.Choice(SPLITS), default="leave-one-out", metavar="RULE",
        help=f"{', '.join(SPLITS)}  [default: leave-one-out]")
@option("--cuts", section="Split", default="0.8,0.9", metavar="A,B",
        help="time: t <= A trains, A < t <= B validates, t > B tests  [default: 0.8,0.9]")
@option("--cut-by", section="Split", type=click.Choice(WAYS), metavar="RULE",
        help="time: quantile of the interactions, span of the time between first and last, or date  "
             "[default: quantile for two fractions, else date]")
@option("--row-history", section="Split", type=click.IntRange(min=1), default=1, metavar="N",
        help="time: rows need N items before the target; the paper has 5  [default: 1]")
@option("--unknown-items", section="Split", is_flag=True, help="time: keep rows with items that training does not have")
@option("--last-n", section="Split", type=click.IntRange(min=1), default=1, metavar="N",
        help="last-n: each user's last N items test, the N before validate  [default: 1]")
def import_set(file, out, name, as_json, kind, columns, items, split, cuts, cut_by, row_history, unknown_items, last_n,
               **given):
    """Import a file of interactions: a compact directory that train and the other commands take as a data set.

    Ids are text, or numbers where all are whole. Nothing is left out silently: every step says what it left.
    """
    from minirearec.data.files.columns import Columns
    from minirearec.data.files.importing import Filters, SplitRule, import_file, source_sha256
    from minirearec.data.files.folder import refuse_existing, save
    from minirearec_cli import console, datasets, text

    notices, steps = console.notices(), []
    path = Path(out) if out else Path(Path(file).name.split(".")[0] or "imported")
    refuse_existing(path)

    def on_step(step):
        steps.append(vars(step))
        console.say(notices, datasets.step_line(step))

    header = tuple(column.strip() for column in columns.split(",")) if columns else ()
    data = import_file(
        file, kind, Columns(**{role: given[role] for role in ("user", "item", "rating", "time", "title")}, header=header),
        Filters(**{key: given[key] for key in ("above", "ties", "tie_seed", "duplicates", "core", "min_history")}),
        split_rule(SplitRule, split, cuts, cut_by, row_history, unknown_items, last_n), items, name or path.name, on_step)
    save(data, path, {"files": source_sha256([Path(file).expanduser()]), "filters": {
        key: given[key] for key in ("above", "ties", "tie_seed", "duplicates", "core", "min_history")
        if given[key] is not None}})
    if as_json:
        click.echo(json.dumps({"path": str(path), "name": data.name, "sha256": data.sha256, "steps": steps}, indent=2))
    else:
        console.say(console.results(), f"Imported {path}")
        console.say(console.results(), f"Next: {text.command('train', '--dataset', f'./{path}' if out is None else path)}")


def split_rule(kind, split, cuts, cut_by, row_history, unknown_items, last_n):
    """The SplitRule of the options; two fractions cut by quantile, anything else by date."""
    words = tuple(cut.strip() for cut in cuts.split(","))
    if cut_by is None:
        cut_by = "quantile" if all(_is_fraction(word) for word in words) else "date"
    return kind(split, words, cut_by, row_history, not unknown_items, last_n)


def _is_fraction(word: str) -> bool:
    try:
        return 0 < float(word) < 1
    except ValueError:
        return False


@command.command("export", cls=SectionCommand, examples=(
    "minirearec data export beauty --out beauty.inter", "minirearec data export ratings --out ratings.csv.gz"))
@click.argument("dataset", metavar="NAME|PATH")
@option("--out", section="Output", required=True, type=click.Path(), metavar="FILE", help="the file to make")
@option("--format", "kind", section="Output", type=click.Choice(FORMATS), metavar="NAME",
        help=f"{', '.join(FORMATS)}  [default: what the name of --out says]")
@options.data_dir_option()
def export_set(dataset, out, kind, data_dir):
    """Export a data set: users, items, and times and titles where known; oldest first."""
    from minirearec.data import load
    from minirearec.data.files.exporting import export
    from minirearec.data.files.tables import kind_of
    from minirearec_cli import console, downloads

    kind = kind or ("text" if Path(out).suffix == ".txt" else kind_of(Path(out)))
    with downloads.DownloadBar(console.notices()) as bar:
        data = load(dataset, data_dir, progress=bar,
                    on_fallback=lambda story: console.warn(console.notices(), "Synthetic data", story))
    console.say(console.results(), str(export(data, out, kind)))


@command.command("verify", cls=SectionCommand, examples=(
    "minirearec data verify beauty", "minirearec data verify ratings", "minirearec data verify my-histories.txt"))
@click.argument("dataset", metavar="NAME|PATH")
@options.data_dir_option()
@options.json_option()
def verify_set(dataset, data_dir, as_json):
    """Check a data set's bytes, counts and split; exit code 2 when something is wrong."""
    from minirearec.data.catalogue.verify import verify
    from minirearec_cli import console

    lines = verify(dataset, data_dir)
    if as_json:
        click.echo(json.dumps({"dataset": dataset, "right": lines}, indent=2))
    else:
        for line in lines:
            console.say(console.results(), f"right: {line}")
