"""Twenty hostile names through every screen, and screens of every width and encoding."""

import io
import json
import re

import pytest

from minirearec_cli import console
from tests.cli.conftest import SMALL
from tests.cli.hostile import NAMES, assert_clean

CONTROLS = re.compile("[\x00-\x1f\x7f]")
PER_NAME = pytest.mark.parametrize("name", NAMES, ids=ascii)


def an_id(number: int, name: str) -> str:
    """Return an id, in which an import accepts any character but C0 controls, as in titles."""
    return f"{number}{CONTROLS.sub('~', name)[:150]}"


def rows(names) -> str:
    """Return lines of JSON in which users, items and titles are these names."""
    return "".join(json.dumps({
        "user": an_id(user, names[user % len(names)]), "item": an_id(item, names[item % len(names)]),
        "title": CONTROLS.sub("~", names[item % len(names)]), "timestamp": step}) + "\n"
        for user in range(20) for step in range(5) for item in [(user * 3 + step) % 20])


def as_file(name: str) -> str:
    """Return a name that a file can have."""
    return name.replace("/", "|").replace("\0", "0")[:100]


@PER_NAME
def test_a_data_set_and_its_run(name, minirearec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    safe, source = as_file(name), tmp_path / f"{as_file(name)}.jsonl"
    source.write_text(rows([name, *NAMES]))
    screens = [minirearec("data", "import", source, "--name", safe, "--out", "data")]
    if screens[0].exit_code == 2:
        assert "a data set cannot be called" in screens[0].stderr
        screens.insert(0, minirearec("data", "import", source, "--name", "safe", "--out", "data"))
    training = ["train", "--dataset", "./data", "--epochs", 1, "--out", safe, "--method", "prl", *SMALL]
    screens.append(minirearec(*training))
    assert screens[0].exit_code == screens[-1].exit_code == 0, [screen.stderr for screen in screens]
    user = an_id(0, name)
    for words in (["train", "--resume", safe], ["evaluate", safe], ["analyze", safe], ["compare", safe, safe],
                  ["sweep", "--dataset", "./data", "--vary", "steps=1", "--epochs", 1, "--out", f"{safe}-s", *SMALL],
                  ["recommend", safe, "--history", "1,x" + safe],
                  ["recommend", safe, "--user", user], ["recommend", safe, "--user", user, "--json"],
                  ["data", "stats", "./data"], ["data", "verify", "./data"],
                  ["data", "export", "./data", "--out", safe],
                  ["data", "export", "./data", "--out", f"{safe}.csv"], ["data", "import", "data", "--out", safe],
                  ["data", "info", safe], ["assignment", "start", "a1", "--out", f"{safe}-a1"],
                  ["evaluate", safe, "--plugin", f"{safe}.py"],
                  ["import-official", safe, "--config", safe, "--out", safe]):
        screens.append(minirearec(*words))
        assert screens[-1].exit_code in (0, 2)
    for screen in screens:
        assert_clean(screen.stdout + screen.stderr)


@PER_NAME
def test_errors_that_quote_what_was_typed(name, minirearec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for words in ([name], ["train", name], ["train", f"--{name}"], ["train", "--method", name],
                  ["train", "--steps", name],
                  ["train", "--alpha", name], ["train", "--dataset", name], ["train", "--resume", name],
                  ["data", "fetch", name], ["data", "import", name, "--columns", name], ["assignment", "check", name],
                  ["data", "export", "hops", "--format", name, "--out", "x"], ["recommend", name, "--user", name],
                  ["assignment", "grade", "a1", name, "--out", f"{as_file(name)}.csv"], ["train", "--plugin", name],
                  ["sweep", "--vary", name], ["sweep", "--preset", f"x{name}"], ["study", f"x{name}"],
                  ["compare", name, name]):
        result = minirearec(*words)
        assert result.exit_code == 2 and result.stdout == ""
        assert sum(line.startswith("Error: ") for line in result.stderr.splitlines()) == 1
        assert_clean(result.stderr)


def test_undecodable_words_are_refused(minirearec, refused):
    refused(minirearec("train", "--dataset", "caf\udce9.txt"), r"'caf\udce9.txt' is not text")


def test_a_terminal(minirearec, terminal, tmp_path, monkeypatch):
    """The live view and the panels, with their own codes for colours and the cursor."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(console.sys, "stdout", io.StringIO(), raising=False)
    for name in NAMES:
        safe = as_file(name)
        console.say(console.notices(), name)
        console.warn(console.notices(), name.replace("\n", " "), name.replace("\n", " "))
        console.notices().print(console.labelled({"Name": safe.replace("\n", " ")}))
    (tmp_path / "x.jsonl").write_text(rows(NAMES))
    safe = as_file("".join(NAMES[:8]))
    assert minirearec("data", "import", "x.jsonl").exit_code == 0
    assert minirearec("train", "--dataset", "./x", "--epochs", 2, "--out", safe, *SMALL).exit_code == 0
    assert "\x1b[" in terminal.getvalue()
    assert_clean(terminal.getvalue(), drawn=True)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_every_figure_is_whole(width, finished, minirearec):
    for words in (["evaluate", finished], ["analyze", finished], ["train", "--resume", finished],
                  ["recommend", finished, "--user", 1],
                  ["data", "list"], ["data", "stats", "beauty-sim"], ["assignment", "list"]):
        wide, narrow = (minirearec(*words, env={"COLUMNS": str(columns)}).stdout for columns in (200, width))
        assert "…" not in narrow
        words_of = re.compile(r"(?<![\w.,])[\d.,]*\d(?![\w.,])")
        missing = set(words_of.findall(narrow)) - set(words_of.findall(wide))
        assert not missing, f"{words}: {missing} are parts of figures"
        letters = re.compile(r"[A-Za-z]{2,}")
        broken = set(letters.findall(narrow)) - set(letters.findall(wide))
        assert width == 40 or not broken, f"{words}: {broken} are parts of words"  # a path may be longer than 40
