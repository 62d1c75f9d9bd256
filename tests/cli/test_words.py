"""No screen breaks a word on a terminal of 40, 60, 80 or 120 columns, and no colour is hard to read on light or dark.

``check`` and ``grade`` are in views/assignment/test_words.py.
"""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from minirearec.config import TrainingConfig
from minirearec.events import BatchDone, EpochDone, Started
from minirearec_cli import console
from minirearec_cli.console import COPIED, CleanConsole
from minirearec_cli.tables import FOLDED
from minirearec_cli.views.live import LiveView

WIDTHS = (40, 60, 80, 120)
WORDS = re.compile(r"[^\W\d_]{2,}")
FIGURES = re.compile(r"(?<![\w.,])[\d.,]*\d(?![\w.,])")
HARD_TO_READ = ("yellow", "cyan", "white", "black", "blue")  # of the 16 colours, on a white or on a black ground


def terminal(width: int, file=None) -> CleanConsole:
    """Return a terminal of this width, without colours."""
    return CleanConsole(file=file or io.StringIO(), width=width, force_terminal=True, color_system=None,
                        highlight=False, markup=False, emoji=False)


def check(screen_at, name: str) -> None:
    """Check a screen, a function of the width, against the same screen on a terminal where everything fits."""
    wide = screen_at(400)
    long = " ".join(word for word in wide.split() if len(word) > FOLDED)  # names of files, and sums
    for width in WIDTHS:
        narrow = screen_at(width)
        for line in narrow.splitlines():
            assert len(line.rstrip()) <= width or COPIED.search(line), f"{name}, {width} columns: {line}"
        for pattern in (WORDS, FIGURES):
            broken = {part for part in set(pattern.findall(narrow)) - set(pattern.findall(wide)) if part not in long}
            assert not broken, f"{name}, {width} columns: {broken} are parts of words"


@pytest.mark.parametrize("words", [
    ("evaluate",), ("evaluate", "--metrics", "hitrate,coverage@10"), ("train", "--resume"),
    ("recommend", "--user", "1"), ("recommend", "--history", "1,2", "--answer-only"), ("data", "list"),
    ("data", "stats", "beauty-sim"),
    ("assignment", "list"), ("analyze",)], ids=" ".join)
def test_commands(words, finished, minirearec, monkeypatch):
    def screen_at(width):
        file = io.StringIO()
        monkeypatch.setattr(console, "results", lambda: terminal(width, file))
        run = () if words[0] in ("data", "assignment") else (finished,)
        before = words if "--resume" in words else words[:1]
        assert minirearec(*before, *run, *words[len(before):]).exit_code == 0
        return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", file.getvalue())

    check(screen_at, " ".join(words))


def test_training():
    def screen_at(width):
        view = LiveView(terminal(width), {}, [], TrainingConfig(), clock=lambda: 7.0)
        for number in range(1, 9):
            view.show(EpochDone(number, 9.0, {"NDCG@20": 0.02 * number % 0.07, "NDCG@10": 0.01, "Recall@10": 0.03},
                                12.5, min(number, 3)))
        view.show(Started(8, 200, 131_413))
        view.show(BatchDone(9, 50_000, 7.25))
        paper = terminal(width)
        paper.print(view.render())
        return paper.file.getvalue()

    check(screen_at, "train")


def test_a_broken_word_is_found():
    def screen_at(width):
        paper = Console(file=io.StringIO(), width=width)
        paper.print("recommendations " * 5, soft_wrap=width > 100)
        return paper.file.getvalue()[:39] if width < 100 else paper.file.getvalue()

    with pytest.raises(AssertionError, match="parts of words"):
        check(screen_at, "broken")


def test_colours_can_be_read_on_light_and_dark():
    folder = Path(console.__file__).parent
    for path in folder.rglob("*.py"):
        found = re.search(rf'"(?:bold )?({"|".join(HARD_TO_READ)})"', path.read_text())
        assert not found, f"{path}: {found}"
