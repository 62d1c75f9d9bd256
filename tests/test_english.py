"""Prose for readers stays free of phrases that a native reader stumbles over: see "How we write" in CONTRIBUTING.md."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCANNED = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "cli", "datasets/cards", "minirearec", "tests",
           "tutorials")  # files, and folders with all below them
THIS_FILE = "tests/test_english.py"  # it names the phrases
SUFFIXES = {".py", ".md", ".toml"}
STYLE_PAGE = "\n## How we write\n"  # the end of CONTRIBUTING.md, which quotes the phrases
BANNED = {  # a phrase, with | between its forms, and what to write instead
    "could not be had|cannot be had|can be had": "could not be obtained, is not available",
    "put right|puts right|putting right": "fix",
    "left away|leave away|leaves away": "left out, omit",
    "whom for": "for (a user)",
    "go on|goes on|going on with|gone on|went on": "continue, resume",
    "judge|judges|judged|judging": "evaluate, compare, grade",
    "stands twice|stand twice": "is written twice",
    "stands in|stand in|stands beside|stand beside|stands above|stand above": "is in, is next to",
    "asks of it|asked of it|asks of them|asked of them": "requires, holds it to",
    "any of the two": "either of the two",
    "no result of": "not a result of",
    "as many as it likes": "chosen by (the program)",
    "so many besides": "also this many",
    "never met": "have no interaction",
    "plays no role|play no role": "does not matter",
    "is no candidate|are no candidates|are no negatives|is no run directory": "is not a ...",
    "one a file|one module a|one function a|one row a|one user a|one line an|one dict an": "one per file",
    "anew": "again",
    "epochs done": "finished N epochs, reached the limit of N epochs",
}
PATTERNS = {re.compile(rf"\b(?:{phrases})(?!\w)".replace(" ", r"[\s#]+"), re.IGNORECASE): better
            for phrases, better in BANNED.items()}


def files(root: Path, places: tuple[str, ...]) -> Iterator[Path]:
    """Yield every file of prose at or below the places."""
    for place in map(root.joinpath, places):
        assert place.exists(), f"{place} is gone: change SCANNED"
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in found if path.suffix in SUFFIXES)


def faults(root: Path, places: tuple[str, ...]) -> list[str]:
    """Return ``file:line: "phrase" (better: ...)`` for every banned phrase, even across a line break."""
    found = []
    for path in files(root, places):
        if path.relative_to(root).as_posix() == THIS_FILE:
            continue
        text = path.read_text(encoding="utf-8").partition(STYLE_PAGE)[0]
        for pattern, better in PATTERNS.items():
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                found.append(f'{path.relative_to(root)}:{line}: "{match[0]}" (better: {better})')
    return found


def test_no_banned_phrase():
    found = faults(ROOT, SCANNED)
    assert not found, "\n" + "\n".join(found)


def test_a_banned_phrase_is_found_with_its_place_and_a_suggestion(tmp_path):
    (tmp_path / "prose").mkdir()
    (tmp_path / "prose" / "a.py").write_text("x = 1\n# The data could not be\n# had today.\n")
    (tmp_path / "b.md").write_text(f"All good.\n\nPut right what you can.\n{STYLE_PAGE}\nleft away\n")
    (tmp_path / "prose" / "c.json").write_text("judged")
    assert faults(tmp_path, ("prose", "b.md")) == [
        'prose/a.py:2: "could not be\n# had" (better: could not be obtained, is not available)',
        'b.md:3: "Put right" (better: fix)']


def test_words_that_contain_a_phrase_are_allowed(tmp_path):
    (tmp_path / "a.md").write_text("The input right of it; prejudged; whom foreign readers know.\n")
    assert faults(tmp_path, ("a.md",)) == []
