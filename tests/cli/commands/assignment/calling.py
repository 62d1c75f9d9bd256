"""Calling minirearec assignment in this process."""

from click.testing import CliRunner

from minirearec_cli.main import cli


def call(*words):
    """Return the outcome of ``minirearec assignment ...``. Raises again any exception that is not an exit."""
    result = CliRunner().invoke(cli, ["assignment", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def refused(result, *fragments):
    assert result.exit_code == 2 and result.stdout == "" and "Traceback" not in result.stderr
    assert result.stderr.count("Error: ") == 1
    for fragment in fragments:
        assert fragment in result.stderr
