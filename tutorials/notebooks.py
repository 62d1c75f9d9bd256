"""The numbered tutorials: where they are, how they become notebooks, and how they are run.

A tutorial is written as a Python file with ``# %%`` cells (notebooks/), which reads well in a diff; beside it lies
the notebook made from it, with its outputs (rendered/), which is what readers get.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from minirearec.errors import ConfigError, MiniReaRecError

FOLDER = Path(__file__).parent
CELL_SECONDS = 600  # a cell that takes longer hangs
TITLE = "# # "  # how the first line of text begins in the source: "# # 3. The encoder"


@dataclass(frozen=True)
class Tutorial:
    """One tutorial; ``name`` is that of its files, such as ``03_encoder``."""

    number: int
    name: str
    title: str
    source: Path
    rendered: Path


def tutorials() -> list[Tutorial]:
    """All tutorials, in order."""
    return [Tutorial(int(path.stem[:2]), path.stem, _title(path), path, FOLDER / "rendered" / f"{path.stem}.ipynb")
            for path in sorted(FOLDER.glob("notebooks/[0-9][0-9]_*.py"))]


def tutorial(number: int) -> Tutorial:
    """The tutorial of a number. Raises ConfigError for a number that none has."""
    known = {found.number: found for found in tutorials()}
    if number not in known:
        raise ConfigError(f"no tutorial {number}", "tutorial", f"There are 0 to {max(known)}: minirearec tutorial list.")
    return known[number]


def copy(found: Tutorial, folder) -> tuple[Path, bool]:
    """The path of the notebook in ``folder``, and whether it was copied: a file of that name is left as it is.

    Raises ConfigError when the folder cannot be written.
    """
    path = Path(folder).expanduser() / found.rendered.name
    if path.exists():
        return path, False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found.rendered, path)
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(error.filename or path),
                          "Choose another folder.") from error
    return path, True


def to_notebook(source: Path):
    """The notebook of a source, without outputs. Cells are numbered, so that the same source makes the same notebook."""
    jupytext = _needed("jupytext")
    notebook = jupytext.read(source)
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                         "language_info": {"name": "python"}}
    for index, cell in enumerate(notebook.cells):
        cell.id, cell.metadata = f"cell-{index:03}", {}
    return notebook


def execute(notebook, folder) -> None:
    """Run a notebook in place, in a clean kernel that starts in ``folder``. Raises nbclient's CellExecutionError."""
    nbclient = _needed("nbclient")
    nbclient.NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name="python3", record_timing=False, coalesce_streams=True,
                            resources={"metadata": {"path": str(folder)}}).execute()


def _title(path: Path) -> str:
    """``The encoder`` from the first heading, ``# # 3. The encoder``."""
    with open(path, encoding="utf-8") as file:
        heading = next(line for line in file if line.startswith(TITLE))
    return heading.removeprefix(TITLE).partition(". ")[2].strip()


def _needed(name: str):
    """A package of the tutorials extra, or an error that says how to get it."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise MiniReaRecError(f"{name} is not installed", "tutorials", "Run: pip install 'minirearec[tutorials]'") from None
