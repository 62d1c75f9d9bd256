"""Find assignments: those of the package by name, any other by its folder."""

import difflib
from pathlib import Path

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.assignment.reading import TOML, load

FOLDER = Path(__file__).resolve().parents[2] / "assignments"


def assignments() -> dict[str, Assignment]:
    """Return every assignment of the package by name, in the order of names."""
    found = [load(path.parent) for path in sorted(FOLDER.glob(f"*/{TOML}"))]
    return {item.name: item for item in found}


def assignment(name: str) -> Assignment:
    """Return the assignment of this name, or in this folder.

    Raises ConfigError, with the nearest name, when there is none.
    """
    if (FOLDER / name / TOML).is_file():
        return load(FOLDER / name)
    if (Path(name).expanduser() / TOML).is_file():
        return load(Path(name).expanduser().resolve())
    names = sorted(path.parent.name for path in FOLDER.glob(f"*/{TOML}"))
    near = difflib.get_close_matches(name, names, n=1)
    raise ConfigError(f"there is no assignment {name!r}", fix=f"Did you mean {near[0]}?" if near else
                      f"Choose one of: {', '.join(names)}; or give the folder of an {TOML}.")


def has_a_name(item: Assignment) -> bool:
    """Return whether ``assignment(item.name)`` finds it; tests and notebooks that students get rely on that."""
    return item.folder.parent == FOLDER
