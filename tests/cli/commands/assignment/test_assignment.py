"""The group of commands: complete, and quick to load."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from minirearec_cli.commands.assignment import COMMANDS, command


def test_list_and_help_load_nothing_heavy():
    code = ("import sys; from minirearec_cli.main import cli\n"
            "try: cli(['assignment', *sys.argv[1:]])\n"
            "except SystemExit: pass\n"
            "print([name for name in ('numpy', 'hypothesis', 'torch') if name in sys.modules])")
    for words in (["list"], ["--help"], ["check", "--help"]):
        printed = subprocess.check_output([sys.executable, "-c", code, *words], text=True)
        assert printed.splitlines()[-1] == "[]", words


def test_the_group_has_its_commands():
    result = CliRunner().invoke(command, ["--help"])
    assert [line.split()[0] for line in result.stdout.partition("Commands:")[2].splitlines() if line.strip()] == [
        "list", "start", "check", "grade", "release"]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_of_a_command_is_the_first_of_its_help(name):
    one = command.get_command(None, name)
    assert one.name == name and one.help.splitlines()[0] == COMMANDS[name]


def test_only_the_command_that_is_called_is_imported():
    code = ("import sys; from minirearec_cli.main import cli\n"
            "try: cli(['assignment', 'start', '--help'])\n"
            "except SystemExit: pass\n"
            "print([name.rpartition('.')[2] for name in sys.modules if 'commands.assignment.' in name])")
    printed = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert printed.splitlines()[-1] == "['start']"


def test_a_name_that_is_no_command_gets_a_suggestion():
    result = CliRunner().invoke(command, ["chekc"])
    assert result.exit_code == 2 and "Did you mean check?" in result.stderr
