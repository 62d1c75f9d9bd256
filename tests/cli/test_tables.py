"""Tables that never cut a figure."""

import io

import pytest
from rich.console import Console

from minirearec_cli.console import plain_table


def drawn(width: int) -> str:
    table = plain_table(title="Sizes")
    table.add_column("name")
    for name in ("users", "Recall\n@10"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    table.add_row("beauty\nand more", "22,363", ".0528", "not here; downloaded on first use")
    table.add_row("toys", "198,502", ".1234", "", style="dim")
    stream = io.StringIO()
    Console(file=stream, width=width).print(table)
    return stream.getvalue()


@pytest.mark.parametrize("width", [24, 30, 40, 60, 80, 200])
def test_figures_are_whole_at_any_width(width):
    text = drawn(width)
    assert all(figure in text for figure in ("22,363", "198,502", ".0528", ".1234"))
    assert "…" not in text and max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [24, 30, 40, 60, 80, 200])
def test_words_are_whole_at_any_width(width):
    words = {word for line in drawn(width).split("\n") for word in line.split()}
    assert {"downloaded", "first", "not", "here;"} <= words


def test_rows_become_lines_where_the_columns_do_not_fit():
    assert r" beauty\nand more    22,363" in drawn(80), "a text with line breaks is one line"
    lines = [line.rstrip() for line in drawn(40).splitlines()]
    assert lines == [
        "Sizes", r"beauty\nand more", "  users      22,363", "  Recall@10  .0528",
        "             not here; downloaded on", "             first use", "toys", "  users      198,502",
        "  Recall@10  .1234"]
