"""The README's code works: its commands are those of CI, and its Python example runs."""

import re
from pathlib import Path

import pytest

from minirearec.data import beauty_sim

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_ci_runs_the_test_command_of_the_readme():
    command = next(block.strip() for block in blocks("sh") if "pytest" in block)
    assert command in (ROOT / ".ci" / "run").read_text().splitlines()
    assert "\n" not in command


def test_the_python_example_runs(monkeypatch, capsys, tmp_path):
    """Run it as printed, but on a small data set and for two epochs."""
    import minirearec
    import minirearec.runs.opening  # it keeps its own name for load, which should be the real one

    small = beauty_sim(users=200, items=80, interactions=1600)
    monkeypatch.setattr("minirearec.data.load", lambda name: small)
    make = minirearec.Config.make
    monkeypatch.setattr(minirearec.Config, "make", lambda **settings: make(**{"epochs": 2, "width": 8, **settings}))
    monkeypatch.chdir(tmp_path)
    example = blocks("python")[0]
    assert len([line for line in example.splitlines() if line.strip()]) <= 12
    exec(example, {})  # safe: the README is our own
    assert "NDCG@10" in capsys.readouterr().out


@pytest.mark.parametrize("page", ["README.md", "tests/benchmarks/README.md"])
def test_the_files_it_names_exist(page):
    text = (ROOT / page).read_text()
    for link, name in re.findall(r"\]\(([^)#]+)|`((?:minirearec|tests|cli|datasets|tutorials)/[^` ]*)`", text):
        if "://" not in link and "*" not in name:
            assert ((ROOT / page).parent / link if link else ROOT / name).exists(), link or name
