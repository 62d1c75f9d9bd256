"""Grade a folder of submissions, all of it or some students again, and write what comes out."""

import difflib
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from minirearec.atomic import write_bytes
from minirearec.errors import ConfigError
from minirearec.text import printable
from minirearec_cli.console import say
from minirearec_cli.views import waiting
from minirearec_cli.views.assignment.grade_files import Graded, Wanted, make_room, write_student, write_tables
from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.collecting.names import folded
from minirearec_tutorials.grading.collecting.sources import Unreadable, code
from minirearec_tutorials.grading.collecting.submissions import Submission, submissions
from minirearec_tutorials.grading.marking.grader import Grade
from minirearec_tutorials.grading.marking.mistakes import known_mistakes
from minirearec_tutorials.grading.marking.pool import JOBS, grade_all
from minirearec_tutorials.grading.reporting.anonymity import anonymous, hidden, key_text, pseudonyms, read_key
from minirearec_tutorials.grading.reporting.records import How, recorded, recorded_how
from minirearec_tutorials.grading.reporting.report import page_names
from minirearec_tutorials.grading.reporting.similarity import Pair, similar_pairs
from minirearec_tutorials.grading.reporting.statistics import statistics


def grade_into(notices: Console, item: Assignment, folder: Path, wanted: Wanted) -> Graded:
    """Grade submissions, and write the table and all that lies beside it.

    Each student's page is written as soon as it is graded, the tables at the end. Raises ConfigError, before anything
    is graded, when ``force`` is missing to replace an earlier grading, for a folder that is not an earlier grading, for
    a student who is not there, and to hide names in an earlier grading that shows them.
    """
    found, others = submissions(folder, item, wanted.written())
    if others:
        say(notices, printable(f"Ignored, not a submission: {', '.join(others)}"), "dim")
    known = read_key(wanted.beside("names"))  # of an earlier grading without names
    earlier: list[Grade] = []
    pages: dict[str, str] = {}  # by the name that is shown
    how = How(wanted.rules)
    if wanted.only:
        earlier, pages = recorded(item, wanted.record)
        how = recorded_how(item, wanted.record)
        if wanted.anonymous and not known:
            raise ConfigError("the earlier grading shows names", "--anonymous", "Grade all again, with --force.")
        wanted = replace(wanted, anonymous=bool(known), similarity=wanted.similarity or wanted.similar.exists())
    students = [one.student for one in found]
    names = pseudonyms(students, known) if wanted.anonymous else {student: student for student in students}
    chosen = _chosen(found, wanted.only, names)
    new = [names[one.student] for one in chosen if names[one.student] not in pages]
    pages |= dict(zip(new, page_names(new, pages.values()), strict=True))
    graded: list[Grade] = []
    try:
        if not wanted.only:
            make_room(wanted)
        if wanted.anonymous:
            write_bytes(wanted.beside("names"), key_text(names).encode(errors="surrogateescape"))
        times = _times(notices, found, chosen, wanted, names, how)
        _grade(notices, item, chosen, wanted, names, pages, graded, times)
        grades = _joined(earlier, graded, found, names)
        names |= {grade.student: grade.student for grade in grades if grade.student not in names}
        mistakes = known_mistakes(item, {task.number for grade in grades for task in grade.tasks if task.mistake})
        pairs = _pairs(item, found, wanted, names) if wanted.similarity else None
        return write_tables(item, grades, statistics(item, grades, mistakes), pairs, wanted, names, pages, how)
    except KeyboardInterrupt:
        say(notices, f"{len(graded)} of {len(chosen)} were graded; their pages are in {wanted.pages}. "
                     f"{wanted.out} was not {'changed' if wanted.only else 'written'}.")
        raise
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", str(error.filename or wanted.out)) from error


def _chosen(found: list[Submission], only: tuple[str, ...], names: dict[str, str]) -> list[Submission]:
    """Return the submissions to grade. Raises ConfigError for a student who handed in nothing."""
    if not only:
        return found
    by_name = {name: one for one in found for name in (names[one.student], one.id, one.student) if name}
    for name in only:
        if name not in by_name:
            near = difflib.get_close_matches(name, by_name, n=1)
            raise ConfigError(f"there is no submission of {name!r}", "--only",
                              f"Did you mean {near[0]}?" if near else "Give a name as the table has it.")
    return list({id(by_name[name]): by_name[name] for name in only}.values())


def _times(notices: Console, found: list[Submission], chosen: list[Submission], wanted: Wanted, names: dict[str, str],
           how: How) -> dict[str, float | None]:
    """Return when each of the chosen handed in, and add what --times says to ``how``.

    That is what --times says or, for a student it does not name, said in the earlier grading; or else when the file
    was changed last.
    """
    given = {folded(name): time for name, time in wanted.times.items()}
    rows = {one.student: next(filter(given.__contains__, map(folded, (one.student, one.id))), None) for one in found}
    how.times.update({names[one.student]: given[row] for one in chosen if (row := rows[one.student]) is not None})
    if given:
        unknown = [name for name in wanted.times if folded(name) not in rows.values()]
        unnamed = [one.student for one in chosen if names[one.student] not in how.times]
        for what, who in (("In --times, without a submission", unknown),
                          ("Not in --times, so the time of the file counts", unnamed)):
            if who:
                say(notices, printable(f"{what}: {', '.join(who)}"), "dim")
    return {one.student: how.times.get(names[one.student], one.time) for one in chosen}


def _grade(notices: Console, item: Assignment, chosen: list[Submission], wanted: Wanted, names: dict[str, str],
           pages: dict[str, str], graded: list[Grade], times: dict[str, float | None]) -> None:
    """Grade submissions, write their pages, and add the grades under the students' own names to ``graded``."""
    with waiting.bar(notices, f"Grading {item.name}", len(chosen)) as count:
        def done(grade: Grade) -> None:
            grade = wanted.rules.graded(grade, times[grade.student])
            shown = anonymous(grade, names) if wanted.anonymous else grade
            write_student(item, shown, wanted.pages, pages[shown.student])
            graded.append(grade)
            count()

        grade_all(item, chosen, wanted.jobs or JOBS, done)


def _joined(earlier: list[Grade], graded: list[Grade], found: list[Submission], names: dict[str, str]) -> list[Grade]:
    """Return all grades under the students' own names: those of now in place of earlier ones."""
    own = {name: student for student, name in names.items()}
    ids = {one.student: (one.system, one.id) for one in found}
    kept = {own.get(grade.student, grade.student): grade for grade in earlier}
    for student, grade in kept.items():
        system, number = ids.get(student, (grade.system, grade.id))
        kept[student] = replace(grade, student=student, system=system, id=number)
    kept |= {grade.student: grade for grade in graded}
    return sorted(kept.values(), key=lambda grade: grade.student)


def _pairs(item: Assignment, found: list[Submission], wanted: Wanted, names: dict[str, str]) -> list[Pair]:
    """Compare all submissions that can be read, whoever is graded now."""
    sources = {}
    for one in found:
        try:
            text = code(one.source) if one.source else ""
        except Unreadable:
            continue
        text = text if isinstance(text, str) else "\n".join(text)
        sources[names[one.student]] = hidden(text, one.student, names[one.student]) if wanted.anonymous else text
    return similar_pairs(sources, [item.stub(), item.solution()], wanted.rules.similar)
