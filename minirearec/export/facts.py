"""What an exported model says about itself, and how it is written."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from minirearec.data.files.folder import refuse_existing
from minirearec.errors import ExportError
from minirearec.runs.directory import Run, describe
from minirearec.runs.opening import load_items

FORMAT = 1


def facts_of(run: Run, scorer) -> dict:
    """Return the data set, method, seed and settings of a run, and how its model answers.

    ``max_length``: it reads this many items, the newest ones. ``answer``: the row of its answer, as in results.
    """
    about = describe(run.config, run.data)
    del about["format"], about["data"]["where"]  # a path of this machine says nothing elsewhere
    return {"export": FORMAT, **about, "max_length": scorer.max_length, "answer": scorer.answer.name}


def items_of(run: Run, data_dir=None) -> str:
    """Return ids and titles as JSON, ``{"ids": [...], "titles": [...] or null}``, in the order of the item table.

    ``data_dir``: where to find the data set of a run of an earlier version, which does not hold its items.
    """
    items = load_items(run, data_dir)
    titles = None if items.titles is None else items.titles.tolist()
    return json.dumps({"ids": items.ids.tolist(), "titles": titles}, ensure_ascii=False)


@contextmanager
def writing(out) -> Iterator[Path]:
    """Yield the path to write to. Raises DataError when there is something, ExportError when it cannot be written."""
    path = Path(out)
    refuse_existing(path)
    try:
        yield path
    except OSError as error:
        raise ExportError(f"cannot be written: {error.strerror or error}", str(error.filename or path),
                          "Choose a place with free space that you may write to.") from error
