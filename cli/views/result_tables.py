"""Draw the tables of results from the content of results.json, fresh or read back."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from minirearec.config import TRAIN, TRAIN_AND_VALIDATION
from minirearec.evaluation.full_ranking import NULL_ORACLE, ORACLE, UPPER_LIMITS
from minirearec.evaluation.published import reference_points
from minirearec.text import one_line
from minirearec_cli import text
from minirearec_cli.console import plain_table, say

METRICS = ("Recall@10", "Recall@20", "NDCG@10", "NDCG@20", "MRR@10")
FIRST_CHOICE = ("Recall@10", "NDCG@10", "NDCG@20", "Recall@20", "MRR@10")  # what a narrow terminal shows
FEWEST = 3
COLUMN = 9  # width of a metric in characters, including padding
ROW_NAME = 22
SEEN = {"0": "never", "1 to 5": "1 to 5 times", "more": "more often"}  # groups of seen_in_training
PARTS = {"test": "Test", "valid": "Validation"}
ANSWER = "> "  # before the row that is the model's answer
FITTED = {TRAIN: "train", TRAIN_AND_VALIDATION: "both", "": "?"}  # in the table of reference points


def show_training(console: Console, results: dict, path: Path, verified: bool = True, example: Sequence[str] = (),
                  metrics: Sequence[str] = ()) -> None:
    """Show the tables of a training, then what to know and what to do next.

    ``verified`` and ``metrics``: see ``show_results``. ``example``: for whom the run could recommend.
    """
    if console.is_terminal:
        console.print()  # below the last frame of the live view
    show_results(console, results, verified=verified, metrics=metrics)
    console.print()
    if results["epochs"]:
        settings = results["settings"]["training"]
        ended = f"; stopped after {results['reason']}" if results["epochs"] < settings["epochs"] else ""
        refit = f"; then refit for {text.epochs(results['best_epoch'])}" if settings.get("refit") else ""
        say(console, f"Best epoch: {results['best_epoch']} of {results['epochs']}{ended}{refit}.")
    say(console, f"Training took {text.duration(results['seconds'])} (test evaluation excluded).")
    say(console, f"Run: {path}")
    say(console, f"Next: {text.command('recommend', path, *example) if example else text.command('evaluate', path)}")


def show_results(console: Console, results: dict, part: str = "test", verified: bool = True,
                 metrics: Sequence[str] = ()) -> None:
    """Show the metrics of a part, those of rarely seen targets and, for the test part of Beauty.txt, reference points.

    ``verified``: the sha256 of the data in the results is known to be true; otherwise there are no reference points.
    ``metrics``: those to show; without them, as many of the usual ones as fit.
    """
    evaluation = results[part]
    console.print(evaluation_tables(results, part, console.width, metrics))
    if ORACLE in evaluation["excluded"]:
        say(console, f"{ANSWER}the model's answer; step 0: the same checkpoint at K = 0", "dim")
        say(console, "  oracle: each user's best step, chosen after the fact with the target known;", "dim")
        say(console, "  an upper limit for choosing among the steps, not a result of the model", "dim")
    if NULL_ORACLE in evaluation["excluded"]:
        say(console, "  null oracle: the best of as many copies at K = 0 that differ only by dropout", "dim")
    if "blend" in results:
        weighted = " + ".join(f"{weight:.2f} x {name}" for name, weight in results["blend"]["weights"].items())
        weighted = weighted.replace("+ -", "- ")
        say(console, f"  blend: {weighted}, fitted on validation", "dim")
    if "gate" in results:
        gate = results["gate"]
        weighted = " + ".join(f"{weight:.2f} x {name}" for name, weight in gate["shares"].items())
        say(console, f"  {gate['row']}: on average {weighted}, fitted on validation", "dim")
        say(console, realised_line(gate["realised"], gate["null_realised"], gate["best_fixed"]), "dim")
    groups = evaluation.get("seen_in_training", {})  # earlier results lack them
    if groups.keys() - {"more"}:
        console.print()
        say(console, "By how often training saw the target, seen items excluded", "bold")
        console.print(seen_table(groups, console.width, metrics))
    points = reference_points(results["data"]["sha256"])
    if part == "test" and points and verified:
        console.print()
        say(console, "Reference points on Beauty.txt", "bold")
        console.print(reference_table(results, points))
        say(console, "  both: train and validation; out: seen items are left out of the ranking", "dim")
        say(console, "  ?: not known, as in most papers. Compare like with like", "dim")


def realised_line(realised: float | None, null: float | None, best_fixed: str) -> str:
    """Say what share of the oracle's gain is realised, and what the null oracle has of it."""
    own, other = ("-" if value is None else f"{value:.0%}" for value in (realised, null))
    return f"  {own} of the oracle's gain over {best_fixed} in NDCG@20; null oracle: {other}"


