"""A group imports only the command that is called."""

import subprocess
import sys

import pytest

CODE = """
import sys
from minirearec_cli.main import cli
try:
    cli({words!r})
except SystemExit as exit:
    loaded = [name for name in sys.modules if name.startswith("minirearec_cli.commands.")]
    print(sorted(name.removeprefix("minirearec_cli.commands.") for name in loaded), file=sys.stderr)
"""


@pytest.mark.parametrize("words, loaded", [
    (["--help"], []), (["info", "--help"], ["info"]), (["data", "--help"], ["data"]),
    (["data", "import", "--help"], ["data", "data.import_"]), (["data", "list", "--help"], ["data", "data.list"])])
def test_only_the_command_called_is_imported(words, loaded):
    done = subprocess.run([sys.executable, "-c", CODE.format(words=words)], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == str(loaded)


@pytest.mark.parametrize("words, message", [
    (["trian"], "No such command 'trian'. Did you mean train?"),
    (["qqq"], "No such command 'qqq'. Choose one of: train,"),
    (["data", "improt"], "No such command 'improt'. Did you mean import?"), (["data", "--qqq"], "No such option"),
    (["data", "qqq"], "Choose one of: list, info, fetch, stats, import, features, export, verify.")])
def test_unknown_commands(minirearec, words, message):
    result = minirearec(*words)
    assert result.exit_code == 2 and message in result.stderr
