"""minirearec tutorial: list, copy, open."""

import json
from pathlib import Path

from minirearec_cli.commands import tutorial as module
from minirearec_tutorials.notebooks import tutorials


def test_list(minirearec):
    lines = minirearec("tutorial", "list").stdout.splitlines()
    assert lines[:11] == [f"{found.number:>2}  {found.title}" for found in tutorials()]
    found = json.loads(minirearec("tutorial", "list", "--json").stdout)
    assert [one["title"] for one in found] == [one.title for one in tutorials()]


def test_copy_keeps_what_is_there(minirearec, tmp_path):
    (tmp_path / "new").mkdir()
    mine = tmp_path / "new" / "00_quick_start.ipynb"
    mine.write_text("mine")
    result = minirearec("tutorial", "copy", tmp_path / "new")
    assert result.exit_code == 0 and "(already there, kept)" in result.stdout.splitlines()[0]
    assert mine.read_text() == "mine" and len(list((tmp_path / "new").iterdir())) == 11


def test_copy_into_a_file(minirearec, refused, tmp_path):
    (tmp_path / "file").write_text("")
    refused(minirearec("tutorial", "copy", tmp_path / "file"), "cannot be written", "Choose another folder")


def test_open_starts_jupyterlab_with_your_copy(minirearec, tmp_path, monkeypatch):
    started = []

    class Done:
        returncode = 0

    monkeypatch.setattr(module, "find_spec", lambda name: True)
    monkeypatch.setattr(module.subprocess, "run", lambda words: started.append(words) or Done)
    result = minirearec("tutorial", "open", 1, "--folder", tmp_path / "own")
    path = tmp_path / "own" / "01_sequences_and_metrics.ipynb"
    assert result.exit_code == 0 and result.stdout == f"{path}\n" and path.exists()
    assert started[0][1:] == ["-m", "jupyterlab", str(path)]


def test_git_ignores_the_copy_in_a_clone():
    ignored = (Path(__file__).resolve().parents[3] / ".gitignore").read_text().splitlines()
    assert f"/{module.FOLDER}/" in ignored


def test_open_without_jupyterlab(minirearec, refused, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    result = minirearec("tutorial", "open", 1, "--folder", tmp_path / "own")
    refused(result, "JupyterLab is not installed", "pip install")
    assert (tmp_path / "own" / "01_sequences_and_metrics.ipynb").exists()


def test_no_such_number(minirearec, refused):
    refused(minirearec("tutorial", "open", 99), "no tutorial 99", "0 to 10")
