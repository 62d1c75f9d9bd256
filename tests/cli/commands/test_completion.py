"""minirearec completion prints a script that the shell accepts."""

import shutil
import subprocess

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_has_no_syntax_error(shell, minirearec):
    script = minirearec("completion", shell).stdout
    assert "minirearec" in script
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    assert subprocess.run([shell, "-n"], input=script, text=True, capture_output=True).returncode == 0
