"""The files of a grading: a page and Gradescope's results for each student, the tables, and how an earlier one goes."""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from minirearec.atomic import write_bytes
from minirearec.errors import ConfigError
from minirearec_cli.views.assignment import pages as drawn
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.collecting.looking import real
from minirearec_tutorials.grading.marking.grader import Grade
from minirearec_tutorials.grading.marking.rules import Rules
from minirearec_tutorials.grading.reporting.anonymity import anonymous, key_text
from minirearec_tutorials.grading.reporting.records import FILE, How, record
from minirearec_tutorials.grading.reporting.report import csv_text, gradescope
from minirearec_tutorials.grading.reporting.similarity import Pair
from minirearec_tutorials.grading.reporting.statistics import TaskStatistics
from minirearec_tutorials.grading.reporting.systems import SYSTEMS, system_tables


@dataclass(frozen=True)
class Wanted:
    """How to grade a folder: ``only`` these students again, ``times`` by name or id, where to, and what else."""

    out: Path
    jobs: int | None = None
    force: bool = False
    only: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)
    times: dict[str, float] = field(default_factory=dict)
    anonymous: bool = False
    similarity: bool = False

    @property
    def pages(self) -> Path:
        """Return the folder of pages."""
        return self.out.with_suffix("")

    @property
    def record(self) -> Path:
        """Return the file that ``only`` adds to."""
        return self.pages / FILE

    @property
    def similar(self) -> Path:
        """Return the page of similar submissions."""
        return self.pages / "similar.html"

    def beside(self, kind: str) -> Path:
        """Return a table beside the one of grades, such as ``grades-moodle.csv``."""
        return self.out.with_name(f"{self.out.stem}-{kind}.csv")

    def written(self) -> tuple[Path, ...]:
        """Return all that a grading may write, which is not a submission wherever it lies."""
        return self.out, self.pages, *(self.beside(kind) for kind in ("names", *SYSTEMS))


@dataclass(frozen=True)
class Graded:
    """What came out, under the names that are shown. ``places``: the files, by what they are."""

    grades: list[Grade]
    statistics: list[TaskStatistics]
    pairs: list[Pair] | None
    places: dict[str, Path]


def refuse_inside(wanted: Wanted, paths: Iterable[Path]) -> None:
    """Raise ConfigError for a path in the folder of pages, which an earlier grading made and this one replaces."""
    for path in paths:
        if not wanted.only and real(path).is_relative_to(real(wanted.pages)):
            raise ConfigError(f"is inside {wanted.pages}, which this grading would replace", str(path),
                              "Choose another --out, or move it.")


def make_room(wanted: Wanted) -> None:
    """Make an empty folder for the pages, with an index that says "not finished", and remove earlier tables."""
    out, folder = wanted.out, wanted.pages
    if out.suffix != ".csv":
        raise ConfigError("the name of the table must end in .csv", str(out))
    there = [str(path) for path in wanted.written() if path.exists()]
    if there and not wanted.force:
        raise ConfigError(f"already there: {' and '.join(there)}",
                          fix="Use --force to grade again, or choose another --out.")
    index = folder / "index.html"
    try:
        if folder.exists():
            if not index.is_file() or drawn.MARK not in index.read_text(encoding="utf-8", errors="replace"):
                raise ConfigError("this folder is not an earlier grading, so it is not replaced", str(folder),
                                  "Choose another --out.")
            shutil.rmtree(folder)
        for path in wanted.written():
            if not (wanted.anonymous and path == wanted.beside("names")):  # who is who outlives an interruption
                path.unlink(missing_ok=True)
        folder.mkdir(parents=True)
        write_bytes(index, drawn.unfinished_page().encode())
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(error.filename or out)) from error


def write_student(item: Assignment, grade: Grade, folder: Path, page: str) -> None:
    """Write the page of a student, drawn as ``check`` draws it, and results.json."""
    write_bytes(folder / f"{page}.html", drawn.student_page(item, grade).encode())
    (folder / page).mkdir(exist_ok=True)
    write_bytes(folder / page / "results.json", (json.dumps(gradescope(grade), indent=2) + "\n").encode())


def write_tables(item: Assignment, grades: list[Grade], statistics: list[TaskStatistics], pairs: list[Pair] | None,
                 wanted: Wanted, names: dict[str, str], pages: dict[str, str], how: How) -> Graded:
    """Write the index, the table, those for Moodle and Canvas, and the key to the names if they are hidden."""
    shown = [anonymous(grade, names) for grade in grades] if wanted.anonymous else grades
    shown = sorted(shown, key=lambda grade: grade.student)
    places = {"table": wanted.out, "pages": wanted.pages / "index.html"}
    texts = {places["pages"]: drawn.index_page(item, shown, pages, statistics, pairs),
             wanted.record: record(item, shown, pages, how)}
    if pairs is not None:
        places["similar"] = wanted.similar
        texts[places["similar"]] = drawn.similar_page(item, pairs)
    for system, text in system_tables(item, grades, wanted.rules.column).items():
        places[system] = wanted.beside(system)
        texts[places[system]] = text
    if wanted.anonymous:
        places["names"] = wanted.beside("names")
        texts[places["names"]] = key_text(names)
    texts[wanted.out] = csv_text(item, shown)
    for path, text in texts.items():
        write_bytes(path, text.encode(errors="surrogateescape"))  # a file's name may be any bytes
    return Graded(shown, statistics, pairs, places)
