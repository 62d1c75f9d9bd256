"""Read an assignment's folder, and say clearly what is wrong with its assignment.toml."""

import re
import tomllib
from pathlib import Path
from typing import Any

from minirearec.errors import ConfigError
from minirearec_tutorials.grading.assignment.contents import Assignment, Task, Wrong, file_text

TOML = "assignment.toml"
# The keys of each table, all of which are required.
ASSIGNMENT_KEYS = {"name": str, "title": str, "summary": str, "topics": tuple, "notebook": int}
TASK_KEYS = {"number": str, "title": str, "function": str, "points": int, "hints": tuple}
WRONG_KEYS = {"file": str, "about": str, "fails": tuple}
KINDS = {str: "a text", int: "a whole number", tuple: "a list of texts"}


def load(folder: Path) -> Assignment:
    """Read an assignment's folder. Raises ConfigError that says what is wrong with its assignment.toml."""
    path = Path(folder) / TOML
    try:
        given = tomllib.loads(file_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", str(path)) from error
    tasks = [Task(**_values(item, TASK_KEYS, f"{path}, tasks entry {place}"))
             for place, item in enumerate(_tables(given, "tasks", path), 1)]
    wrong = [Wrong(**_values(item, WRONG_KEYS, f"{path}, wrong entry {place}"))
             for place, item in enumerate(_tables(given, "wrong", path), 1)]
    found = Assignment(path.parent, tasks=tuple(tasks), wrong=tuple(wrong),
                       **_values(given, ASSIGNMENT_KEYS, str(path)))
    _refuse_contradictions(found, str(path))
    return found


def _tables(given: dict, key: str, path: Path) -> list[dict]:
    tables = given.pop(key, [])
    if not isinstance(tables, list) or not all(isinstance(item, dict) for item in tables):
        raise ConfigError(f"{key} must be tables", str(path), f"Write [[{key}]] before each.")
    return tables


def _values(given: dict, kinds: dict[str, type], where: str) -> dict:
    """Return the values of a table, each of its kind. Raises ConfigError for missing and unknown keys."""
    for key in given:
        if key not in kinds:
            raise ConfigError(f"unknown key {key!r}", where, f"The keys are {', '.join(kinds)}.")
    values = {}
    for key, kind in kinds.items():
        if key not in given:
            raise ConfigError(f"{key} is missing", where, f"It is {KINDS[kind]}.")
        value: Any = tuple(given[key]) if kind is tuple and isinstance(given[key], list) else given[key]
        if type(value) is not kind or (kind is tuple and not all(isinstance(part, str) for part in value)):
            raise ConfigError(f"{key} must be {KINDS[kind]}, not {given[key]!r}", where)
        values[key] = tuple(map(_joined, value)) if kind is tuple else _joined(value) if kind is str else value
    return values


def _joined(text: str) -> str:
    """Return a text that may have been broken into lines as one line."""
    return " ".join(text.split())


def _refuse_contradictions(found: Assignment, where: str) -> None:
    """Raise ConfigError for values that do not agree with each other."""
    numbers = [task.number for task in found.tasks]
    if found.folder.name != found.name or not re.fullmatch(r"[a-z][a-z0-9_]*", found.name):
        raise ConfigError("name must be that of the folder, in lower-case letters and digits, "
                          f"not {found.name!r}", where)
    if not numbers or len(set(numbers)) < len(numbers):
        raise ConfigError("an assignment needs tasks, each with a number of its own", where)
    for task in found.tasks:
        if task.points < 1 or not task.function.isidentifier():
            raise ConfigError(f"task {task.number} needs at least one point and a function's name", where)
    for wrong in found.wrong:
        unknown = [number for number in wrong.fails if number not in numbers]
        if unknown or not wrong.fails:
            raise ConfigError(f"wrong solution {wrong.file} must fail tasks of this assignment, not {unknown}", where)
