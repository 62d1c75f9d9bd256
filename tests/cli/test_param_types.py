"""Numbers, names and places at the command line are read strictly, and the messages say what is wrong."""

import click
import pytest

from minirearec_cli.main import COMMANDS, cli
from minirearec_cli.param_types import LARGEST, Decimal, Place, Whole
from tests.cli.fuzzing import leaves


@pytest.mark.parametrize("kind, text, value", [
    (Whole(), "+7", 7), (Whole(min=-1), "-1", -1), (Whole(), str(LARGEST), LARGEST),
    (Whole(max=None), str(LARGEST + 1), LARGEST + 1), (Decimal(), ".5", 0.5), (Decimal(), "-1.5e-3", -0.0015)])
def test_numbers_are_read(kind, text, value):
    assert kind.convert(text, None, None) == value


@pytest.mark.parametrize("kind, text, message", [
    (Whole(), "1_0", "is not a whole number"), (Whole(), "1.0", "is not a whole number"),
    (Whole(min=1), str(LARGEST + 1), "is too large"), (Whole(min=1), "0", "is not in the range x>=1"),
    (Whole(min=1, max=9), "10", "is not in the range 1<=x<=9"), (Whole(), "9" * 5000, "is not a whole number"),
    (Decimal(), "1_0", "is not a number"), (Decimal(), "nan", "is not a number"), (Decimal(), "1e999", "is too large"),
    (Place(), "", "is not a path"), (Place(), "a\0b", "is not a path"), (Place(), "/dev/null", "neither a file")])
def test_what_no_command_can_use_is_refused(kind, text, message):
    with pytest.raises(click.BadParameter, match=message):
        kind.convert(text, None, None)


def test_help_names_no_bound_that_is_none(minirearec):
    for name in COMMANDS:
        assert "None]" not in minirearec(name, "--help").stdout


def test_every_number_and_path_is_read_by_our_own_types():
    """Click's types take the digits of every script, numbers without bounds, and the empty path."""
    clicks = (click.Path, click.IntRange, click.FloatRange, type(click.INT), type(click.FLOAT))
    for path, command in leaves(cli):
        for param in command.params:
            assert type(param.type) not in clicks, f"{path}: {param.name}"
            if param.name in ("dataset", "out", "output", "compare", "run", "resume"):
                assert isinstance(param.type, Place), f"{path}: {param.name}"


def test_bench_refuses_what_train_refuses(minirearec, refused):
    refused(minirearec("bench", "--threads", 100_000), "--threads", "100000 is not in the range")
    refused(minirearec("bench", "--output", ""), "--output", "is not a path")
    refused(minirearec("bench", "--dataset", ""), "--dataset", "is not a path")
