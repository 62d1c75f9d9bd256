"""The one owner of Rich's consoles: results go to stdout, progress and notices to stderr."""

import os
import sys

from rich import box
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text


def results() -> Console:
    """The console of stdout."""
    return _console(sys.stdout)


def notices() -> Console:
    """The console of stderr."""
    return _console(sys.stderr)


def can_animate(console: Console) -> bool:
    """Whether lines may be redrawn: on a terminal that knows how, with block characters, and without NO_COLOR."""
    return console.is_terminal and not console.is_dumb_terminal and not console.options.ascii_only


def warn(console: Console, title: str, message: str) -> None:
    """A panel that nobody overlooks."""
    console.print(Panel(Text(message), title=Text(title, "bold yellow"), title_align="left", border_style="yellow"))


def say(console: Console, line: str, style: str = "") -> None:
    """One line that is never broken by us, so that paths and commands in it can be copied."""
    console.print(Text(line, style), soft_wrap=True)


def plain_table(**options) -> Table:
    """Return an empty table in the style of all our tables: a line below the head and no frame."""
    return Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1), **options)


def _console(stream) -> Console:
    """Control codes only on a terminal, and none at all with NO_COLOR (Rich would still move the cursor)."""
    fancy = stream.isatty() and not os.environ.get("NO_COLOR")
    return Console(file=stream, force_terminal=fancy, force_interactive=fancy, no_color=not fancy,
                   color_system="auto" if fancy else None, highlight=False, markup=False, emoji=False)
