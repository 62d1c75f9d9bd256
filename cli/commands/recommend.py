"""minirearec recommend: show the top items for a history, with all reasoning steps side by side."""

import json
import sys

import click

from minirearec_cli import options
from minirearec_cli.options import WHOLE, Place, SectionCommand, Whole, option

MOST = 20  # titles to choose from


@click.command(cls=SectionCommand, examples=(
    "minirearec recommend runs/erl3 --user 42",
    "minirearec recommend runs/erl3 --history 12,7,9 -k 5 --answer-only",
    "minirearec recommend runs/films --title matrix --title jumanji",
    "minirearec recommend runs/erl3 --history 12 --keep-seen --json"))
@click.argument("run", type=Place())
@option("--user", section="Recommend for (choose one)", metavar="ID",
        help="a user in the data set, with their full history")
@option("--history", section="Recommend for (choose one)", metavar="ITEM,ITEM,...",
        help="item ids from the data set, oldest first")
@option("--title", "wanted", section="Recommend for (choose one)", multiple=True, metavar="WORDS",
        help="words of an item's title; repeatable, added to the history in this order")
@option("-k", "k", section="What", type=Whole(min=1), default=10, metavar="INT",
        help="number of items to recommend  [default: 10]")
@option("--keep-seen", section="What", is_flag=True, help="allow items from the history to be recommended again")
@option("--answer-only", section="What", is_flag=True, help="only the model's answer, without the other steps")
@options.data_dir_option("Data and machine")
@options.plugin_option("Data and machine")
@options.device_option("Data and machine")
@options.backend_option(None, "the backend of the run", "Data and machine")
@options.json_option()
@click.pass_context
def command(ctx, run, user, history, wanted, k, keep_seen, answer_only, data_dir, device, backend, as_json):
    """Recommend the next items for a user in the data set or for a given history.

    --history and --title need the run alone: it holds its items. --user needs the data set too.
    """
    if (user is None) == (history is None and not wanted):
        raise click.UsageError("Give either --user or --history (or --title), and not both.", ctx)
    from minirearec.recommender import Recommender
    from minirearec_cli import console
    from minirearec_cli.views import downloads, recommendations

    with downloads.DownloadBar(console.notices()) as bar:
        model = Recommender.load(run, data_dir, device, backend, bar)
        if user is not None:
            user = parse_id(user, model.load_data().user_ids, "--user")
            items = model.history_of(user)
    if user is None:
        items = [parse_id(part.strip(), model.items.ids, "--history") for part in (history or "").split(",")] \
            if (history or "").strip() else []
        items += [choose(model.items, words) for words in wanted]
    found = model.recommend(items, k, keep_seen)
    shown = [found.answer] if answer_only else found
    if as_json:
        click.echo(json.dumps({
            "run": str(run), "data": model.facts.name, "synthetic": model.facts.synthetic, "user": user,
            "history": items, "k": k, "keep_seen": keep_seen, "answer": model.answer,
            "recommendations": [vars(row) for row in shown]}, indent=2))
    else:
        recommendations.show_recommendations(console.results(), model, user, items, shown)


def choose(items, words: str):
    """Return the id of the item whose title has these words; where several fit, ask on a terminal, else raise."""
    from minirearec.errors import HistoryError
    from minirearec.text import one_line

    found = items.search(words)
    titles = [f"{items.ids[index]}  {one_line(str(items.titles[index]))}" for index in found]
    if len(found) == 1:
        return items.ids[found[0]].item()
    listed = [f"{number}. {title}" for number, title in enumerate(titles[:MOST], 1)]
    more = [f"... and {len(found) - MOST} more"] if len(found) > MOST else []
    if not sys.stdin.isatty():
        raise HistoryError(f"{len(found)} titles have {words!r}: {'; '.join([*titles[:MOST], *more])}", "--title",
                           "Give more words, or the id with --history.")
    click.echo("\n".join([f"Titles with {words!r}:", *listed, *more]), err=True)
    number = click.prompt("Which one", type=Whole(min=1, max=len(listed)), err=True)
    return items.ids[found[number - 1]].item()


def parse_id(word: str, ids, name: str):
    """Return the id in the type of the data set: a whole number, or text if its ids are text."""
    if ids.dtype.kind not in "iu":
        return word
    if not WHOLE.fullmatch(word):
        raise click.BadParameter(f"{word!r} is not a whole number.", param_hint=repr(name))
    return int(word)
