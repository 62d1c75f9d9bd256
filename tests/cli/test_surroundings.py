"""Terminals that are not UTF-8, streams that are closed, full or read by nobody, and interrupts at the end."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import SMALL

ROWS = "".join(json.dumps({"user": f"u{user}", "item": f"é{item}", "title": f"日本語 — Title {item}",
                           "timestamp": step}) + "\n"
               for user in range(20) for step in range(5) for item in [(user * 3 + step) % 11])
CALLS = """
import json, sys
from minirearec_cli.main import cli
for words in json.loads(sys.argv[1]):
    try:
        cli(words, prog_name="minirearec")
    except SystemExit as end:
        print("exit", end.code, file=sys.__stderr__)
"""
NO_LOCALE = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("surroundings", [{"PYTHONIOENCODING": "cp1252"}, NO_LOCALE], ids=str)
def test_a_terminal_that_is_not_utf_8(surroundings, tmp_path):
    (tmp_path / "films.jsonl").write_text(ROWS, encoding="utf-8")
    (tmp_path / "handed").mkdir()
    (tmp_path / "handed" / "josé.py").write_text("print('日本')\n", encoding="utf-8")
    calls = [["data", "import", "films.jsonl", "--name", "films"],
             ["train", "--dataset", "./films", "--epochs", "1", "--out", "run", "--backend", "numpy", *SMALL],
             ["evaluate", "run"], ["recommend", "run", "--user", "u3"], ["data", "list"], ["data", "stats", "./films"],
             ["assignment", "grade", "a1", "handed", "--out", "grades.csv"],
             ["assignment", "check", "a1", "--file", "handed/jos\u00e9.py"]]
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore", **surroundings}
    done = subprocess.run([sys.executable, "-c", CALLS, json.dumps(calls)], capture_output=True, cwd=tmp_path, env=env)
    encoding = surroundings.get("PYTHONIOENCODING", "ascii").split(":")[0]
    out, err = done.stdout.decode(encoding), done.stderr.decode(encoding)
    assert done.returncode == 0 and "Traceback" not in err, err
    codes = [line for line in err.splitlines() if line.startswith("exit ")]
    assert codes[:7] == ["exit 0"] * 7 and codes[7] in ("exit 1", "exit 2"), err
    assert r"\u65e5\u672c\u8a9e" in out and "Title 3" in out


def training(start, tiny, out, *words, **streams):
    fixed = "--dataset", tiny, "--epochs", 2, "--out", out, "--backend", "numpy"
    return start("train", *fixed, *words, *SMALL, **streams)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("trouble, code, told", [
    ("stdout closed", 2, "Error: stdout: cannot be written (it is closed). "),
    ("stdout full", 2, "Error: stdout: cannot be written (No space left on device). "),
    ("stderr closed", 1, ""), ("stderr full", 1, ""), ("both closed", 2, ""), ("nobody reads", 1, "")])
def test_training_ends_well_whatever_happens_to_its_output(trouble, code, told, start, tiny, tmp_path):
    closed = {"stdout closed": [1], "stderr closed": [2], "both closed": [1, 2]}.get(trouble, [])
    with open("/dev/full", "w") as full:
        streams = {trouble.split()[0]: full} if trouble.endswith("full") else {}
        process = training(start, tiny, tmp_path / "run", **streams,
                           preexec_fn=lambda: [os.close(number) for number in closed])
    if trouble == "nobody reads":
        process.stdout.close()
        process.stderr.close()
        assert process.wait(timeout=120) == code
    else:
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == code, stderr
        assert told in (stderr or "") and "Traceback" not in (stderr or "") and "ignored" not in (stderr or "")
    assert json.loads((tmp_path / "run" / "results.json").read_text())["epochs"] == 2
    assert len((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()) == 2


def test_further_interrupts_leave_the_message_alone(start, tiny, tmp_path):
    process = training(start, tiny, tmp_path / "run", "--epochs", 500, "--patience", 500)
    for line in process.stderr:
        if line.startswith("epoch 1 "):
            break
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.002)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and stdout == ""
    assert "Resume with: minirearec train --resume" in stderr and "Traceback" not in stderr and "ignored" not in stderr
