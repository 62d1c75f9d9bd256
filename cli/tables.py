"""Tables whose figures are always whole: where the columns do not fit, every row becomes a few lines."""

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from minirearec.text import one_line

FOLDED = 12  # characters that a column of words needs; a column of figures (``no_wrap``) needs all of its own
AROUND = 3  # columns of padding and of the line to the next column
UNBOUNDED = 10_000


class PlainTable(Table):
    """A table that makes every text one line; its first column names the rows."""

    def add_row(self, *cells, **options) -> None:
        super().add_row(*(one_line(cell) if isinstance(cell, str) else cell for cell in cells), **options)

    def __rich_console__(self, console, options):
        if sum(_needed(console, column) + AROUND for column in self.columns) - 1 <= options.max_width:
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
    options = console.options.update(max_width=UNBOUNDED)
    longest = max(console.measure(cell, options=options).maximum for cell in [column.header, *column.cells])
    return max(longest if column.no_wrap else min(longest, FOLDED), column.min_width or 0)
