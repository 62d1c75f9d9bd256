"""The list of assignments. A module of its own, without NumPy, so that it appears at once."""

from collections.abc import Iterable

from rich.console import Console, JustifyMethod
from rich.text import Text

from minirearec_cli.console import plain_table
from minirearec_tutorials.grading.assignment.contents import Assignment


def show_list(console: Console, items: Iterable[Assignment]) -> None:
    """Show the assignments with their summaries."""
    table = plain_table()
    columns: tuple[tuple[str, JustifyMethod], ...] = (
        ("name", "left"), ("assignment", "left"), ("tasks", "right"), ("points", "right"), ("notebook", "right"))
    for title, justify in columns:
        table.add_column(title, justify=justify, no_wrap=justify == "right", overflow="fold")
    for item in items:
        about = Text.assemble((item.title, "bold"), "\n", (item.summary, "dim"))
        table.add_row(item.name, about, str(len(item.tasks)), str(item.points), str(item.notebook))
    console.print(table)
