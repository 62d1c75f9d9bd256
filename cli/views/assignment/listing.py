"""The list of assignments. Beside the scoreboard, which needs NumPy: a list is there at once."""

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from minirearec_tutorials.grading.assignment.contents import Assignment


def show_list(console: Console, items: Iterable[Assignment]) -> None:
    """The assignments there are, with their summaries."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1))
    for title, justify in (("name", "left"), ("assignment", "left"), ("tasks", "right"), ("points", "right"),
                           ("notebook", "right")):
        table.add_column(title, justify=justify, no_wrap=justify == "right", overflow="fold")
    for item in items:
        about = Text.assemble((item.title, "bold"), "\n", (item.summary, "dim"))
        table.add_row(item.name, about, str(len(item.tasks)), str(item.points), str(item.notebook))
    console.print(table)
