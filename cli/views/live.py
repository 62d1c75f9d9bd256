"""Draw the live view of a training run on a terminal."""

import time

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from minirearec.config import TrainingConfig
from minirearec.events import SELECTION, BatchDone, EpochDone, Finished, RefitEpochDone, Started
from minirearec.text import one_line
from minirearec_cli import text
from minirearec_cli.console import plain_table

REFRESH_SECONDS = 0.1
RECENT = 5  # epochs in the table, in addition to the best one
COLUMNS = ("NDCG@20", "NDCG@10", "Recall@10")
SHORTEST_BAR = 10  # beside the texts in its line, with the space between them
OTHERS, METRIC = 33, 12  # characters of the columns beside the metrics, and of a metric
KEEPS = "Ctrl-C keeps finished epochs"
CURVE_MARGIN = 32  # characters beside the curve


class LiveView:
    """Redraw the state of the run after every event; ``epochs`` are those finished before this session.

    Redrawn from events alone, without a thread: nothing moves behind the back of the training loop.
    """

    def __init__(self, console: Console, header: dict[str, str], epochs: list[EpochDone], settings: TrainingConfig,
                 clock=time.monotonic):
        self.console, self.header, self.settings, self.clock = console, header, settings, clock
        self.done = list(epochs)  # those with a validation
        self.epoch = 0  # finished epochs of this phase
        self.started: Started | None = None
        self.batch: BatchDone | None = None
        self.finished: Finished | None = None
        self.epoch_began = self.drawn = self.typical = 0.0  # typical: seconds of an epoch in this session
        self.live = Live(console=console, auto_refresh=False, vertical_overflow="crop")

    def __enter__(self):
        self.console.print(header_panel(self.header))
        self.live.__enter__()
        return self

    def __exit__(self, *details):
        self.live.update(self.render(), refresh=True)
        self.live.__exit__(*details)

    def show(self, event) -> None:
        match event:
            case Started():
                self.started, self.epoch, self.epoch_began = event, event.epoch, self.clock() - event.seconds
                self.batch, self.typical = None, 0.0
            case BatchDone():
                self.batch = event
            case EpochDone() | RefitEpochDone():
                self.done += [event] if isinstance(event, EpochDone) else []
                self.epoch = event.epoch
                self.typical, self.batch, self.epoch_began = event.seconds, None, self.clock()
            case Finished():
                self.finished = event
        if not isinstance(event, BatchDone) or self.clock() - self.drawn >= REFRESH_SECONDS or (
                self.started is not None and event.positions == self.started.positions):
            self.drawn = self.clock()
            self.live.update(self.render(), refresh=True)

    def render(self):
        """Return everything below the header, as it is now."""
        parts = [self._end(self.finished) if self.finished else self._now()]
        if self.done:
            width, values = self.console.width, [epoch.metrics[SELECTION] for epoch in self.done]
            parts += ["", epochs_table(self.done, width), curve(values, self.done[-1].best_epoch, width)]
        return Group(*parts)

    def _end(self, finished: Finished) -> Text:
        epochs, refit = finished.epochs, ""
        if epochs and self.settings.refit:
            refit = f" Then refit for {text.epochs(finished.best_epoch)}."
        if epochs and epochs == self.settings.epochs:
            return Text(f"Finished {'all ' * (epochs > 1)}{text.epochs(epochs)}.{refit}")
        lead = f"Finished after {text.epochs(epochs)}: " if epochs else "Finished: "
        return Text(f"{lead}{finished.reason}{'.' * bool(refit)}{refit}")

    def _now(self):
        if self.started is None:
            return Text("Preparing ...")
        if not self.started.epochs:
            return Text("Counting ...")
        total, done = self.started.positions, self.batch.positions if self.batch else 0
        phase = "Refit: epoch {} of {}" if self.started.refit else "Epoch {} of at most {}"
        epoch = Text(phase.format(self.epoch + 1, self.started.epochs), "bold")
        count = Text(f"{done:,} of {total:,} positions")
        line = Table.grid(padding=(0, 2), expand=True)
        line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        line.add_column(no_wrap=True)
        line.add_row(epoch, ProgressBar(total, done), count)
        fits = self.console.width >= len(epoch) + len(count) + SHORTEST_BAR
        return Group(*([line] if fits else [epoch, count]), Text(self._times(self.started)), Text(self._countdown()))

    def _times(self, started: Started) -> str:
        if self.batch is None:
            return "starting the epoch"
        share, passed = self.batch.positions / started.positions, self.clock() - self.epoch_began
        epoch = max(self.typical, passed / share)
        left = f"{text.duration(epoch - passed)} left in this epoch"
        if share == 1 and not started.refit:
            left = "validating"
        whole = epoch - passed + (started.epochs - self.epoch - 1) * epoch  # known for a refit alone
        return f"loss {self.batch.loss:.4f}   {left}   {text.duration(whole) + ' in total' if started.refit else KEEPS}"

    def _countdown(self) -> str:
        if not self.done:
            return ""
        last, patience = self.done[-1], self.settings.patience
        if self.started is not None and self.started.refit:
            return "on train and validation, for as many epochs as were best"
        ends, before = patience - (last.epoch - last.best_epoch), " before the refit" * self.settings.refit
        soon = f", ending in {text.duration(ends * self.typical)}{before} unless it improves" \
            if ends and self.typical else ""
        return (f"best epoch {last.best_epoch}; {last.epoch - last.best_epoch} of {text.epochs(patience)} "
                f"without improvement in {SELECTION}{soon}")


def header_panel(header: dict[str, str]) -> Panel:
    """Return the panel that says what is about to be trained."""
    grid = Table.grid(padding=(0, 2))
    for label, value in header.items():
        grid.add_row(Text(label, "dim"), Text(one_line(value), overflow="fold"))
    return Panel(grid, title="miniReaRec training", title_align="left", box=box.ROUNDED)


def epochs_table(epochs: list[EpochDone], width: int) -> Table:
    """Return a table of the newest epochs, and of the best one if it is older, with as many metrics as fit."""
    columns = COLUMNS[:max(1, (width - OTHERS) // METRIC)]
    timed = width >= OTHERS + METRIC
    best = epochs[-1].best_epoch
    rows = epochs[-RECENT:]
    if best < rows[0].epoch:
        rows = [epochs[best - 1], *rows]
    table = plain_table()
    for name in ("epoch", "loss", *columns, *["seconds"] * timed):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for row in rows:
        table.add_row(str(row.epoch), f"{row.loss:.4f}", *(text.figure(row.metrics[name]) for name in columns),
                      *[f"{row.seconds:.1f}"] * timed, "best" if row.epoch == best else "",
                      style="bold green" if row.epoch == best else "")
    return table


def curve(values: list[float], best_epoch: int, width: int) -> Text:
    """Draw the validation metric over the epochs and point at the best one."""
    label = f"  {SELECTION}  "
    line, place = text.sparkline(values, max(10, width - CURVE_MARGIN))
    drawn = Text(f"{label}{line}  {text.figure(min(values))} to {text.figure(max(values))}")
    at = len(label) + place[best_epoch - 1]
    drawn.stylize("bold green", at, at + 1)
    drawn.append(f"\n{' ' * at}^ epoch {best_epoch}", "bold green")
    return drawn
