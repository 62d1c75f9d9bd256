"""Show recommendations as a table with one column per reasoning step."""

from itertools import pairwise

import numpy as np
from rich.console import Console
from rich.table import Table

from minirearec.recommender import Recommendation, Recommender
from minirearec.text import one_line
from minirearec_cli import text
from minirearec_cli.console import plain_table, say
from minirearec_cli.tables import AROUND
from minirearec_cli.views.result_tables import ANSWER

LAST = 10  # items of the history to show
NEW = "+"  # before an item that the previous step did not have


def show_recommendations(console: Console, model: Recommender, user, history: list,
                         found: list[Recommendation]) -> None:
    """Show the history, then the lists of all steps, in as many tables as the width requires."""
    for line in history_lines(model, user, history):
        say(console, line)
    stamp = " (SYNTHETIC DATA)" if model.facts.synthetic else ""
    say(console, "")
    answer = next((row for row in found if row.row == model.answer), found[-1])
    known = model.items.titles
    if known is not None:
        say(console, f"Top {len(answer.items)}: {answer.row}{stamp}", "bold")
        console.print(answer_table(answer))
    if known is None or len(found) > 1:
        show_steps(console, model, found, stamp, below=known is not None)
    if known is None:
        say(console, f"{one_line(model.facts.name)} has no titles", "dim")
        return
    others = [item for item in (*history[-LAST:], *(item for row in found for item in row.items))
              if item not in answer.items]
    say(console, "")
    say(console, "Other titles", "bold")
    console.print(titles(model, known, others))


def show_steps(console: Console, model: Recommender, found: list[Recommendation], stamp: str, below: bool) -> None:
    """Show the lists of all steps side by side; ``below`` another table."""
    if below:
        say(console, "")
    say(console, f"Top {len(found[0].items)}: item and score{' at each step' * (len(found) > 1)}{stamp}", "bold")
    for number, table in enumerate(tables(model, found, console.width)):
        if number:
            say(console, "")
        console.print(table)
    if len(found) > 1:
        say(console, f"{ANSWER}the model's answer   {NEW} new since the previous step", "dim")


def answer_table(answer: Recommendation) -> Table:
    """Return the model's answer with titles."""
    table = plain_table()
    for name in ("", "item", "score"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("title")
    rows = zip(answer.items, answer.scores, answer.titles or [], strict=True)
    for rank, (item, score, title) in enumerate(rows, 1):
        table.add_row(str(rank), str(item), f"{score:.3f}", title)
    return table


def history_lines(model: Recommender, user, history: list) -> list[str]:
    """Say whose history it is, how much of it the model reads, and list its newest items."""
    data = text.data_name(vars(model.facts))
    whose = f"Given history (model trained on {data})" if user is None else \
        f"User {user} of {data}, full history, including the validation and test items"
    count = f"{len(history):,} item{'s' if len(history) > 1 else ''}"
    reads = model.scorer.max_length
    if len(history) > reads:
        count += f", of which the model reads the newest {reads}"
    earlier = f"({len(history) - LAST:,} earlier) ... " if len(history) > LAST else ""
    return [f"{whose}: {count}, oldest first", "  " + earlier + "  ".join(map(str, history[-LAST:]))]


def tables(model: Recommender, found: list[Recommendation], width: int) -> list[Table]:
    """Return the steps side by side, with as many columns per table as fit."""
    previous = {row.row: before for before, row in pairwise(found) if row.step is not None}
    columns = [(row.row, cells(row, previous.get(row.row))) for row in found]
    widest = max(len(cell) for name, column in columns for cell in [ANSWER + name, *column]) + AROUND
    rank = len(str(len(found[0].items))) + AROUND
    at_once = max(1, (width - rank) // widest)
    made = []
    for start in range(0, len(columns), at_once):
        table = plain_table()
        table.add_column("", justify="right", no_wrap=True)
        shown = columns[start:start + at_once]
        for name, _ in shown:
            answer = name == model.answer
            table.add_column(ANSWER + name if answer else name, justify="right", no_wrap=True,
                             style="bold" if answer else "")
        for rank, row in enumerate(zip(*(column for _, column in shown), strict=True), 1):
            table.add_row(str(rank), *row)
        made.append(table)
    return made


def cells(row: Recommendation, before: Recommendation | None) -> list[str]:
    """Return ``+ 1234  5.678`` for every item of a list, aligned."""
    scores = [f"{score:.3f}" for score in row.scores]
    wide, far = max((len(str(item)) for item in row.items), default=0), max(map(len, scores), default=0)
    marks = [" " if before is None or item in before.items else NEW for item in row.items]
    columns = zip(marks, row.items, scores, strict=True)
    return [f"{mark} {item!s:>{wide}}  {score:>{far}}" for mark, item, score in columns]


def titles(model: Recommender, known: np.ndarray, items: list) -> Table:
    """Return a table with the titles of the items shown."""
    table = plain_table()
    table.add_column("item", justify="right", no_wrap=True)
    table.add_column("title")
    distinct = list(dict.fromkeys(items))
    for item, index in zip(distinct, model.items.indices(distinct), strict=True):
        table.add_row(str(item), str(known[index]))
    return table
