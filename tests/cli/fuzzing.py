"""Command lines made from the real tree of commands, with values that are right, wrong and hostile."""

import os
import random
import re
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from click.testing import CliRunner

from minirearec_cli.main import cli
from tests.cli.hostile import UNSAFE

NUMBERS = ("0", "1", "2", "3", "-1", "5.0", "0.5", "-0.5", "1e-45", "1e300", "1e400", "nan", "inf", "-inf",
           "2147483648", "9223372036854775807", "9223372036854775808", "1" * 400, "1_0", "\u0663", "0x10", "1e3", " 1",
           "+1", "--1")
TEXTS = ("", " ", "a", "-", "--", "\x1b[2J\x1b[31mred", "\x9b2J", "\u202egnp.exe", "[red]x[/red]", "[link=http://x]y",
         "a\nb", "\r\b\x07", "\x00", "\x7f", "\u65e5\u672c", "\U0001f468\u200d\U0001f469", "\udcff", "x" * 5000,
         "%s{0}", "../../x", "0.8,0.9", "1,2,3", "a,b", ",", "=1+1", "~", "~nobody/x")
PATHS = ("missing", "folder", "fifo", "loop", "empty", "noise", "data.txt", "films.csv", "run", "film-run", "plugin.py",
         "missing/x", "data.txt/x", "/dev/null", "/dev/full", ".", "..", "x" * 300, "x/" * 2500 + "x")
TRAINING = ("--epochs", "1", "--patience", "1", "--width", "8", "--inner-width", "8", "--layers", "1", "--heads", "1",
            "--max-length", "8", "--batch-positions", "64")
RIGHT = {  # by the name of the parameter
    "run": ("run", "film-run"),
    "runs": ("run", "film-run"), "metric": ("NDCG@20", "Recall@5"),
    "metrics": ("map@7", "coverage,ndcg@50"), "vary": ("steps=0..1", "alpha=1,2"),
    "resume": ("run", "film-run", "half-run"), "dataset": ("data.txt", "films", "beauty-sim"),
    "file": ("films.csv",), "name": ("beauty", "hops", "a2"), "names": ("a1", "a6"), "out": ("new", "new/x", "new.csv"),
    "users": ("all", "data.txt", "2"), "histories": ("data.txt",),
    "user": ("1", "19", "u3"), "history": ("1,2", "i3, i4", "5"), "k": ("1", "3"), "data_dir": (".", "folder"),
    "config": ("films.csv",), "checkpoint": ("noise",), "folder": ("folder", "new"), "number": ("1", "9"),
    "method": ("erl", "prl", "base", "counts"), "columns": ("user,item,title,timestamp",), "cuts": ("0.5,0.8", "2,4"),
    "log": ("jsonl",), "blend": ("run", "counts", "counts:pctm"), "study": ("ladder", "study.toml"),
    "reasoner": ("separate", "adapter", "gru", "items", "paths", "lares"),
    "plugins": ("plugin.py",), "source": ("all", "titles"), "texts": ("title", "brand,year"), "encoder": ("wordllama",),
     "device": ("cpu",), "threads": ("1", "2")}
# They start processes of their own.
SLOW = {("assignment", "check"), ("assignment", "grade"), ("tutorial", "open"), ("bench",)}



@dataclass(frozen=True)
class Outcome:
    """What a command line did: its exit code, and what is wrong with that."""

    words: list[str]
    code: int
    output: str
    problem: str


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command of the tree with the words that lead to it."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, (*path, name))


def value(draw: random.Random, param: click.Parameter) -> str:
    """Return a value for a parameter: usually a right one, else one of its kind, else any."""
    kind, right = param.type, RIGHT.get(param.name or "")
    if right and draw.random() < 0.8:
        return draw.choice(right)
    if isinstance(kind, click.Choice) and draw.random() < 0.7:
        return draw.choice(list(kind.choices))
    if isinstance(kind, (click.types.IntParamType, click.types.FloatParamType)) and draw.random() < 0.8:
        return draw.choice(NUMBERS)
    likely = PATHS if isinstance(kind, click.Path) else (*TEXTS, "beauty", "hops", "a2", "erl", "prl", "counts", "1")
    return draw.choice(likely if draw.random() < 0.7 else (*NUMBERS, *TEXTS, *PATHS))


