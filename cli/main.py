"""The entry point: commands are imported when they are called, and errors become one message and an exit code.

Exit codes: 0 done, 2 an error the user can fix, 130 interrupted. Anything else is a bug and shows its traceback.
"""

import errno
import os
import shlex
import signal
import sys
from contextlib import contextmanager, suppress

import click

from minirearec import __version__
from minirearec.errors import MiniReaRecError
from minirearec_cli.groups import LazyGroup

COMMANDS = {
    "train": "Train a model, evaluate it on the test part and save everything in a run directory.",
    "evaluate": "Show a run's metrics again, computed from its best weights.",
    "recommend": "Recommend for a user or a history, at every reasoning step.",
    "export": "Export a run for other programs: a page of NumPy, or ONNX.",
    "import-official": "Turn a checkpoint of the authors' code into a run.",
    "tutorial": "List, open and copy the tutorial notebooks.",
    "assignment": "Start, check, release and grade assignments.",
    "data": "List, get, describe, import, export and verify data sets.",
    "info": "Show versions, devices, folders and data sets.",
}
COMMAND_LINE = "minirearec.command"  # key in click's context: the command line as typed
INTERRUPTED = 130


class UserError(click.ClickException):
    """The error that click prints as ``Error: message`` before it exits with code 2."""

    exit_code = 2


class Root(LazyGroup):
    """The program itself: remembers the command as it was typed, and turns errors into messages."""

    def parse_args(self, ctx, args):
        ctx.meta[COMMAND_LINE] = shlex.join(["minirearec", *args])
        return super().parse_args(ctx, args)

    def invoke(self, ctx):
        with errors_as_messages(ctx):
            result = super().invoke(ctx)
            sys.stdout.flush()  # a full disk behind a redirection shows up here, not after the last handler
            return result


@contextmanager
def errors_as_messages(ctx):
    """Turn errors that a user can cause into a message and an exit code; let all others through."""
    try:
        yield
    except MiniReaRecError as error:
        raise UserError(str(error)) from error
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
        ctx.exit(INTERRUPTED)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        drop_output()
        raise UserError(f"{error.filename or 'output'}: no space left on the device. Free some space and run "
                        "the command again.") from error


def drop_output() -> None:
    """Redirect stdout to the null device: its buffer cannot be written, and Python would try again at exit."""
    with suppress(OSError, ValueError):  # not a real file, as under a test
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group("minirearec", cls=Root, package="minirearec_cli.commands", lines=COMMANDS,
             context_settings={"help_option_names": ["-h", "--help"]}, epilog="""\b
Start with:
  minirearec train --dataset beauty
  minirearec recommend RUN --user 1""")
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli():
    """Train, evaluate and use recommenders that reason before they recommend (ReaRec, arXiv 2503.22675)."""


def run() -> None:
    """Run the command line. SIGTERM is handled like Ctrl-C, so it is just as safe."""
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        cli.main(prog_name="minirearec")
    except KeyboardInterrupt:  # before or after click's own handling
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    run()
