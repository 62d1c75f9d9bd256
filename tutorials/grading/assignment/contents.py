"""The assignments: what assignment.toml says, and the texts made of solution.py (stub, solution, wrong submissions).

Imports neither NumPy nor Hypothesis before ``checks()`` is called, so that listing the assignments is quick.
"""

import difflib
import importlib.util
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from minirearec.errors import ConfigError

FOLDER = Path(__file__).resolve().parents[2] / "assignments"
TOML = "assignment.toml"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
TASK_LINE = re.compile(r"# Task (\S+): (.+) \((\d+) points?\)\s*")
TASK_HEADING = re.compile(r"#" + TASK_LINE.pattern)

TEST_FILE = '''"""Every task of assignment {name} as a test: run ``pytest`` here, or ``minirearec assignment check {name}``."""

from pathlib import Path

from minirearec_tutorials.grading.handout.pytest_support import tests_of

test_task = tests_of("{name}", Path(__file__).with_name("{name}.py"))
'''


@dataclass(frozen=True)
class Task:
    """One function to write; all or nothing of its points."""

    number: str
    title: str
    function: str
    points: int
    hint: str = ""


@dataclass(frozen=True)
class Wrong:
    """A wrong submission: the solution with the functions of ``wrong/<file>`` instead. It fails exactly these tasks."""

    file: str
    about: str
    fails: tuple[str, ...]


@dataclass(frozen=True)
class Assignment:
    """A folder with assignment.toml, text.md, solution.py, checks.py and wrong/."""

    folder: Path
    name: str
    title: str
    summary: str
    topics: tuple[str, ...]
    notebook: int
    tasks: tuple[Task, ...]
    wrong: tuple[Wrong, ...]

    @property
    def points(self) -> int:
        """The points of all tasks together."""
        return sum(task.points for task in self.tasks)

    @property
    def file(self) -> str:
        """The name of the file that is handed in, such as ``a2.py``."""
        return f"{self.name}.py"

    def task(self, number: str) -> Task:
        """The task with this number. Raises ConfigError when there is none."""
        for task in self.tasks:
            if task.number == number:
                return task
        raise ConfigError(f"there is no task {number}", f"assignment {self.name}",
                          f"Its tasks are {', '.join(task.number for task in self.tasks)}.")

    def stub(self) -> str:
        """What the student gets: solution.py, with every solution block replaced by a NotImplementedError."""
        names, lines, number, inside = {task.number: task.function for task in self.tasks}, [], None, False
        for place, line in enumerate(self._source().splitlines(), 1):
            where = f"{self.folder / 'solution.py'}, line {place}"
            if found := TASK_LINE.fullmatch(line):
                number = found[1]
            if line.strip() == BEGIN:
                if inside or number not in names:
                    raise ConfigError(f"{BEGIN} inside a block or outside of every task", where)
                inside = True
                indent = line[:len(line) - len(line.lstrip())]
                lines.append(f'{indent}raise NotImplementedError("Task {number}: {names[number]}")')
            elif line.strip() == END:
                if not inside:
                    raise ConfigError(f"{END} without a {BEGIN}", where)
                inside = False
            elif not inside:
                lines.append(line)
        if inside:
            raise ConfigError(f"the last {BEGIN} has no {END}", str(self.folder / "solution.py"))
        return "\n".join(lines) + "\n"

    def solution(self) -> str:
        """solution.py without the markers."""
        kept = [line for line in self._source().splitlines() if line.strip() not in (BEGIN, END)]
        return "\n".join(kept) + "\n"

    def wrong_submission(self, wrong: Wrong) -> str:
        """The solution, followed by the functions that a wrong solution puts in its place."""
        return f"{self.solution()}\n\n{_read(self.folder / 'wrong' / wrong.file)}"

    def text(self) -> str:
        """text.md: an introduction, then a section for every task."""
        return _read(self.folder / "text.md")

    def sections(self) -> tuple[str, dict[str, str]]:
        """text.md as its introduction, and the section of every task by number, headings included."""
        parts: list[list[str]] = [[]]
        numbers = []
        for line in self.text().splitlines():
            if found := TASK_HEADING.fullmatch(line):
                numbers.append(found[1])
                parts.append([])
            parts[-1].append(line)
        introduction, *texts = ["\n".join(part).strip() + "\n" for part in parts]
        return introduction, dict(zip(numbers, texts))

    def checks(self) -> ModuleType:
        """The module checks.py, loaded anew. It imports NumPy and Hypothesis."""
        spec = importlib.util.spec_from_file_location(f"minirearec_checks_of_{self.name}", self.folder / "checks.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def student_files(self) -> dict[str, str]:
        """The files a student starts with, by name: the stub, the text, and tests for pytest (which find it by name)."""
        tests = {f"test_{self.file}": TEST_FILE.format(name=self.name)} if self.folder.parent == FOLDER else {}
        return {self.file: self.stub(), "README.md": self.text(), **tests}

    def _source(self) -> str:
        return _read(self.folder / "solution.py")


def assignments(folder: Path = FOLDER) -> dict[str, Assignment]:
    """Every assignment in a folder by name, in the order of names."""
    found = [load(path.parent) for path in sorted(Path(folder).glob(f"*/{TOML}"))]
    return {item.name: item for item in found}


def assignment(name: str) -> Assignment:
    """The assignment of this name, or in this folder. Raises ConfigError, with the nearest name, when there is none."""
    if (FOLDER / name / TOML).is_file():
        return load(FOLDER / name)
    if (Path(name).expanduser() / TOML).is_file():
        return load(Path(name).expanduser().resolve())
    names = sorted(path.parent.name for path in FOLDER.glob(f"*/{TOML}"))
    near = difflib.get_close_matches(name, names, n=1)
    raise ConfigError(f"there is no assignment {name!r}", fix=f"Did you mean {near[0]}?" if near else
                      f"Choose one of: {', '.join(names)}; or give the folder of an {TOML}.")


def load(folder: Path) -> Assignment:
    """Read an assignment's folder. Raises ConfigError that says what is wrong with its assignment.toml."""
    path = Path(folder) / TOML
    try:
        given = tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"not TOML: {error}", str(path)) from error
    tasks = [Task(**_fields(item, _TASK, f"{path}, tasks entry {place}"))
             for place, item in enumerate(_tables(given, "tasks", path), 1)]
    wrong = [Wrong(**_fields(item, _WRONG, f"{path}, wrong entry {place}"))
             for place, item in enumerate(_tables(given, "wrong", path), 1)]
    found = Assignment(path.parent, tasks=tuple(tasks), wrong=tuple(wrong), **_fields(given, _ASSIGNMENT, str(path)))
    _check(found, str(path))
    return found


