"""Choose the file to grade among all that a student handed in, and say what was left out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from minirearec_tutorials.grading.assignment.contents import Assignment
from minirearec_tutorials.grading.collecting.names import numbered, stem_of
from minirearec_tutorials.grading.collecting.sources import Source, Unreadable, text

UNWRITTEN = re.compile(r'raise NotImplementedError\(\\?"Task ')  # of the stub, in a file or in a notebook's JSON
MOST_NAMES = 3  # in a sentence


@dataclass(frozen=True)
class Candidate:
    """A Python file or notebook. ``shown``: its path as the student knows it; ``copy``: the number of a later copy.

    ``named``: its name says whose it is, as in ``ann.py``, so that any name is right.
    """

    source: Source
    shown: str
    depth: int = 0
    named: bool = False
    time: float | None = None
    copy: int = 0

    @property
    def stem(self) -> str:
        """Return what the student called it, without the suffix."""
        return stem_of(PurePosixPath(self.shown).name)


def choose(candidates: Sequence[Candidate], item: Assignment) -> tuple[Candidate | None, str]:
    """Return the candidate to grade, or None when no file is of this assignment, and a note about the choice.

    A file that defines functions of the assignment and has written one of them comes before the stub; then the right
    name, the least deep, the latest copy and the latest change count, in this order.
    """
    if len(candidates) == 1 and _rightly_named(candidates[0], item):
        return candidates[0], ""
    ranks = {one: rank for one in candidates if (rank := _rank(one, item)) is not None}
    if not ranks:
        return None, ""
    chosen, *rest = sorted(ranks, key=lambda one: ranks[one], reverse=True)
    left = f", not {listed([one.shown for one in rest])}" if rest else ""
    wrong = "" if any(_rightly_named(one, item) for one in candidates) else f": there is no {item.file}"
    return chosen, f"graded {chosen.shown}{left}{wrong}" if left or wrong else ""


def listed(names: Sequence[str]) -> str:
    """Return ``a, b, c and 4 more``, with each name cut to a readable length."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(name[:100] for name in names[:MOST_NAMES]) + more


def _rightly_named(one: Candidate, item: Assignment) -> bool:
    return one.named or numbered(one.stem)[0].casefold() == item.name


def _rank(one: Candidate, item: Assignment) -> tuple | None:
    """Return what to sort by, the best last; None for a file that has nothing of this assignment."""
    try:
        content = text(one.source)
    except Unreadable:
        content = ""
    defined = sum(bool(re.search(rf"\bdef\s+{task.function}\s*\(", content)) for task in item.tasks)
    right = _rightly_named(one, item)
    if not defined and not right:
        return None
    copy = one.copy or numbered(one.stem)[1]
    return (len(UNWRITTEN.findall(content)) < defined, right, -one.depth, copy, one.time or 0.0,
            one.source.suffix == ".py", one.shown)
