"""minirearec export: what it wrote, and a command that recommends with it."""

import json
import shlex
import shutil
import subprocess
import sys

import pytest


def run_shown(command: str, folder) -> str:
    """Return the output of the command that the export showed, run in ``folder``."""
    python, *words = shlex.split(command)
    assert python == "python"
    return subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_numpy_shows_files_and_a_command_that_runs(finished, minirearec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = minirearec("export", finished, "--to", "numpy")
    assert (result.exit_code, result.stderr) == (0, "")
    first, model, page, serve = result.stdout.splitlines()
    assert first == "Exported prl, K = 2, seed 0, trained on tiny:"
    assert model.split()[0] == "finished-numpy/model.safetensors" and page.split()[0] == "finished-numpy/serve.py"
    assert serve == "Next: python finished-numpy/serve.py finished-numpy/model.safetensors 1 2 3"
    shown = [line.split("\t") for line in run_shown(serve.removeprefix("Next: "), tmp_path).splitlines()]
    expected = json.loads(minirearec("recommend", finished, "--history", "1,2,3", "--backend", "numpy",
                                     "--json").stdout)["recommendations"][-1]
    assert [int(line[1]) for line in shown] == expected["items"]
    assert [float(line[2]) for line in shown] == pytest.approx(expected["scores"], abs=1e-4)


def test_json_names_the_files_and_the_command(finished, minirearec, tmp_path):
    shown = json.loads(minirearec("export", finished, "--to", "numpy", "-o", tmp_path / "out", "--json").stdout)
    assert shown["to"] == "numpy" and shown["run"] == str(finished)
    assert shown["files"] == {str(path): path.stat().st_size
                              for path in (tmp_path / "out" / "model.safetensors", tmp_path / "out" / "serve.py")}
    assert shown["serve"].startswith("python ")


def test_a_run_of_an_earlier_version_takes_its_items_from_the_data(finished, minirearec, tmp_path):
    shutil.copytree(finished, tmp_path / "old")
    (tmp_path / "old" / "items.json").unlink()
    for run in (finished, tmp_path / "old"):
        assert minirearec("export", run, "--to", "numpy", "-o", tmp_path / f"{run.name}-numpy").exit_code == 0
    old, new = (tmp_path / f"{name}-numpy" / "model.safetensors" for name in ("old", "finished"))
    assert old.read_bytes() == new.read_bytes()


def test_onnx_shows_the_file_and_a_command_that_runs(finished, minirearec, tmp_path, monkeypatch):
    for name in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(name, reason="needs the extra: pip install 'minirearec[onnx]'")
    monkeypatch.chdir(tmp_path)
    result = minirearec("export", finished, "--to", "onnx")
    assert (result.exit_code, result.stderr) == (0, "")
    first, file, serve = result.stdout.splitlines()
    assert first == "Exported prl, K = 2, seed 0, trained on tiny:" and file.split()[0] == "finished.onnx"
    assert run_shown(serve.removeprefix("Next: "), tmp_path).startswith("[[")


def test_errors_are_one_message(finished, minirearec, refused, tmp_path):
    taken = tmp_path / "taken"
    taken.mkdir()
    refused(minirearec("export", finished, "--to", "numpy", "-o", taken), "there is something here already")
    refused(minirearec("export", tmp_path / "none", "--to", "numpy"), "no such run directory")
    refused(minirearec("export", finished, "--to", "pickle"), "'pickle' is not one of 'numpy', 'onnx'")
    refused(minirearec("export", finished), "Missing option '--to'")
    assert not list(taken.iterdir())
