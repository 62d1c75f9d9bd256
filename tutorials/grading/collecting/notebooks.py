"""The code of a notebook that was handed in: its cells in order, without the lines that check it.

A notebook is JSON from a stranger. It may be anything, so every part is looked at before it is used.
"""

import json
import re

# Lines that call the checks: graded code cannot, and what they would say is of no use here.
OURS = re.compile(r"^[ \t]*(?:from minirearec\S* import .*|import minirearec.*|(?:show|check)_(?:example|task)\(.*)$",
                  re.MULTILINE)


def cells(text: str) -> tuple[str, ...]:
    """Return the code of each code cell. Raises ValueError for what is not a notebook."""
    try:
        book = json.loads(text)
    except RecursionError:
        raise ValueError("is not a notebook: its JSON is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"is not a notebook: its JSON is broken ({error})") from None
    found = book.get("cells") if isinstance(book, dict) else None
    if not isinstance(found, list):
        raise ValueError("is not a notebook of format 4: it has no list of cells")
    return tuple(OURS.sub("", _source(cell)) for cell in found
                 if isinstance(cell, dict) and cell.get("cell_type") == "code")


def _source(cell: dict) -> str:
    """Return a cell's text, which is one text or a list of lines."""
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))
