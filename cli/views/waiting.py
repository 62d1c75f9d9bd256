"""Show one line on a terminal while something runs, and remove it at the end."""

from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from minirearec_cli.console import can_animate


@contextmanager
def line(console: Console, text: str):
    """Show a text with a spinner; yield a function that changes the text. Show nothing if it cannot be animated."""
    if not can_animate(console):
        yield lambda text: None
        return
    with console.status(Text(text)) as status:
        yield lambda text: status.update(Text(text))


@contextmanager
def bar(console: Console, text: str, total: int | None):
    """Show how many of ``total`` are done (None: nobody knows how many); yield a function that counts one more."""
    if not can_animate(console):
        yield lambda: None
        return
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda: progress.advance(task)
