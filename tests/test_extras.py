"""Commands that install an extra name its packages: pip would not find miniReaRec itself on an index."""

import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from minirearec.extras import install

EXTRAS = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]["optional-dependencies"]


@pytest.mark.parametrize("extra", ["tutorials", "onnx", "encoder", "tensorboard", "nbgrader"])
def test_the_command_names_the_packages_of_the_extra(extra):
    words = shlex.split(install(extra))
    assert words[:4] == [sys.executable, "-m", "pip", "install"]
    assert sorted(word.replace(" ", "") for word in words[4:]) == sorted(EXTRAS[extra])


def test_a_package_of_no_extra_is_named():
    assert shlex.split(install("", "pandas"))[2:] == ["pip", "install", "pandas"]
    assert shlex.split(install("mine", "wandb"))[2:] == ["pip", "install", "wandb"]
    assert "wandb" not in install("onnx", "wandb"), "an extra has its own"


def test_the_command_runs_as_printed():
    """With --dry-run and without an index, pip finds what is installed already."""
    words = [*shlex.split(install("tutorials")), "--dry-run", "--no-index", "--quiet"]
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")
    assert subprocess.run(words, capture_output=True).returncode == 0
