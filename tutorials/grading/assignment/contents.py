"""What an assignment holds, and the texts made from its solution.py: the stub, the solution, wrong submissions.

Imports neither NumPy nor Hypothesis before ``checks()`` is called, so that listing the assignments is quick.
"""

import importlib.util
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from minirearec.errors import ConfigError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
TASK_LINE = re.compile(r"# Task (\S+): (.+) \((\d+) points?\)\s*")
TASK_HEADING = re.compile(r"#" + TASK_LINE.pattern)
POINTS = re.compile(r"^(##? Task (\S+): .+) \(\d+ points?\)", re.MULTILINE)


@dataclass(frozen=True)
class Task:
    """One function to write, for all of its points or none."""

    number: str
    title: str
    function: str
    points: int
    hints: tuple[str, ...] = ()  # from a nudge to nearly the code


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
    other_points: bool = False  # than those in its texts

    @property
    def points(self) -> int:
        """Return the points of all tasks together."""
        return sum(task.points for task in self.tasks)

    @property
    def file(self) -> str:
        """Return the name of the file that students hand in, such as ``a2.py``."""
        return f"{self.name}.py"

    def task(self, number: str) -> Task:
        """Return the task with this number. Raises ConfigError when there is none."""
        for task in self.tasks:
            if task.number == number:
                return task
        raise ConfigError(f"there is no task {number}", f"assignment {self.name}",
                          f"Its tasks are {', '.join(task.number for task in self.tasks)}.")

    def stub(self) -> str:
        """Return what the student gets: solution.py with a NotImplementedError in place of every solution block.

        Raises ConfigError for markers that are missing or misplaced.
        """
        names, lines, number, inside = {task.number: task.function for task in self.tasks}, [], None, False
        for place, line in enumerate(self.marked_solution().splitlines(), 1):
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
        """Return solution.py without the markers."""
        kept = [line for line in self.marked_solution().splitlines() if line.strip() not in (BEGIN, END)]
        return "\n".join(kept) + "\n"

    def marked_solution(self) -> str:
        """Return solution.py as it is written, with the markers around each solution block."""
        return self._with_points(file_text(self.folder / "solution.py"))

    def wrong_submission(self, wrong: Wrong) -> str:
        """Return the solution followed by the functions that a wrong solution replaces."""
        return f"{self.solution()}\n\n{file_text(self.folder / 'wrong' / wrong.file)}"

    def text(self) -> str:
        """Return text.md: an introduction, then a section for every task."""
        return self._with_points(file_text(self.folder / "text.md"))

    def _with_points(self, text: str) -> str:
        """Return a text with the points of the tasks, if a teacher has changed them."""
        worth = {task.number: f"{task.points} point{'' if task.points == 1 else 's'}" for task in self.tasks}
        if not self.other_points:
            return text
        return POINTS.sub(lambda line: f"{line[1]} ({worth[line[2]]})" if line[2] in worth else line[0], text)

    def sections(self) -> tuple[str, dict[str, str]]:
        """Split text.md into its introduction and the section of every task, by number and with headings."""
        parts: list[list[str]] = [[]]
        numbers = []
        for line in self.text().splitlines():
            if found := TASK_HEADING.fullmatch(line):
                numbers.append(found[1])
                parts.append([])
            parts[-1].append(line)
        introduction, *texts = ["\n".join(part).strip() + "\n" for part in parts]
        return introduction, dict(zip(numbers, texts, strict=True))

    def checks(self) -> ModuleType:
        """Load checks.py again each time. It imports NumPy and Hypothesis.

        The module is a package while it loads, so that it can import files beside it: ``from .expected import ...``.
        """
        name = f"minirearec_checks_of_{self.name}"
        spec = importlib.util.spec_from_file_location(name, self.folder / "checks.py",
                                                      submodule_search_locations=[str(self.folder)])
        assert spec is not None and spec.loader is not None, "Python loads .py files"
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        finally:  # another assignment may have the same name
            for loaded in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
                del sys.modules[loaded]
        return module


def file_text(path: Path) -> str:
    """Read a file of an assignment. Raises ConfigError when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"cannot be read: {reason}", str(path)) from error
