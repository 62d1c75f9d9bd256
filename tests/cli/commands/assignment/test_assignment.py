"""The group of commands: complete, and quick to load."""

import subprocess
import sys

from click.testing import CliRunner

from minirearec_cli.commands.assignment import command


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
