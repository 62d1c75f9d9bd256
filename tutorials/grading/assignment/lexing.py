"""Read Python source as tokens, whatever it is: by patterns, so that nothing a stranger wrote can break the reader."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(r'''
    (?P<prose>(?i:[rbuf]{0,2})(?:"""(?:\\.|[^\\])*?"""|\'\'\'(?:\\.|[^\\])*?\'\'\'))
  | (?P<string>(?i:[rbuf]{0,2})(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
  | (?P<comment>\#[^\n]*)
  | (?P<name>[^\W\d]\w*)
  | (?P<number>\d[\w.]*|\.\d[\w.]*)
  | (?P<newline>\n)
  | (?P<space>[^\S\n]+)
  | (?P<sign>\*\*|//|[-+*/%@&|^<>=!:]=|->|<<|>>|.)''', re.VERBOSE | re.DOTALL)
LEFT_OUT = ("prose", "comment", "newline", "space")
LONGEST = 200_000  # characters that are read; no honest file has more


@dataclass(frozen=True)
class Token:
    """A name, number, string or sign, with its line from 1 and its column from 0."""

    kind: str
    text: str
    line: int
    column: int


def tokens(source: str) -> Iterator[Token]:
    """Yield the tokens that are code: no comments, no texts in three quotes, no space."""
    line, start = 1, 0
    for found in TOKEN.finditer(source[:LONGEST]):
        kind = found.lastgroup or ""
        if kind not in LEFT_OUT:
            yield Token(kind, found[0], line, found.start() - start)
        if breaks := found[0].count("\n"):
            line += breaks
            start = found.start() + found[0].rindex("\n") + 1


def functions(source: str) -> dict[str, list[Token]]:
    """Return the tokens of each function at the left margin; the last one of a name counts, as in Python."""
    found: dict[str, list[Token]] = {}
    name, last = "", None
    for token in tokens(source):
        if last is not None and last.text == "def" and last.column == 0:
            name = token.text
            found[name] = [last]
        elif token.column == 0 and token.text not in ")]}":
            name = ""
        if name:
            found[name].append(token)
        last = token
    return found


def reached(written: dict[str, list[Token]], function: str) -> set[str]:
    """Return the other functions of a source that a function uses, directly or through others of them."""
    waiting, seen = [function], set()
    while waiting:
        names = {token.text for token in written.get(waiting.pop(), [])[2:] if token.kind == "name"}
        waiting += (new := (names & written.keys()) - seen)
        seen |= new
    return seen - {function}
