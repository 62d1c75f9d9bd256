"""Every command that we print can be typed: all are collected and held to the commands and options that there are."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from minirearec_cli.main import COMMANDS, cli
from tests.cli.fuzzing import leaves

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "tutorials/guide.md",
                                  "tests/benchmarks/README.md")]
CODE = [path for folder in ("minirearec", "cli", "tutorials") for path in sorted((ROOT / folder).rglob("*.py"))]
START = rf"(?:[\w./-]*/)?minirearec (?=(?:{'|'.join(COMMANDS)})\b)"
IN_PAGES = re.compile(rf"(?:^|`|-m |&& ){START}([^`\n]*(?:\\\n[^`\n]*)*)", re.MULTILINE)
IN_TEXTS = re.compile(rf"(?:^|: |'|^  ){START}([^'\n]*)", re.MULTILINE)
PLACEHOLDER = "9"
OPTIONAL = re.compile(r"[\[|…].*|\.\.\..*")  # in schematic lines


def texts(path: Path) -> Iterator[str]:
    """Yield the strings of a Python file, and comments that are lines of a notebook; values become a placeholder."""
    source = path.read_text(encoding="utf-8")
    if "notebooks" in path.parts:
        lines = re.sub(r"\\\n# +", " ", source).splitlines()
        yield from (line[2:] for line in lines if line.startswith("# minirearec"))
    tree = ast.parse(source)
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else PLACEHOLDER for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


def commands() -> Iterator[tuple[str, str]]:
    """Yield the place and the words of every command that is printed."""
    for path in PAGES:
        for match in IN_PAGES.finditer(path.read_text(encoding="utf-8")):
            yield path.name, match[1].replace("\\\n", " ")
    for path in CODE:
        for text in texts(path):
            for match in IN_TEXTS.finditer(text):
                if not re.match("[a-z -]+:", match[1]):  # the title of a module
                    yield path.relative_to(ROOT).as_posix(), match[1]


def words_of(line: str) -> list[str]:
    """Return the words of a printed line: no comment, pipe, redirection or next sentence."""
    line = re.split(r"\s[#>|&]|; |\. |, | \(|\)|\s\u2026|  ", OPTIONAL.sub("", line))[0]
    return [word.rstrip(".,") for word in shlex.split(line)]


def fault(words: list[str]) -> str:
    """Return what is wrong with the words of a command; empty when they fit one."""
    paths = dict(leaves(cli))
    path = next((path for path in paths if tuple(words[:len(path)]) == path), None)
    if path is None:
        groups = {path[:1] for path in paths if len(path) > 1}
        return "" if tuple(words[:1]) in groups and words[1:] in ([], ["--help"]) else "no such command"
    command, rest = paths[path], words[len(path):]
    if not rest:
        return ""  # the name of the command alone, in prose
    try:
        parser = command.make_parser(click.Context(command))
        _, left, _ = parser.parse_args(list(rest))
    except click.UsageError as error:
        return error.format_message()
    return f"too many words: {left}" if left else ""


FOUND = sorted(set(commands()))


def test_commands_are_found_everywhere():
    places = {place for place, _ in FOUND}
    assert {"README.md", "guide.md", "CONTRIBUTING.md", "cli/commands/train.py", "minirearec/runs/directory.py",
            "tutorials/notebooks/00_quick_start.py"} <= places and len(FOUND) > 80


@pytest.mark.parametrize("place, line", FOUND, ids=[f"{place}: {line[:40]}" for place, line in FOUND])
def test_a_printed_command_can_be_typed(place, line):
    assert not fault(words_of(line)), f"{place}: minirearec {line}: {fault(words_of(line))}"


def test_commands_that_cannot_be_typed_are_found():
    assert "No such option" in fault(words_of("train --datset beauty"))
    assert "requires an argument" in fault(words_of("recommend RUN --user"))
    assert "too many words" in fault(words_of("evaluate RUN other"))
    assert "no such command" in fault(words_of("data fech toys"))
    assert fault(words_of("train --dataset my-file.txt --json > results.json")) == ""


def test_no_hint_installs_us_from_an_index():
    for path in [*PAGES, *CODE]:
        assert "pip install 'minirearec[" not in path.read_text(encoding="utf-8"), path
