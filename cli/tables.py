"""Tables whose figures and words are whole: where the columns do not fit, every row becomes a few lines."""

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from minirearec.text import one_line

FOLDED = 18  # characters of a word after which it may be broken; a column of figures (``no_wrap``) never is
AROUND = 3  # columns of padding and of the line to the next column
UNBOUNDED = 10_000


class PlainTable(Table):
    """A table that makes every text one line; its first column names the rows."""

    def add_row(self, *cells, **options) -> None:
        super().add_row(*(one_line(cell) if isinstance(cell, str) else cell for cell in cells), **options)

    def __rich_console__(self, console, options):
        needed = [_needed(console, column) for column in self.columns]
        spare = options.max_width - sum(needed) - AROUND * len(needed) + 1
        if spare >= 0:
            for column, least in zip(self.columns, needed, strict=True):
                if not column.no_wrap:  # words get their longest one, and what is left over from the first on
                    column.width = least + min(spare, _longest(console, column) - least)
                    spare -= column.width - least
            yield from super().__rich_console__(console, options)
        else:
            yield from self._in_lines()

    def _in_lines(self):
        if self.title:
            yield self.title
        labels = ["".join(str(column.header).split("\n")) for column in self.columns[1:]]
        for row, name, *cells in zip(self.rows, *(column.cells for column in self.columns), strict=True):
            yield Text(str(name), row.style or "bold")
            lines = Table.grid("", Column(overflow="fold"), Column(overflow="fold"), padding=(0, 2))
            for label, cell in zip(labels, cells, strict=True):
                if str(cell):
                    lines.add_row("", label, cell, style=row.style)
            yield lines


def _needed(console: Console, column: Column) -> int:
    """Return the width below which a column would break a figure or a word."""
    longest = _longest(console, column)
    return longest if column.no_wrap else min(longest, max(_words(console, column, "minimum"), 1), FOLDED)


def _longest(console: Console, column: Column) -> int:
    return max(_words(console, column, "maximum"), column.min_width or 0)


def _words(console: Console, column: Column, which: str) -> int:
    options = console.options.update(max_width=UNBOUNDED)
    return max(getattr(console.measure(cell, options=options), which) for cell in [column.header, *column.cells])
