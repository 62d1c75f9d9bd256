"""The entry point: commands are imported when they are called, and errors become one message and an exit code.

Exit codes: 0 done, 1 done but the reader of the output left, 2 an error the user can fix, 129, 130 and 143 stopped by a
closed terminal, by Ctrl-C and by a request to terminate. Anything else is a bug and shows its traceback.
"""

import errno
import os
import shlex
import sys
from contextlib import contextmanager

import click

from minirearec import __version__
from minirearec.errors import MiniReaRecError
from minirearec.text import one_line
from minirearec_cli import stopping, streams, text
from minirearec_cli.groups import LazyGroup

COMMANDS = {
    "train": "Train a model, evaluate it on the test part and save everything in a run directory.",
    "evaluate": "Show a run's metrics again, computed from its best weights.",
    "analyze": "Show what happens between the steps: gains, groups, ranks, attention.",
    "compare": "Compare runs: intervals, and which differences can be claimed.",
    "sweep": "Train a grid of settings with several seeds, and show it as a table.",
    "study": "Answer a question with trained rows, seeds and intervals: does thinking help?",
    "recommend": "Recommend for a user or a history, at every reasoning step.",
    "report": "Write one HTML page with figures of runs, in which the model itself runs.",
    "export": "Export a run for other programs: a page of NumPy, or ONNX.",
    "import-official": "Turn a checkpoint of the authors' code into a run.",
    "tutorial": "List, open and copy the tutorial notebooks.",
    "assignment": "Start, check, release and grade assignments.",
    "data": "List, get, describe, import, export and verify data sets.",
    "bench": "Measure speed and memory on this machine, beside what its matrix products allow.",
    "completion": "Let your shell complete commands, options, data sets and runs.",
    "info": "Show versions, devices, folders and data sets.",
}
COMMAND_LINE = "minirearec.command"  # key in click's context: the command line as typed
COMPLETING = "_MINIREAREC_COMPLETE"  # how a shell asks
NO_MEMORY = "allocate memory", "out of memory"  # in PyTorch's errors, on the CPU and on a GPU


class UserError(click.ClickException):
    """The error that click prints as ``Error: message`` before it exits with code 2."""

    exit_code = 2


class Root(LazyGroup):
    """The program itself: remembers the command as it was typed, and turns errors into messages."""

    def main(self, *args, **options):
        if COMPLETING in os.environ:  # click answers the shell in bytes
            return super().main(*args, **options)
        with streams.guarded() as (out, err):
            try:
                return super().main(*args, **options)
            except SystemExit as end:
                out.flush()  # a full disk behind a redirection shows up here
                err.flush()
                sys.exit(end.code or lost_output(out, err))

    def parse_args(self, ctx, args):
        ctx.meta[COMMAND_LINE] = shlex.join(["minirearec", *args])
        for word in args:
            if any("\ud800" <= char <= "\udfff" for char in word):
                raise click.UsageError(f"{word!r} is not text in the encoding of this system. Rename the file, or set "
                                       "a locale with UTF-8.", ctx)
        with errors_as_messages(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx):
        with errors_as_messages(ctx):
            return super().invoke(ctx)


@contextmanager
def errors_as_messages(ctx):
    """Turn errors that a user can cause into a message and an exit code; let all others through."""
    try:
        yield
    except MiniReaRecError as error:
        raise UserError(one_line(text.typeable(str(error), COMMANDS))) from error
    except click.UsageError as error:
        if type(error) is not click.UsageError:
            raise  # it quotes what was typed, or it is the help
        raise click.UsageError(one_line(error.message), error.ctx) from error
    except KeyboardInterrupt as stopped:
        stopping.deafen()
        click.echo("Interrupted.", err=True)
        ctx.exit(stopping.exit_code(stopped))
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and not any(words in str(error) for words in NO_MEMORY):
            raise
        raise UserError("there is not enough memory. Choose a smaller model or --batch-positions, or close other "
                        "programs.") from error
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise UserError(f"{error.filename or 'output'}: no space left on the device. Free some space and run "
                        "the command again.") from error


def lost_output(out: streams.Guard, err: streams.Guard) -> int:
    """Return the exit code of a command that succeeded: not 0 if a stream failed. Say so if someone may not know."""
    if out.failure is None:
        return 0 if err.failure is None else 1
    if isinstance(out.failure, BrokenPipeError):
        return 1
    reason = getattr(out.failure, "strerror", None) or out.failure
    click.echo(f"Error: stdout: cannot be written ({reason}). The command did its work, but the end of its output is "
               "missing.", err=True)
    return 2


@click.group("minirearec", cls=Root, package="minirearec_cli.commands", lines=COMMANDS,
             context_settings={"help_option_names": ["-h", "--help"]}, epilog="""\b
Start with:
  minirearec train --dataset beauty
  minirearec recommend RUN --user 1""")
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli():
    """Train, evaluate and use recommenders that reason before they recommend (ReaRec, arXiv 2503.22675)."""


def run() -> None:
    """Run the command line. All signals that ask it to end are handled like Ctrl-C, so they are just as safe."""
    try:
        streams.occupy_closed()
        stopping.listen()
        cli.main(prog_name="minirearec")
    except KeyboardInterrupt as stopped:  # before or after click's own handling
        sys.exit(stopping.exit_code(stopped))
    finally:
        stopping.deafen()


if __name__ == "__main__":
    run()
