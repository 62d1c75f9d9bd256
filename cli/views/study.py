"""Draw a study: its list, its tables at the terminal and in Markdown, and what its plots show."""

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import Any

from rich.console import Console

from minirearec.analysis.comparing import LEVEL
from minirearec.events import SELECTION
from minirearec.studies import PRESETS
from minirearec.studies.tables import Line, StudyResult
from minirearec.studies.views import BEST_DEPTH
from minirearec.text import one_line
from minirearec_cli import text
from minirearec_cli.console import plain_table, say
from minirearec_cli.views import svg
from minirearec_cli.views.report.figures import chart

SHOWN = ("Recall@10", "NDCG@10", "NDCG@20")
COURSE = ("best epoch", "epochs", "seconds an epoch", "time", "lost", "most lost")  # values that are not of thinking
SHARES = ("realised", "null realised", "time")
COUNTS = ("epoch", "epochs", "depth", "milliseconds")  # the last words of values with one decimal that are no metrics
HEAD = 12  # characters of a line in the head of a column
WORDS = ("row", "variant", "fitted on")  # columns of words


def listed() -> list[dict[str, Any]]:
    """Return the name, the number of rows and the question of every study that comes with the library."""
    studies = {name: make() for name, make in PRESETS.items()}
    return [{"study": name, "rows": len(one.rows), "question": one.question} for name, one in studies.items()]


def show_list(console: Console) -> None:
    """Show the names and questions of the studies that come with the library."""
    table = plain_table()
    table.add_column("study", no_wrap=True)
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("question")
    for one in listed():
        table.add_row(*map(str, one.values()))
    console.print(table)
    say(console, "Start one with: " + text.command("study", "ladder", "--quick"), "dim")


def show_study(console: Console, found: StudyResult) -> None:
    """Show the metrics of all lines, their differences, and what else their view measures."""
    say(console, found.question, "bold")
    say(console, f"Test part of {text.data_name(found.data)}, seen items excluded, means over seeds")
    for title, rows in tables(found).items():
        console.print()
        say(console, title, "bold")
        table = plain_table()
        for name in rows[0]:
            table.add_column("\n ".join(wrap(name, HEAD)), justify="left" if name in WORDS else "right",
                             no_wrap=name not in WORDS)
        for row in rows:
            table.add_row(*row.values())
        console.print(table)
    for note in notes(found):
        say(console, f"  {note}", "dim")


def tables(found: StudyResult) -> dict[str, list[dict[str, str]]]:
    """Return the tables by title, with every figure as text; those without a figure are left out."""
    lines, bases = found.lines, dict.fromkeys(line.base for line in found.lines if line.difference)
    valid = [name for name in dict.fromkeys((SELECTION, found.metric)) if any(name in line.valid for line in lines)]
    test = [name for name in dict.fromkeys((*SHOWN, found.metric)) if name in lines[0].test]
    parts = {
        "Metrics": [{"row": line.name, "fitted on": line.fitted_on, "seeds": str(len(line.seeds)),
                     **{f"valid {name}": figure(line.valid.get(name)) for name in valid},
                     **{name: figure(line.test.get(name)) for name in test}} for line in lines],
        **{f"Difference of {found.metric} from {base}": [change(line) for line in lines if line.difference
                                                         and line.base == base] for base in bases},
        f"Thinking ({found.metric})": values(lines, lambda name: name not in COURSE),
        "Course": values(lines, COURSE.__contains__),
        "Tried on validation with the first seed": [
            {"row": one["row"], "variant": words(one["variant"]), SELECTION: figure(one["validation"]),
             "chosen": "yes" * one["chosen"]} for one in found.tried]}
    return {title: rows for title, rows in parts.items() if rows}


def change(line: Line) -> dict[str, str]:
    """Return the difference of a line from its base."""
    assert line.difference is not None
    one, mean = line.difference, line.difference.difference
    claim = f"{'better' if mean.value > 0 else 'worse'}{', one seed' * one.verdict.endswith('seeds')}" * one.claimed
    return {"row": line.name, "difference": f"{mean.value:+.4f}",
            "95 % interval": f"{mean.low:+.4f} to {mean.high:+.4f}", "p (Holm)": f"{one.holm:.4f}", "claim": claim}


def values(lines: Sequence[Line], chosen: Callable[[str], bool]) -> list[dict[str, str]]:
    """Return a row for each line that has any of the chosen values."""
    names = list(dict.fromkeys(name for line in lines for name in line.values if chosen(name)))
    return [{"row": line.name, **{name: value(name, line.values.get(name)) for name in names}} for line in lines
            if names and line.values.keys() & names]


