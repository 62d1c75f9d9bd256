"""Tell mistakes apart: submissions that fail in the same way have the same digest, and so has a known wrong solution.

Checks draw the same inputs every time, so the check that fails, its smallest inputs and the value that came back say
which mistake it is.
"""

import hashlib
import re
from collections.abc import Collection

import numpy as np

from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.checks import checks_of
from minirearec_tutorials.grading.checks.explanation import call_text, value_text
from minirearec_tutorials.grading.checks.in_process import in_process
from minirearec_tutorials.grading.checks.runner import Outcome, run_task

PLACE = re.compile(r" \((?:cell \d+, )?line \d+: .*\)$", re.DOTALL)  # differs between files with the same mistake


def digest(outcome: Outcome) -> str:
    """Return a short text that is the same for the same mistake."""
    parts = [outcome.check.task, outcome.check.name, str(outcome.drawn), outcome.call and call_text(outcome.call)]
    parts += [outcome.message, value_text(outcome.got)] if outcome.wrong else [PLACE.sub("", outcome.message)]
    return hashlib.sha256(repr(parts).encode(errors="backslashreplace")).hexdigest()[:16]


def known_mistakes(item: Assignment, tasks: Collection[str]) -> dict[str, str]:
    """Return what each wrong solution of an assignment is about, by the digest of how it fails in one of these tasks.

    They are run in this process: they come with the assignment, as its checks do.
    """
    found: dict[str, str] = {}
    checks = checks_of(item.checks())
    with np.errstate(all="ignore"):
        for wrong in item.wrong:
            space: dict = {"__name__": item.name}
            exec(compile(item.wrong_submission(wrong), wrong.file, "exec"), space)
            for number in set(wrong.fails) & set(tasks):
                last = run_task(checks[number], in_process(space))[-1]
                found.setdefault(digest(last), wrong.about)
    return found
