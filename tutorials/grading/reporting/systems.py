"""Grades for Moodle and Canvas, for students whose hand-ins were downloaded from there: their ids are in the names.

Moodle: a grading worksheet, which it reads by these headings (``mod/assign/feedback/offline``). Canvas: a gradebook,
which needs the first three columns and the row of possible points (``gradebook_importer.rb``).
"""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.marking.grader import Grade
from minirearec_tutorials.grading.reporting.report import cell, remark

SYSTEMS = ("moodle", "canvas")
MOODLE = ("Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments")


def system_tables(item: Assignment, grades: Iterable[Grade], column: str = "") -> dict[str, str]:
    """Return a CSV for each system that students' hand-ins came from, by its name.

    ``column``: what Canvas calls the assignment, with its number in brackets.
    """
    by_system: dict[str, list[Grade]] = {}
    for grade in grades:
        if grade.system:
            by_system.setdefault(grade.system, []).append(grade)
    tables = {}
    if moodle := by_system.get("moodle"):
        now = datetime.now().isoformat(" ", "seconds")  # Moodle keeps grades that it has changed later
        tables["moodle"] = _csv([MOODLE, *([f"Participant {grade.id}", cell(grade.student), grade.earned, grade.points,
                                            now, cell(remark(grade))] for grade in moodle)])
    if canvas := [grade for grade in by_system.get("canvas", []) if grade.id.isdigit()]:  # not the anonymous ones
        tables["canvas"] = _csv([("Student", "ID", "Section", cell(column or item.name)),
                                 ("    Points Possible", "", "", item.points),
                                 *([cell(grade.student), grade.id, "", grade.earned] for grade in canvas)])
    return tables


def _csv(rows: Iterable[Iterable]) -> str:
    into = io.StringIO()
    csv.writer(into, lineterminator="\n").writerows(rows)
    return into.getvalue()
