"""Draw what adaptive depth gains: a row for every fixed depth and every policy."""

from rich.console import Console

from minirearec.analysis.depth import Depth
from minirearec_cli import text
from minirearec_cli.console import plain_table, say
from minirearec_cli.views.result_tables import realised_line


def show_depth(console: Console, found: Depth) -> None:
    """Show the table, then what counts: the policy and the fixed depth that are best on validation."""
    console.print()
    say(console, "Adaptive depth: when to stop, fitted on validation, seen items excluded", "bold")
    table = plain_table()
    table.add_column("", no_wrap=True)
    for name in (f"{found.metric}\n valid", found.metric, "gain ", "realised", "mean\n steps", "ms"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found.ways:
        chosen = one.name in (found.best_fixed, found.chosen)
        table.add_row(one.name, text.figure(one.valid), text.figure(one.metrics[found.metric]),
                      f"{one.gain.value:+.4f}{'*' if one.gain.clear else ' '}",
                      "-" if one.realised is None else f"{one.realised:.0%}", f"{one.depth:.2f}",
                      f"{one.milliseconds:.1f}", style="bold" if chosen else "")
    console.print(table)
    best = next(one for one in found.ways if one.name == found.chosen)
    say(console, f"  best on validation: {found.best_fixed}; of the policies {found.chosen}, the row halt", "dim")
    say(console, f"  gain: over {found.best_fixed}; * its 95 % interval leaves 0 out", "dim")
    say(console, realised_line(best.realised, found.null_realised, found.best_fixed), "dim")
    say(console, "  ms: states and scores of 256 histories, none computed beyond its stop", "dim")