def evaluation_tables(results: dict, part: str, width: int, asked: Sequence[str] = ()):
    """Return the tables with seen items excluded and kept, side by side if they fit, one row per step."""
    evaluation, data = results[part], results["data"]
    users, targets = evaluation["users"], evaluation["targets"]
    of = f"{users:,} users" if users == targets else f"{targets:,} targets of {users:,} users"
    title = Text(f"{PARTS[part]} metrics on {text.data_name(data)}, {of}", "bold")
    fitted = Text(f"fitted on {results.get('fitted_on', TRAIN)}", "dim")  # earlier results do not say it
    beside = width >= ROW_NAME + 2 * (sum(map(column_width, asked)) if asked else FEWEST * COLUMN)
    fit = max(FEWEST, (width - ROW_NAME) // (2 * COLUMN)) if beside else \
        max(1, min(FEWEST, (width - ROW_NAME) // COLUMN))
    metrics = asked or [name for name in METRICS if name in FIRST_CHOICE[:fit]]
    tables = [metrics_table(evaluation, seen, metrics, named=seen == "excluded" or not beside)
              for seen in ("excluded", "kept")]
    if beside:
        grid = Table.grid(padding=(0, 1))
        grid.add_row(*tables)
        tables = [grid]
    return Group(title, fitted, *tables)


def column_width(metric: str) -> int:
    """Return the width of a column in characters, including padding."""
    return max(COLUMN, len(metric.partition("@")[0]) + 3)


def metrics_table(evaluation: dict, seen: str, metrics: Sequence[str], named: bool) -> Table:
    """Return a table with one row per step; ``named`` adds a column with the name of the step."""
    table = plain_table(title=f"seen items {seen}", title_style="", title_justify="right")
    if named:
        table.add_column("", no_wrap=True, min_width=ROW_NAME - 4)
    for name in metrics:
        least = len(str(table.title)) if len(metrics) == 1 else None  # so that the title stays one line
        table.add_column(name.replace("@", "\n@"), justify="right", no_wrap=True, min_width=least)
    for row, values in evaluation[seen].items():
        answer = row == evaluation["answer"]
        label = [(ANSWER if answer else "  ") + row] if named else []
        style = "bold" if answer else "dim" if row in UPPER_LIMITS else ""
        table.add_row(*label, *(text.figure(values[name]) if name in values else "-" for name in metrics),
                      style=style)
    return table


def seen_table(groups: dict, width: int, asked: Sequence[str] = ()) -> Table:
    """Return a table with one row per group: how many targets it has, and the answer's metrics for them.

    Metrics of lists do not depend on targets: without others, the usual ones are shown.
    """
    fit = max(1, (width - ROW_NAME) // COLUMN - 1)
    known = next(iter(groups.values()))["excluded"]
    metrics = [name for name in asked if name in known] or [name for name in METRICS if name in FIRST_CHOICE[:fit]]
    table = plain_table()
    table.add_column("seen in training", no_wrap=True)
    for name in ("targets", *metrics):
        table.add_column(name.replace("@", "\n@"), justify="right", no_wrap=True)
    for name, label in SEEN.items():
        if name in groups:
            values = groups[name]["excluded"]
            table.add_row(label, f"{groups[name]['targets']:,}", *(text.figure(values[metric]) for metric in metrics))
    return table


def reference_table(results: dict, points) -> Table:
    """Return a table of published figures and this run, sorted by NDCG@10; below each model is its source."""
    ours = {results["test"]["answer"]: (text.model_name(results), "this run")}
    if "blend" in results:
        ours[results["blend"]["row"]] = "blend", f"this run with {', '.join(list(results['blend']['weights'])[1:])}"
    rows = [(max(point.ndcg_at_10), point.model, point.source, _range(point.recall_at_10), _range(point.ndcg_at_10),
             FITTED[point.fitted_on], "out" if point.excluded else "?", "") for point in points]
    for row, (name, source) in ours.items():
        values = results["test"]["excluded"][row]
        rows.append((values["NDCG@10"], ANSWER + name, source, text.figure(values["Recall@10"]),
                     text.figure(values["NDCG@10"]), FITTED[results.get("fitted_on", TRAIN)], "out", "bold"))
    table = plain_table()
    table.add_column("model", overflow="fold")
    for name in ("Recall\n@10", "NDCG\n@10"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("fitted", "seen"):
        table.add_column(name, no_wrap=True)
    for _, model, source, *cells, style in sorted(rows, key=lambda row: row[0]):
        named = Text.assemble((one_line(model), style), "\n", (f" {one_line(source)}", "dim"))
        table.add_row(named, *(Text(cell, style) for cell in cells))
    return table


def _range(values: tuple[float, ...]) -> str:
    return "-\n".join(map(text.figure, values)) or "-"