def figure(number: float | None) -> str:
    """Return a metric, or nothing."""
    return "" if number is None else text.figure(number)


def value(name: str, number: float | None) -> str:
    """Return a value of a view in its unit."""
    if number is None:
        return ""
    if name in SHARES:
        return f"{number:.0%}"
    return f"{number:.1f}" if name.split()[-1] in COUNTS and name != BEST_DEPTH else text.figure(number)


def words(settings: dict[str, Any]) -> str:
    """Return ``dropout 0.2, steps 1``."""
    return ", ".join(f"{name.replace('_', '-')} {one}" for name, one in settings.items())


def notes(found: StudyResult) -> list[str]:
    """Return what a reader has to know about the tables."""
    count = sum(line.difference is not None for line in found.lines)
    lines = [] if found.finished else ["some runs are missing: the same command without --show trains them"]
    if count:
        lines.append("paired bootstrap over users, seeds folded together; "
                     f"Holm's correction for {count}, level {LEVEL:g}")
    if any("realised" in line.values for line in found.lines):
        lines += ["oracle: each user's best step, chosen after the fact; null oracle: the best of as many copies of "
                  "the model at K = 0 that differ by dropout",
                  "realised: (row - best fixed depth) / (oracle - best fixed depth); validation chooses the depth"]
    if any("milliseconds" in line.values for line in found.lines):
        lines.append("milliseconds: states and scores of 256 histories, none computed beyond its stop")
    return lines


def markdown(found: StudyResult, remark: str) -> str:
    """Return the tables as a Markdown page."""
    data = found.data
    page = [f"# Study: {cell(found.name)}", cell(found.question), *([f"**{remark}**"] if remark else []),
            f"{cell(text.data_name(data))}, sha256 `{data['sha256'][:12]}`, {data['users']:,} users, "
            f"{data['items']:,} items. Test part, seen items excluded, means over seeds."]
    for title, rows in tables(found).items():
        lines = [list(rows[0]), ["---"] * len(rows[0]), *([*row.values()] for row in rows)]
        page += [f"## {title}", "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in lines)]
    return "\n\n".join([*page, *(f"- {note}" for note in notes(found))]) + "\n"


def cell(words: str) -> str:
    """Return a text that stays inside a cell of a Markdown table, and that is no markup."""
    return "".join(f"\\{char}" if char in "|\\`<>*_[]" else char for char in one_line(words))


def plots(found: StudyResult) -> dict[str, str]:
    """Return SVG files by name: differences with their intervals, and curves along a number if the view has any."""
    changes = [(line.name, line.difference.difference) for line in found.lines if line.difference]
    drawn = {}
    if changes:
        drawn["differences.svg"] = svg.forest(
            f"Difference of test {found.metric} (95 % intervals), {text.data_name(found.data)}", changes)
    along = {"patience": ("patience", "lost"), "rows": ("steps", found.metric)}.get(found.view)
    series = curves(found.lines, *along) if along else {}
    if along and series:
        first = min(start for start, _ in series.values())
        same: dict[str, Sequence[float]] = {name: values for name, (start, values) in series.items() if start == first}
        drawing = chart(f"{along[1]}, {text.data_name(found.data)}", along[0], same, first)
        if drawing is not None:
            drawn["curves.svg"] = svg.curves(drawing)
    return drawn


def curves(lines: Sequence[Line], along: str, shown: str) -> dict[str, tuple[int, list[float]]]:
    """Return a value of lines that differ in one whole number alone, by what else they have: (first number, values).

    A base at 0 begins every curve that starts at 1.
    """
    found: dict[str, dict[int, float]] = {}
    for line in lines:
        number, here = line.settings.get(along), {**line.test, **line.values}.get(shown)
        if type(number) is int and here is not None and line.valid:
            rest = words({name: one for name, one in line.settings.items() if name != along})
            found.setdefault(rest, {})[number] = here
    starts = [points[0] for points in found.values() if list(points) == [0]]
    whole = {name: {**({0: starts[0]} if starts and 1 in points else {}), **points} for name, points in found.items()}
    return {name: (min(points), [points[number] for number in sorted(points)]) for name, points in whole.items()
            if len(points) > 1 and sorted(points) == list(range(min(points), max(points) + 1))}
