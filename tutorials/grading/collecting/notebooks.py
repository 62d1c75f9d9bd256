"""The code of a notebook that was handed in: its cells in order, without the lines that import the checks.

A notebook is JSON from a stranger. It may be anything, so every part is looked at before it is used.
"""

import json
import re

# Lines that import the checks: graded code cannot. The functions are there, and do nothing; see ``worker.CHECKS``.
OURS = re.compile(r"^([ \t]*)(?:from minirearec\S* import (?:\([^)]*\)|.*)|import minirearec.*)$", re.MULTILINE)


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
    return tuple(OURS.sub(_pass, _source(cell)) for cell in found
                 if isinstance(cell, dict) and cell.get("cell_type") == "code")


def _pass(found: re.Match) -> str:
    """Return a statement that does nothing, on as many lines."""
    return f"{found[1]}pass" + "\n" * found[0].count("\n")


def _source(cell: dict) -> str:
    """Return a cell's text, which is one text or a list of lines."""
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))