def command_line(draw: random.Random, path: tuple[str, ...], command: click.Command) -> list[str]:
    """Return the words of a call of one command."""
    words, later = list(path), []
    if path == ("train",):
        words += ["--dataset", "data.txt", *TRAINING, "--offline", "--quiet"]
    if path == ("study",):
        words += ["--dataset", "data.txt", "--quick", "--estimate"]
    if path == ("sweep",):
        words += ["--dataset", "data.txt", *TRAINING]
    for param in command.params:
        if isinstance(param, click.Argument):
            later += [value(draw, param) for _ in range(draw.choice((1, 1, 1, 1, 1, 1, 0, 2)))]
            continue
        chance = 0.8 if param.required else min(0.3, 3 / len(command.params))
        while draw.random() < chance and param.name != "help":
            names = [*param.opts, *param.secondary_opts]
            words += [draw.choice(names)] + [value(draw, param)] * (not param.is_flag)
            chance = 0.1
    if draw.random() < 0.1:
        later.append(draw.choice((*TEXTS, *PATHS, "--help", "--nonsense", "-k")))
    return words + ["--"] * (draw.random() < 0.1) + later


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeoutError when a block takes longer."""
    def ring(*_):
        raise TimeoutError(f"took more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def attempt(words: list[str], seconds: float) -> Outcome:
    """Run a command line in this process and say what is wrong with how it ended, if anything is."""
    runner = CliRunner()
    with limited(seconds):
        result = runner.invoke(cli, words)
    raw = result.stdout_bytes + result.stderr_bytes
    output, problem = raw.decode("utf-8", "surrogateescape"), ""
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        problem = "".join(traceback.format_exception(result.exception))
    elif result.exit_code not in (0, 1, 2):
        problem = f"exit code {result.exit_code}"
    elif found := UNSAFE.search(output):
        problem = f"{found.group()!r} reaches the terminal"
    elif "Traceback" in output:
        problem = "a traceback"
    elif result.exit_code == 2 and not re.search("^(Error: |Usage: )", output, re.MULTILINE):
        problem = "no message"
    return Outcome(words, result.exit_code, output, problem)


def furnish(folder: Path) -> None:
    """Make the files that PATHS names, except for the runs."""
    (folder / "folder").mkdir()
    os.mkfifo(folder / "fifo")
    (folder / "loop").symlink_to("loop")
    (folder / "empty").write_bytes(b"")
    (folder / "noise").write_bytes(random.Random(0).randbytes(4000))
    (folder / "plugin.py").write_text("")
    write_data(folder)


def write_data(folder: Path) -> None:
    """Write a small data set of histories and one of interactions."""
    lines = [" ".join(map(str, [user, *(1 + (user * step) % 11 for step in range(1, 7))])) for user in range(1, 20)]
    (folder / "data.txt").write_text("\n".join(lines) + "\n")
    rows = [f"u{user},i{user * step % 11},Film {user * step % 11},{step}" for user in range(20) for step in range(6)]
    (folder / "study.toml").write_text('[[rows]]\nname = "base"\nmethod = "base"\n')
    (folder / "films.csv").write_text("\n".join(["user,item,title,timestamp", *rows]) + "\n")


def fuzz(seed: int, count: int, seconds: float = 120, skip=frozenset(SLOW)) -> Iterator[Outcome]:
    """Yield the outcomes of ``count`` command lines, run in the current folder; each from its own seed."""
    commands = [(path, command) for path, command in leaves(cli) if path not in skip]
    for number in range(count):
        write_data(Path())  # an earlier command may have replaced a file
        draw = random.Random(f"{seed}.{number}")
        yield attempt(command_line(draw, *draw.choice(commands)), seconds)
