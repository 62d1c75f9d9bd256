"""minirearec recommend: show the top items for a history, with all reasoning steps side by side."""

import json

import click

from minirearec_cli import options
from minirearec_cli.options import WHOLE, Place, SectionCommand, Whole, option


@click.command(cls=SectionCommand, examples=(
    "minirearec recommend runs/erl3 --user 42",
    "minirearec recommend runs/erl3 --history 12,7,9 -k 5",
    "minirearec recommend runs/erl3 --history 12 --keep-seen --json",
    "minirearec recommend runs/erl3 --users all -o lists.csv",
    "minirearec recommend runs/erl3 --histories new.txt -k 20 -o lists.jsonl"))
@click.argument("run", type=Place())
@option("--user", section="Recommend for (choose one)", metavar="ID",
        help="a user in the data set, with their full history")
@option("--history", section="Recommend for (choose one)", metavar="ITEM,ITEM,...",
        help="item ids from the data set, oldest first")
@option("--users", section="Recommend for (choose one)", metavar="all|FILE",
        help="all users in the data set, or those in a file with one id per line; needs --out")
@option("--histories", section="Recommend for (choose one)", type=Place(dir_okay=False), metavar="FILE",
        help="a file with lines of the form: user item item ...; needs --out")
@option("-o", "--out", section="Output", type=Place(), metavar="FILE",
        help="with --users and --histories: a new .csv, .jsonl or .parquet file, for the model's answer")
@option("-k", "k", section="What", type=Whole(min=1), default=10, metavar="INT",
        help="number of items to recommend  [default: 10]")
@option("--keep-seen", section="What", is_flag=True, help="allow items from the history to be recommended again")
@options.data_dir_option("Data and machine")
@options.plugin_option("Data and machine")
@options.device_option("Data and machine")
@options.backend_option(None, "the backend of the run", "Data and machine")
@options.json_option()
@click.pass_context
def command(ctx, run, user, history, users, histories, out, k, keep_seen, data_dir, device, backend, as_json):
    """Recommend the next items for a user in the data set or for a given history.

    --history and --histories need the run alone: it holds its items. --user and --users need the data set too.
    """
    given = [name for name, value in (("--user", user), ("--history", history), ("--users", users),
                                      ("--histories", histories)) if value is not None]
    if len(given) != 1:
        raise click.UsageError("Give either --user or --history, or for many --users or --histories, and only one.",
                               ctx)
    if (given[0] in ("--users", "--histories")) != (out is not None):
        raise click.UsageError("--users and --histories need --out, and --user and --history take none.", ctx)
    from minirearec.recommender import Recommender
    from minirearec_cli import console
    from minirearec_cli.views import downloads, recommendations

    with downloads.DownloadBar(console.notices()) as bar:
        model = Recommender.load(run, data_dir, device, backend, bar)
        if users is not None:
            model.load_data()
        if user is not None:
            user = parse_id(user, model.load_data().user_ids, "--user")
            items = model.history_of(user)
    if out is not None:
        write_all(model, users, histories, out, k, keep_seen, as_json)
        return
    if user is None:
        items = [parse_id(part.strip(), model.items.ids, "--history") for part in history.split(",")] \
            if history.strip() else []
    found = model.recommend(items, k, keep_seen)
    if as_json:
        click.echo(json.dumps({
            "run": str(run), "data": model.facts.name, "synthetic": model.facts.synthetic, "user": user,
            "history": items, "k": k, "keep_seen": keep_seen, "answer": model.answer,
            "recommendations": [vars(row) for row in found]}, indent=2))
    else:
        recommendations.show_recommendations(console.results(), model, user, items, found)


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
