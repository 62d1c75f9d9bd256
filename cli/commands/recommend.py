"""minirearec recommend: the top items after a history, at every reasoning step side by side."""

import json

import click

from minirearec_cli import options
from minirearec_cli.options import SectionCommand, option


@click.command(cls=SectionCommand, examples=(
    "minirearec recommend runs/erl3 --user 42",
    "minirearec recommend runs/erl3 --history 12,7,9 -k 5",
    "minirearec recommend runs/erl3 --history 12 --keep-seen --json"))
@click.argument("run", type=click.Path())
@option("--user", section="Whom for (exactly one)", metavar="ID",
        help="a user of the data set, with the whole history it has there")
@option("--history", section="Whom for (exactly one)", metavar="ITEM,ITEM,...",
        help="item ids as in the data set, oldest first")
@option("-k", "k", section="What", type=click.IntRange(min=1), default=10, metavar="INT",
        help="how many items  [default: 10]")
@option("--keep-seen", section="What", is_flag=True, help="let items of the history be recommended again")
@options.data_dir_option("Data and machine")
@options.device_option("Data and machine")
@options.backend_option(None, "the one the run was trained with", "Data and machine")
@options.json_option()
@click.pass_context
def command(ctx, run, user, history, k, keep_seen, data_dir, device, backend, as_json):
    """Recommend the next items for a user of the data set or for a history."""
    if (user is None) == (history is None):
        raise click.UsageError("Give exactly one of --user and --history.", ctx)
    from minirearec.recommender import Recommender
    from minirearec_cli import console, downloads, lists

    with downloads.DownloadBar(console.notices()) as bar:
        model = Recommender.load(run, data_dir, device, backend, bar)
    if user is None:
        items = [parse_id(part.strip(), model.data.item_ids, "--history") for part in history.split(",")] \
            if history.strip() else []
    else:
        user = parse_id(user, model.data.user_ids, "--user")
        items = model.history_of(user)
    found = model.recommend(items, k, keep_seen)
    if as_json:
        click.echo(json.dumps({
            "run": str(run), "data": model.data.name, "synthetic": model.data.synthetic, "user": user,
            "history": items, "k": k, "keep_seen": keep_seen, "answer": model.answer,
            "recommendations": [vars(row) for row in found]}, indent=2))
    else:
        lists.show_recommendations(console.results(), model, user, items, found)


def parse_id(word: str, ids, name: str):
    """An id as the data set has it: a whole number, or text where its ids are text."""
    if ids.dtype.kind not in "iu":
        return word
    try:
        return int(word)
    except ValueError:
        raise click.BadParameter(f"{word!r} is not a whole number.", param_hint=repr(name)) from None
