"""minirearec recommend: show the top items for a history, with all reasoning steps side by side."""

import json
import sys

import click
from click.core import ParameterSource

from minirearec_cli import options
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import WHOLE, Place, Whole

MOST = 20  # titles to choose from


@click.command(cls=SectionCommand, examples=(
    "minirearec recommend runs/erl3 --user 42",
    "minirearec recommend runs/erl3 --history 12,7,9 -k 5 --answer-only",
    "minirearec recommend runs/films --title matrix --title jumanji",
    "minirearec recommend runs/erl3 --history 12 --keep-seen --json",
    "minirearec recommend runs/erl3 --users all -o lists.csv",
    "minirearec recommend runs/erl3 --histories new.txt -k 20 -o lists.jsonl"))
@click.argument("run", type=Place())
@option("--user", section="Recommend for (choose one)", metavar="ID",
        help="a user in the data set, with their full history")
@option("--history", section="Recommend for (choose one)", metavar="ITEM,ITEM,...",
        help="item ids from the data set, oldest first")
@option("--title", "wanted", section="Recommend for (choose one)", multiple=True, metavar="WORDS",
        help="words of an item's title; repeatable, added to the history in this order")
@option("--users", section="Recommend for (choose one)", metavar="all|FILE",
        help="all users in the data set, or those in a file with one id per line; needs --out")
@option("--histories", section="Recommend for (choose one)", type=Place(dir_okay=False), metavar="FILE",
        help="a file with lines of the form: user item item ...; needs --out")
@option("-o", "--out", section="Output", type=Place(), metavar="FILE",
        help="with --users and --histories: a new .csv, .jsonl or .parquet file, for the model's answer")
@option("-k", "k", section="What", type=Whole(min=1), default=10, metavar="INT",
        help="number of items to recommend  [default: 10]")
@option("--keep-seen", section="What", is_flag=True, help="allow items from the history to be recommended again")
@option("--answer-only", section="What", is_flag=True, help="only the model's answer, without the other steps")
@options.data_dir_option("Data and machine")
@options.plugin_option("Data and machine")
@options.device_option("Data and machine")
@options.backend_option(None, "numpy for one list; the backend of the run for many, and with --device or --plugin",
                        "Data and machine")
@options.json_option()
@click.pass_context
def command(ctx, run, as_json, **given):
    """Recommend the next items for a user in the data set or for a given history.

    --history, --title and --histories need only the run: it holds its items. --user and --users also need the data set.
    """
    many = check_whom(ctx, given)
    from minirearec.recommender import Recommender
    from minirearec_cli import console
    from minirearec_cli.views import downloads

    with downloads.DownloadBar(console.notices()) as bar:
        model = Recommender.load(run, given["data_dir"], given["device"], given["backend"] or usual(ctx, many), bar)
        if given["users"] is not None or given["user"] is not None:
            model.load_data()
    k, keep_seen = given["k"], given["keep_seen"]
    if many:
        write_all(model, given["users"], given["histories"], given["out"], k, keep_seen, as_json)
    else:
        show_one(run, model, given["user"], given["history"], given["wanted"], k, keep_seen, given["answer_only"],
                 as_json)


def check_whom(ctx, given) -> bool:
    """Return whether lists for many are asked for. Raises a usage error for more than one choice, and for none."""
    names = {"--user": given["user"] is not None, "--history": given["history"] is not None or given["wanted"],
             "--users": given["users"] is not None, "--histories": given["histories"] is not None}
    chosen = [name for name, value in names.items() if value]
    if len(chosen) != 1:
        raise click.UsageError("Give either --user or --history (or --title), or for many --users or --histories, "
                               "and only one.", ctx)
    many = chosen[0] in ("--users", "--histories")
    if many != (given["out"] is not None):
        raise click.UsageError("--users and --histories need --out, and --user, --history and --title take none.", ctx)
    return many


def usual(ctx, many: bool) -> str | None:
    """Return the backend where none is chosen: NumPy for one list, since importing PyTorch takes longer than the rest.

    None is the backend of the run: for many lists, for a chosen device, and for plugins, which may lack a NumPy twin.
    """
    unchosen = all(ctx.get_parameter_source(name) is ParameterSource.DEFAULT for name in ("device", "plugins"))
    return "numpy" if unchosen and not many else None


def show_one(run, model, user, history, wanted, k, keep_seen, answer_only, as_json) -> None:
    """Show or print the recommendations for a user or a history."""
    from minirearec_cli import console
    from minirearec_cli.views import recommendations

    if user is not None:
        user = parse_id(user, model.load_data().user_ids, "--user")
        items = model.history_of(user)
    else:
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


def write_all(model, users, histories, out, k, keep_seen, as_json) -> None:
    """Write the lists of many users to a file, and show how far it is."""
    from minirearec.lists import histories_of, read_histories, read_users, recommend_all, write_lists
    from minirearec_cli import console
    from minirearec_cli.views import waiting

    if histories is not None:
        source, total = read_histories(histories, model), None
    else:
        chosen = None if users == "all" else read_users(users, model.load_data().user_ids)
        source, total = histories_of(model, chosen), model.load_data().n_users if chosen is None else len(chosen)
    items = model.items
    titles = None if items.titles is None else dict(zip(items.ids.tolist(), items.titles, strict=True))
    with waiting.bar(console.notices(), "Recommending", total) as one_more:
        def counted():
            for found in recommend_all(model, source, k, keep_seen):
                one_more()
                yield found

        count = write_lists(out, counted(), titles)
    if as_json:
        click.echo(json.dumps({"file": str(out), "users": count, "k": k, "keep_seen": keep_seen,
                               "answer": model.answer}, indent=2))
    else:
        console.say(console.results(), f"Wrote {out}: the top {k} for {count:,} user{'s' * (count != 1)}, of "
                                       f"{model.answer}.")


def parse_id(word: str, ids, name: str):
    """Return the id in the type of the data set: a whole number, or text if its ids are text."""
    if ids.dtype.kind not in "iu":
        return word
    if not WHOLE.fullmatch(word):
        raise click.BadParameter(f"{word!r} is not a whole number.", param_hint=repr(name))
    return int(word)
