"""Names that would move a cursor, hide text or break a table if a terminal received them as they are."""

import re

NAMES = (
    "\x1b[2J\x1b[1;1Hgone", "\x1b]0;title\x07", "\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\", "\x1bP1$r0m\x1b\\",
    "\x9b2J\x9b31mred", "\x9d0;title\x9c", "a\rb\x08\x08c\x0b\x0c", "two\nlines\tand a tab", "\n\nError: all is well",
    "\u202egnp.exe", "\u2066isolated\u2069", "\u200fright\u200eleft\u061c", "zero\u200bwidth\ufeff\u2060\u00ad",
    "line\u2028paragraph\u2029next\x85", "[red]not red[/red] :boom:", "[link=http://evil]x[/link] [/] [bold",
    "x" * 400, "\u05e9\u05dc\u05d5\u05dd \u0633\u0644\u0627\u0645 12",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u65e5\u672c\u8a9e\u3000\u672c \U000e0041",
    "\x7f\x00\x1f'\"$(id)`id`;\\")
# Everything but spaces, line breaks and what stands between emoji; a tab is ours if it comes alone.
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
                    "\ud800-\udfff\U000e0000-\U000e007f]")


def assert_clean(text: str, *, drawn: bool = False) -> None:
    """Check that a screen holds nothing unsafe; with ``drawn`` it may hold the codes of our own drawing."""
    if drawn:
        text = re.sub(r"\x1b\[(\d+(;\d+)*m|\?25[lh]|[12]?K|\d*A)|\r", "", text)
    found = UNSAFE.search(text)
    assert not found, f"{found.group()!r} in {text[max(0, found.start() - 60):found.end() + 20]!r}"
    assert not re.search("^Error: all is well", text, re.MULTILINE), "a name makes a line of its own"
