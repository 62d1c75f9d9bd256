"""One line on a terminal that says what is going on, and is gone when it is done."""

from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from minirearec_cli.console import can_animate


@contextmanager
def line(console: Console, text: str):
    """Shows a text with a spinner; yields a function that changes the text. Shows nothing where it could not move."""
    if not can_animate(console):
        yield lambda text: None
        return
    with console.status(Text(text)) as status:
        yield lambda text: status.update(Text(text))


@contextmanager
def bar(console: Console, text: str, total: int):
    """Shows how many of ``total`` are done; yields a function that counts one more."""
    if not can_animate(console):
        yield lambda: None
        return
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda: progress.advance(task)
