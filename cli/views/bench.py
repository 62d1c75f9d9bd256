"""Draw a benchmark: its progress on stderr, its tables on stdout."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile

from rich.console import Console
from rich.table import Table
from rich.text import Text

from minirearec.atomic import write_bytes
from minirearec.bench.comparing import differences
from minirearec.bench.session import Done, Measured, Measuring
from minirearec.errors import BenchError
from minirearec.evaluation.published import REASONING_OVERHEAD
from minirearec_cli import text
from minirearec_cli.console import can_animate, labelled, plain_table, say
from minirearec_cli.views import waiting

IN_BATCHES, PADDED, ONE_USER = "test set in batches, K = ", "test set padded, K = ", "one user, K = "  # names of cases
PARTS = {"training": "Training", "evaluation": "Evaluation", "serving": "One user", "opening": "Opening a run",
         "start-up": "Start-up"}
BUSY = 0.3  # of the cores; the load average before we start
WIDE = 100  # columns that a comparison needs with its ranges


def follow(console: Console, events: Iterator) -> dict:
    """Show the progress and return the result: one line on a terminal, elsewhere a line for every case."""
    result: dict = {}
    with waiting.line(console, "Measuring") as change:
        for event in events:
            match event:
                case Measuring():
                    change(f"Measuring {event.part} ({event.done + 1} of {event.total})")
                case Measured() if not can_animate(console):
                    say(console, f"{event.name}: {span(event.median)}")
                case Done():
                    result = event.result
    return result


def span(seconds: float) -> str:
    """Return a time with three digits: ``12.3 s``, ``345 ms`` or ``0.583 ms``."""
    value, unit = (seconds, "s") if seconds >= 1 else (1000 * seconds, "ms")
    return f"{value:.{0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3}f} {unit}"


def show(console: Console, result: dict, older: dict | None = None) -> None:
    """Show what was measured, the times and the memory; with an older result, that one beside it."""
    console.print(labelled(header(result)))
    if result["load"] > BUSY * result["machine"]["cores"]:
        say(console, f"Other programs are running (load {result['load']:.1f}): times are too long.", "magenta")
    for difference in differences(result, older) if older else ():
        say(console, f"Not the same as in the earlier result: {difference}", "magenta")
    say(console, "")
    for table in times(result, older, console.width):
        console.print(table)
    say(console, "  share: how much of the median the matrix products alone take at this machine's best rate", "dim")
    for line in overhead(result):
        say(console, line)
    say(console, "")
    console.print(memory(result, older))
    say(console, f"Measured in {text.duration(result['seconds'])}.", "dim")


def header(result: dict) -> dict[str, str]:
    """Describe the data, the model and the machine."""
    data, machine = result["data"], result["machine"]
    model, method = result["settings"]["model"], result["settings"]["objective"]["method"]
    m, k, n = machine["product"]
    rates = ", ".join(f"{rate / 1e9:,.0f} GFLOP/s in {dtype}" for dtype, rate in machine["rates"].items())
    return {"Data": f"{text.data_name(data)}: {data['users']:,} users, {data['items']:,} items, "
                    f"{data['interactions']:,} interactions",
            "Model": f"{method}, K = {model['steps']}, width {model['width']}, layers {model['layers']}",
            "Machine": f"{result['backend']} on {machine['device']}, {machine['threads']} of {machine['cores']} cores, "
                       f"{machine['processor']}",
            "Products": f"[{m}, {k}] x [{k}, {n:,}]: {rates}"}


def times(result: dict, older: dict | None, width: int) -> Iterator[Table]:
    """Yield a table of times for each part, all with the same columns."""
    ranges = older is None or width >= WIDE
    columns = {"median": 9, **({"min - max": 20} if ranges else {}), "share": 6,
               **({"before": 9, "ratio": 6} if older else {})}
    cases = result["cases"]
    for number, (title, group) in enumerate(groupby(cases, key=lambda name: PARTS[cases[name]["part"]])):
        names = list(group)
        notes = dict.fromkeys(cases[name]["note"] for name in names if cases[name]["note"])
        table = plain_table(title=Text(": ".join(filter(None, [title, "; ".join(notes)])), "bold"),
                            title_justify="left", show_header=number == 0)
        table.add_column("", no_wrap=True, min_width=28)
        for name, least in columns.items():
            table.add_column(name, justify="right", no_wrap=True, min_width=least)
        for name in names:
            table.add_row(name, *cells(cases[name], older["cases"].get(name) if older else None, ranges))
        yield table


def cells(case: dict, before: dict | None, ranges: bool) -> list[str]:
    """Return the cells of one case."""
    seconds = case["seconds"]
    found = [span(seconds["median"])]
    if ranges:
        found.append(f"{span(seconds['low'])} - {span(seconds['high'])}")
    found.append(f"{100 * case['share']:.0f} %" if "share" in case else "")
    if before:
        median = before["seconds"]["median"]
        found += [span(median), f"{seconds['median'] / median:.2f}"]
    return found


def overhead(result: dict) -> list[str]:
    """Return how much longer K steps take than none: in batches, padded as the paper measures it, for one user."""
    steps, cases = result["settings"]["model"]["steps"], result["cases"]
    if not steps:
        return []
    batches, padded, user = (
        100 * (cases[f"{name}{steps}"]["seconds"]["median"] / cases[f"{name}0"]["seconds"]["median"] - 1)
        for name in (IN_BATCHES, PADDED, ONE_USER))
    paper = f" (paper, on a GPU: {REASONING_OVERHEAD[steps]:+.2f} %)" if steps in REASONING_OVERHEAD else ""
    return [f"Reasoning's overhead, K = {steps} over K = 0:", f"  test set in batches {batches:+.1f} %",
            f"  test set padded to {result['settings']['model']['max_length']} items {padded:+.1f} %{paper}",
            f"  one user {user:+.0f} %"]


def memory(result: dict, older: dict | None) -> Table:
    """Return the table of peak memory."""
    table = plain_table()
    for name in ("", "peak memory", *(["before", "ratio"] if older else [])):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for name, count in result["memory"].items():
        if count:
            before = older["memory"].get(name) if older else None
            table.add_row(name, text.size(count), *([text.size(before), f"{count / before:.2f}"] if before else []))
    return table


def check_output(path) -> None:
    """Raise BenchError now, not after minutes of measuring, when the result could not be saved there."""
    path = Path(path)
    if path.is_file():
        raise BenchError("there is something here already", str(path), "Choose another file with -o, or remove it.")
    if path.is_dir() or not path.parent.is_dir():
        raise BenchError("is a folder" if path.is_dir() else "its folder does not exist", str(path),
                         "Choose another file with -o.")
    with _writing(path):
        TemporaryFile(dir=path.parent).close()


def save(path, content: str) -> None:
    """Write the result. Raises BenchError when it cannot be written."""
    with _writing(path):
        write_bytes(path, content.encode() + b"\n")


@contextmanager
def _writing(path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BenchError(f"cannot be written ({error.strerror})", str(path), "Choose another file with -o.") from error
