"""Draw a comparison of runs: every setting, then how it differs from the first, in figures and in words."""

from rich.console import Console

from minirearec.analysis.comparing import LEVEL, Comparison
from minirearec_cli import text
from minirearec_cli.console import plain_table, say
from minirearec_cli.views.result_tables import COLUMN, METRICS, PARTS, ROW_NAME


def show_comparison(console: Console, found: Comparison) -> None:
    """Show the table of settings, the table of differences and a verdict for each."""
    say(console, f"{PARTS[found.part]} part of {text.data_name(found.data)}: {found.targets:,} targets of "
                 f"{found.users:,} users, seen items excluded", "bold")
    table = plain_table()
    table.add_column("setting")
    metrics = [*map(str, METRICS)][:max(1, (console.width - ROW_NAME) // COLUMN - 2)]
    for name in ("seeds", *metrics, f"{found.metric}\n by seed"):
        table.add_column(name.replace("@", "\n@") if name in metrics else name, justify="right", no_wrap=True)
    for one in found.settings:
        span = sorted({text.figure(min(one.by_seed)), text.figure(max(one.by_seed))})
        table.add_row(one.name, str(len(one.seeds)), *(text.figure(one.metrics[name]) for name in metrics),
                      " to ".join(span))
    console.print(table)
    console.print()
    say(console, f"Difference of {found.metric} from {found.settings[0].name}", "bold")
    table = plain_table()
    table.add_column("setting")
    for name in ("difference", "95 % interval", "p", "p (Holm)"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found.differences:
        figure = one.difference
        style = "" if not one.claimed else "green" if figure.value > 0 else "red"
        table.add_row(one.name, f"{figure.value:+.4f}", f"{figure.low:+.4f} to {figure.high:+.4f}", f"{one.p:.4f}",
                      f"{one.holm:.4f}", style=style)
    console.print(table)
    for one in found.differences:
        say(console, f"{one.name}: {one.verdict}.")
    say(console, f"  paired bootstrap over users; Holm's correction for {len(found.differences)}, level {LEVEL:g}",
        "dim")