# The keys of each table, all of which must be there.
_ASSIGNMENT = {"name": str, "title": str, "summary": str, "topics": tuple, "notebook": int}
_TASK = {"number": str, "title": str, "function": str, "points": int, "hint": str}
_WRONG = {"file": str, "about": str, "fails": tuple}
_KINDS = {str: "a text", int: "a whole number", tuple: "a list of texts"}


def _tables(given: dict, key: str, path: Path) -> list[dict]:
    tables = given.pop(key, [])
    if not isinstance(tables, list) or not all(isinstance(item, dict) for item in tables):
        raise ConfigError(f"{key} must be tables", str(path), f"Write [[{key}]] before each.")
    return tables


def _fields(given: dict, kinds: dict[str, type], where: str) -> dict:
    """The values of a table, each of its kind; nothing missing and nothing unknown."""
    for key in given:
        if key not in kinds:
            raise ConfigError(f"unknown key {key!r}", where, f"The keys are {', '.join(kinds)}.")
    values = {}
    for key, kind in kinds.items():
        if key not in given:
            raise ConfigError(f"{key} is missing", where, f"It is {_KINDS[kind]}.")
        value = tuple(given[key]) if kind is tuple and isinstance(given[key], list) else given[key]
        if type(value) is not kind or kind is tuple and not all(isinstance(part, str) for part in value):
            raise ConfigError(f"{key} must be {_KINDS[kind]}, not {given[key]!r}", where)
        values[key] = " ".join(value.split()) if kind is str else value  # texts may be broken into lines
    return values


def _check(found: Assignment, where: str) -> None:
    """What the values of an assignment.toml must be, one with another."""
    numbers = [task.number for task in found.tasks]
    if found.folder.name != found.name or not re.fullmatch(r"[a-z][a-z0-9_]*", found.name):
        raise ConfigError(f"name must be that of the folder, in small letters and digits, not {found.name!r}", where)
    if not numbers or len(set(numbers)) < len(numbers):
        raise ConfigError("an assignment needs tasks, each with a number of its own", where)
    for task in found.tasks:
        if task.points < 1 or not task.function.isidentifier():
            raise ConfigError(f"task {task.number} needs at least one point and a function's name", where)
    for wrong in found.wrong:
        unknown = [number for number in wrong.fails if number not in numbers]
        if unknown or not wrong.fails:
            raise ConfigError(f"wrong solution {wrong.file} must fail tasks of this assignment, not {unknown}", where)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"cannot be read: {reason}", str(path)) from error
