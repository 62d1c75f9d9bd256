"""Which submissions are alike: winnowed fingerprints of their code, whatever its names, comments and order.

A name counts by how far back it was used last, not by its letters, so renaming changes nothing (Baker's parameterized
matching). Of the hashes of every K tokens in a row, the smallest of each WINDOW is kept (Schleimer, Wilkerson and
Aiken's winnowing), so that a shared stretch of K + WINDOW - 1 tokens is always found, wherever it has been moved to.

What everybody has is no evidence: the stub, the solution, and any fingerprint that more than COMMON students share.
"""

import builtins
import keyword
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from minirearec_tutorials.grading.assignment.lexing import Token, functions

K, WINDOW = 12, 4  # tokens in a row, and hashes of which one is kept
COMMON = 6  # students; a fingerprint of more is the usual way to write it
LEAST = 20  # fingerprints, those of about five lines, that two submissions must share for their share to say anything
FIXED = {*keyword.kwlist, *dir(builtins), "np", "numpy", "math"}  # names that a student cannot choose


@dataclass(frozen=True)
class Pair:
    """Two submissions, the share of the shorter one's fingerprints that both have, their texts, and the lines alike."""

    students: tuple[str, str]
    share: float
    texts: tuple[str, str]
    lines: tuple[frozenset[int], frozenset[int]]


def similar_pairs(sources: dict[str, str], common: Iterable[str], least: float) -> list[Pair]:
    """Return the pairs of students whose code is alike to a share of at least ``least``, the most alike first.

    ``common``: texts that everybody may have, such as the stub.
    """
    ours = {mark for text in common for mark in fingerprints(text)}
    marks = {student: {mark: lines for mark, lines in fingerprints(source).items() if mark not in ours}
             for student, source in sources.items()}
    owners = Counter(mark for found in marks.values() for mark in found)
    rare = {student: {mark for mark in found if owners[mark] <= COMMON} for student, found in marks.items()}
    students = sorted(rare)
    pairs = []
    for place, first in enumerate(students):
        for second in students[place + 1:]:
            shared = rare[first] & rare[second]
            share = len(shared) / max(min(len(rare[first]), len(rare[second])), 1)
            if len(shared) >= LEAST and share >= least:
                one, other = (frozenset[int]().union(*(marks[student][mark] for mark in shared))
                              for student in (first, second))
                pairs.append(Pair((first, second), share, (sources[first], sources[second]), (one, other)))
    return sorted(pairs, key=lambda pair: -pair.share)


def fingerprints(source: str) -> dict[int, frozenset[int]]:
    """Return the winnowed fingerprints of the functions of a source, each with the lines that it covers."""
    found: dict[int, frozenset[int]] = {}
    for body in functions(source).values():
        hashes = [(zlib.crc32(_normal(body[start:start + K])), start) for start in range(len(body) - K + 1)]
        for start in range(max(len(hashes) - WINDOW + 1, min(len(hashes), 1))):
            mark, place = min(hashes[start:start + WINDOW], key=lambda one: (one[0], -one[1]))
            lines = frozenset(token.line for token in body[place:place + K])
            found[mark] = found.get(mark, frozenset()) | lines
    return found


def _normal(window: list[Token]) -> bytes:
    """Return the text of tokens with every chosen name replaced by the distance to its last use in the window."""
    last: dict[str, int] = {}
    normal: list = []
    for place, token in enumerate(window):
        if token.kind == "string":
            normal.append("a string")
        elif token.kind != "name" or token.text in FIXED or (place and window[place - 1].text == "."):
            normal.append(token.text)
        else:
            normal.append(place - last[token.text] if token.text in last else 0)
            last[token.text] = place
    return repr(normal).encode(errors="backslashreplace")
