"""Completion, as the shells ask for it; bash and zsh run for real where they are installed."""

import os
import shutil
import subprocess
import sys

import pytest

from minirearec.data import cards
from minirearec_cli.commands.completion import SHELLS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("runs/erl3", "runs/prl", "mine", "other/deep"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "config.toml").write_text("")
    (tmp_path / "runs" / "no-run").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def completed(minirearec, *words) -> list[str]:
    """Return what bash would offer for the last word."""
    env = {"_MINIREAREC_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(["minirearec", *words]),
           "COMP_CWORD": str(len(words))}
    lines = minirearec(env=env).stdout.split()
    return [line.partition(",")[2] for line in lines if line.startswith("plain,")]


@pytest.mark.parametrize("words, found", [
    (["tr"], ["train"]), (["data", "fe"], ["fetch", "features"]),
    (["train", "--dataset", "beau"], ["beauty", "beauty-sim"]),
    (["train", "--method", "p"], ["prl"]), (["train", "--resume", "runs/"], ["runs/erl3", "runs/prl"]),
    (["evaluate", "m"], ["mine"]), (["recommend", "runs/e"], ["runs/erl3"]), (["evaluate", "other/"], ["other/deep"]),
    (["compare", "runs/erl3", "runs/p"], ["runs/prl"]), (["report", "m"], ["mine"]), (["analyze", "m"], ["mine"]),
    (["evaluate", "mine", "--blend", "runs/e"], ["runs/erl3"]), (["sweep", "--dataset", "lastf"], ["lastfm"]),
    (["study", "l"], ["ladder", "levers"]),
    (["data", "info", "lastf"], ["lastfm"]), (["train", "--warmup-e"], ["--warmup-epochs"]), (["nonsense", "x"], [])])
def test_what_is_offered(words, found, folder, minirearec):
    assert completed(minirearec, *words) == found


def test_all_data_sets_are_offered(minirearec, folder):
    assert set(completed(minirearec, "train", "--dataset", "")) == set(cards())


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_gets_a_script(shell, minirearec):
    assert "_MINIREAREC_COMPLETE" in minirearec("completion", shell).stdout


ASK = {
    "bash": 'eval "$(minirearec completion bash)"; '
            'COMP_WORDS=(minirearec {words}); COMP_CWORD={last}; compopt() {{ :; }}; '
            '_minirearec_completion minirearec 2>/dev/null; printf "%s\\n" "${{COMPREPLY[@]}}"',
    "zsh": 'autoload -U compinit; compinit -u; compadd() {{ print -l -- "${{(@P)argv[-1]}}" }}; '
           '_path_files() {{ }}; '
           'words=(minirearec {words}); CURRENT=$(({last} + 1)); eval "$(minirearec completion zsh)"; '
           '_minirearec_completion',
    "fish": 'minirearec completion fish | source; complete -C "minirearec {words}"'}


@pytest.mark.parametrize("shell", ASK)
def test_the_shell_itself(shell, folder):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    program = folder / "bin" / "minirearec"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m minirearec "$@"\n')
    program.chmod(0o755)
    env = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "ZDOTDIR": str(folder)}
    for words, expected in (("train --dataset beau", {"beauty", "beauty-sim"}), ("evaluate runs/e", {"runs/erl3"})):
        script = ASK[shell].format(words=words, last=len(words.split()))
        options = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
        done = subprocess.run([shell, *options, "-c", script], capture_output=True, text=True, env=env)
        assert expected <= set(done.stdout.split()), done.stderr
