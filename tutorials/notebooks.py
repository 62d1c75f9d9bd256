"""Find the numbered tutorials, turn them into notebooks and run them.

The source of a tutorial is a Python file with ``# %%`` cells (notebooks/), which reads well in a diff. Readers get
the notebook made from it, with its outputs (rendered/).
"""

from dataclasses import dataclass
from pathlib import Path

from minirearec.atomic import write_bytes
from minirearec.errors import ConfigError, MiniReaRecError
from minirearec.extras import install

FOLDER = Path(__file__).parent
CELL_SECONDS = 600  # a cell that takes longer has hung
TITLE = "# # "  # how the heading begins in the source: "# # 3. The encoder"


@dataclass(frozen=True)
class Tutorial:
    """One tutorial; ``name`` is the name of its files, such as ``03_encoder``."""

    number: int
    name: str
    title: str
    source: Path
    rendered: Path


def tutorials() -> list[Tutorial]:
    """Return all tutorials, in order."""
    return [Tutorial(int(path.stem[:2]), path.stem, _title(path), path, FOLDER / "rendered" / f"{path.stem}.ipynb")
            for path in sorted(FOLDER.glob("notebooks/[0-9][0-9]_*.py"))]


def tutorial(number: int) -> Tutorial:
    """Return the tutorial with this number. Raises ConfigError if there is none."""
    known = {found.number: found for found in tutorials()}
    if number not in known:
        raise ConfigError(f"no tutorial {number}", "tutorial",
                          f"Choose 0 to {max(known)}; 'minirearec tutorial list' lists them.")
    return known[number]


def copy(found: Tutorial, folder) -> tuple[Path, bool]:
    """Copy a notebook into ``folder``, unless the file exists; return its path, and whether it was copied.

    Raises ConfigError when the folder cannot be written.
    """
    path = Path(folder).expanduser() / found.rendered.name
    if path.exists():
        return path, False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, found.rendered.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(path), "Choose another folder.") from error
    return path, True


def to_notebook(source: Path):
    """Return the notebook of a source, without outputs. Cells are numbered, so that a source always gives the same."""
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
    nbclient.NotebookClient(notebook, timeout=CELL_SECONDS, kernel_name="python3", record_timing=False,
                            coalesce_streams=True, resources={"metadata": {"path": str(folder)}}).execute()


def _title(path: Path) -> str:
    """Return ``The encoder`` from the first heading, ``# # 3. The encoder``."""
    with open(path, encoding="utf-8") as file:
        heading = next(line for line in file if line.startswith(TITLE))
    return heading.removeprefix(TITLE).partition(". ")[2].strip()


def _needed(name: str):
    """Import a package of the tutorials extra. Raises MiniReaRecError, saying how to install it."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise MiniReaRecError(f"{name} is not installed", "tutorials",
                              f"Run: {install('tutorials')}") from None
