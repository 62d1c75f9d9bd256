"""Make text from others safe to print, and put counts into words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

JOINERS = re.compile("(?<=[^\x00-\x7f])[\u200c\u200d](?=[^\x00-\x7f])")  # they shape emoji, and words in some scripts


def printable(text: str) -> str:
    r"""Return a text in which nothing can move a cursor, and nothing hides or reverses other text.

    Control characters, bidirectional marks, other invisible characters and lone surrogates become ``\x1b``,
    ``\u202e`` and so on. Letters of every script, emoji, spaces, tabs and line breaks stay as they are.
    """
    if text.isprintable():
        return text
    kept = {match.start() for match in JOINERS.finditer(text)}
    return "".join(char if char.isprintable() or char in "\n\t" or unicodedata.category(char) == "Zs" or place in kept
                   else _escape(char) for place, char in enumerate(text))


def one_line(text: str) -> str:
    """Return a printable text without line breaks and tabs, for a name inside a line or a cell of a table."""
    return printable(text).replace("\n", "\\n").replace("\t", "\\t")


def epochs(count: int) -> str:
    """Return ``1 epoch`` or ``2 epochs``."""
    return f"{count} epoch{'s' * (count != 1)}"


def numbered(names: Sequence[str]) -> list[str]:
    """Return the names, with a number after each that occurs several times: ``a, b, a`` gives ``a (1), b, a (2)``."""
    many, before, found = Counter(names), Counter[str](), []
    for name in names:
        before[name] += 1
        found.append(f"{name} ({before[name]})" if many[name] > 1 else name)
    return found


def _escape(char: str) -> str:
    r"""Return a character as ``\x1b``, ``\u202e`` or ``\U000e0041``."""
    code = ord(char)
    if code < 0x7f:  # 7f is the one that JSON may hold as it is, and \x7f would not be JSON
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

