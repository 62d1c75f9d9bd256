"""Show progress on stderr: a live view on a terminal, plain lines elsewhere, nothing with --quiet.

A view is a context manager with ``show(event)`` for the events of ``Trainer.train``.
"""

from pathlib import Path
from typing import TextIO

from rich.console import Console

from minirearec.errors import ConfigError
from minirearec.events import EpochDone, Finished, RefitEpochDone, Started
from minirearec_cli import text
from minirearec_cli.console import can_animate, log, say
from minirearec_cli.views.live import LiveView

SHOWN = ("NDCG@20", "NDCG@10", "Recall@10")


class QuietView:
    """Show nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def show(self, event) -> None:
        pass


class PlainView(QuietView):
    """Print one line per epoch, for logs and pipes."""

    def __init__(self, console: Console, header: dict[str, str]):
        self.console, self.header = console, header

    def __enter__(self):
        for label, value in self.header.items():
            say(self.console, f"{label}: {value}")
        return self

    def show(self, event) -> None:
        match event:
            case Started(done=done, positions=positions) if done:
                say(self.console, f"resuming in {of(event)}epoch {event.epoch + 1} after {done:,} of {positions:,} "
                                  "positions")
            case Started(epoch=done) if done:
                say(self.console, f"resuming after {of(event)}epoch {done}")
            case Started(refit=True):
                say(self.console, f"refit on train and validation: {text.epochs(event.epochs)}")
            case EpochDone():
                say(self.console, epoch_line(event))
            case RefitEpochDone():
                say(self.console, f"refit epoch {event.epoch}  loss {event.loss:.4f}  {event.seconds:.1f} s")
            case Finished():
                say(self.console, f"finished: {event.reason}")


def of(event: Started) -> str:
    """Return the words before the epochs of a phase: none, or those for a refit."""
    return "refit " if event.refit else ""


def epoch_line(event: EpochDone) -> str:
    """Return ``epoch 3  loss 8.1234  NDCG@20 .0567  NDCG@10 .0489  Recall@10 .0801  11.2 s  best``."""
    metrics = "  ".join(f"{name} {text.figure(event.metrics[name])}" for name in SHOWN)
    best = "  best" if event.improved else ""
    return f"epoch {event.epoch}  loss {event.loss:.4f}  {metrics}  {event.seconds:.1f} s{best}"


def open_log(path) -> TextIO:
    """Open a log file to add lines to it. Raises ConfigError when it cannot be written."""
    try:
        return open(path, "a", encoding="utf-8", buffering=1)
    except OSError as error:
        raise ConfigError(f"cannot be written ({error.strerror})", str(path), "Choose another --log-file.") from error


class Logged:
    """Show events in a view and write them to a log file too, after what the file holds already."""

    def __init__(self, view, header: dict[str, str], path: Path):
        self.view, self.file = view, open_log(path)
        self.lines = PlainView(log(self.file), header)

    def __enter__(self):
        self.lines.__enter__()
        self.view.__enter__()
        return self

    def __exit__(self, *details):
        self.view.__exit__(*details)
        self.file.close()

    def show(self, event) -> None:
        self.lines.show(event)
        self.view.show(event)


def make_view(console: Console, header: dict[str, str], trainer, quiet: bool, log_file: Path | None = None):
    """Return the view that suits the console, with a log if a file is given."""
    if log_file is not None:
        return Logged(make_view(console, header, trainer, quiet), header, log_file)
    if quiet:
        return QuietView()
    if can_animate(console):
        return LiveView(console, header, trainer.epochs, trainer.config.training)
    return PlainView(console, header)
