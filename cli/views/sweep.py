"""Draw the table of a sweep, and its plot where matplotlib is installed."""

from importlib.util import find_spec
from pathlib import Path

from rich.console import Console

from minirearec.analysis.sweeping import Point, SweepResult, name_of
from minirearec_cli import text
from minirearec_cli.console import plain_table, say
from minirearec_cli.views.analysis import heat
from minirearec_cli.views.result_tables import COLUMN, METRICS, ROW_NAME

SHOWN = "NDCG@20"


def show_sweep(console: Console, found: SweepResult) -> None:
    """Show one row for each setting: means over the seeds, the span of the seeds, and a colour for the metric."""
    say(console, f"Test part of {text.data_name(found.data)}, seen items excluded, means over seeds", "bold")
    table = plain_table()
    table.add_column("setting", no_wrap=True)
    metrics = [*map(str, METRICS)][:max(1, (console.width - ROW_NAME) // COLUMN - 3)]
    metrics = [*(name for name in metrics if name != SHOWN), SHOWN]
    for name in ("seeds", *metrics):
        table.add_column(name.replace("@", "\n@"), justify="right", no_wrap=True)
    table.add_column("by seed", justify="right", no_wrap=True)
    means = [point.metrics[SHOWN] for point in found.points]
    for point in found.points:
        span = sorted({text.figure(edge(point.by_seed[SHOWN])) for edge in (min, max)})
        shade = heat(point.metrics[SHOWN], min(means), max(means))
        shade.plain = text.figure(point.metrics[SHOWN])
        table.add_row(point.name, str(len(point.seeds)), *(text.figure(point.metrics[name]) for name in metrics[:-1]),
                      shade, " to ".join(span))
    console.print(table)


def plot(found: SweepResult, path: Path) -> bool:
    """Draw the metric against the last number that varies, with a curve for each other setting.

    Draws nothing and returns False without matplotlib, or if no number varies.
    """
    numbers = [name for name in dict.fromkeys(name for point in found.points for name in point.settings)
               if all(type(point.settings.get(name)) in (int, float) for point in found.points)]
    if not numbers or find_spec("matplotlib") is None:
        return False
    from matplotlib.figure import Figure

    along, curves = numbers[-1], {}
    for point in found.points:
        others = {name: value for name, value in point.settings.items() if name != along}
        curves.setdefault(name_of(others), []).append(point)
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.subplots()
    for name, points in curves.items():
        ordered: list[Point] = sorted(points, key=lambda point: point.settings[along])
        places, means = ([point.settings[along] for point in ordered], [point.metrics[SHOWN] for point in ordered])
        spread = [[abs(edge(point.by_seed[SHOWN]) - mean) for point, mean in zip(ordered, means, strict=True)]
                  for edge in (min, max)]
        axes.errorbar(places, means, yerr=spread, marker="o", capsize=3, label=name)
    axes.set(xlabel=along.replace("_", "-"), ylabel=f"test {SHOWN} (bars: seeds)", xmargin=0.1)
    axes.set_title(text.data_name(found.data), parse_math=False)
    axes.locator_params("x", integer=all(type(point.settings[along]) is int for point in found.points))
    if len(curves) > 1:
        axes.legend(fontsize=8)
    figure.savefig(path, dpi=120)
    return True
