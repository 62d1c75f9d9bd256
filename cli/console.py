"""The one owner of Rich's consoles: results go to stdout, progress and notices to stderr."""

import os
import re
import sys

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from minirearec.text import one_line, printable
from minirearec_cli.tables import PlainTable

COPIED = re.compile(r"[/\\]|minirearec ")


class CleanConsole(Console):
    """A console that escapes what is not printable, or not in the encoding of its stream, wherever it comes from."""

    def render(self, renderable, options=None):
        if isinstance(renderable, Text) and (plain := self.clean(renderable.plain)) != renderable.plain:
            renderable = renderable.blank_copy(plain)  # now, so that it is wrapped at its new width
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(self.clean(segment.text), segment.style)

    def render_str(self, text, **options):  # what tables measure
        return super().render_str(self.clean(text), **options)

    def clean(self, text: str) -> str:
        """Return a text that the stream can show."""
        return text if text.isascii() and text.isprintable() else printable(text).encode(
            self.encoding, "backslashreplace").decode(self.encoding)


def results() -> Console:
    """Return the console of stdout."""
    return _console(sys.stdout)


def notices() -> Console:
    """Return the console of stderr."""
    return _console(sys.stderr)


def log(stream) -> Console:
    """Return the console of a log file: plain lines, never wrapped."""
    return CleanConsole(file=stream, force_terminal=False, no_color=True, color_system=None, highlight=False,
                        markup=False, emoji=False)


def can_animate(console: Console) -> bool:
    """Return whether lines can be redrawn: on a capable terminal with block characters, and without NO_COLOR."""
    return console.is_terminal and not console.is_dumb_terminal and not console.options.ascii_only


def warn(console: Console, title: str, message: str) -> None:
    """Show a warning in a panel."""
    console.print(Panel(Text(message), title=Text(title, "bold magenta"), title_align="left", border_style="magenta"))


def say(console: Console, line: str, style: str = "") -> None:
    """Print one line. A terminal breaks it between words, unless it holds a path or a command for readers to copy."""
    line = one_line(line)
    if console.is_terminal and not COPIED.search(line):
        words = line.lstrip(" ")
        console.print(Padding(Text(words, style), (0, 0, 0, len(line) - len(words)), expand=False))
    else:
        console.print(Text(line, style), soft_wrap=True)


def plain_table(**options) -> PlainTable:
    """Return an empty table in the style of all our tables: a line below the head and no frame."""
    return PlainTable(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1), **options)


def labelled(lines: dict[str, str]) -> Table:
    """Return lines of text behind bold labels; empty ones are left out."""
    grid = Table.grid(padding=(0, 2))
    for label, value in lines.items():
        if value:
            grid.add_row(Text(label, "bold"), Text(value, overflow="fold"))
    return grid


def _console(stream) -> Console:
    """Return a console with control codes only on a terminal, and none with NO_COLOR (Rich would move the cursor)."""
    fancy = stream.isatty() and not os.environ.get("NO_COLOR")
    return CleanConsole(file=getattr(stream, "canvas", stream), force_terminal=fancy, force_interactive=fancy,
                        no_color=not fancy, color_system="auto" if fancy else None, highlight=False, markup=False,
                        emoji=False)
