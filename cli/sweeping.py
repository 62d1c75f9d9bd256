"""Train the runs of a sweep or a study at the terminal: the time they need, a line for each run, the plot."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from minirearec.analysis.figures import Tables
from minirearec.analysis.sweeping import Sweep, SweepResult
from minirearec.analysis.trials import TrialDone
from minirearec.studies.conducting import Conducting
from minirearec_cli import text
from minirearec_cli.console import say
from minirearec_cli.views import sweep as views
from minirearec_cli.views import waiting

NAMES = {"test": "", "valid": "validation "}  # of the part whose metric is shown


@dataclass(frozen=True)
class Estimate(Tables):
    """How many runs there are, how many of them are done, and how many seconds the others may take."""

    runs: int
    done: int
    seconds: float

    def records(self) -> list[dict[str, Any]]:
        """Return one row."""
        return [vars(self)]


def say_estimate(notices: Console, work: Sweep | Conducting) -> Estimate:
    """Say how many runs are missing and how long they may take, and return it."""
    missing, count = len(work.missing()), work.total
    if not missing:
        say(notices, f"All {count} runs have their results.")
        return Estimate(count, count, 0.0)
    with waiting.line(notices, "measuring how long a batch of each setting takes"):
        seconds = work.estimate()
    done = f"{work.done} of {count} runs have their results; the others take" if work.done else \
        "1 run, which takes" if count == 1 else f"{count} runs, which take"
    say(notices, f"{done} about {text.duration(seconds)} {work.assumption}. "
                 "Ctrl-C is safe: the same command continues.")
    return Estimate(count, work.done, seconds)


def train(notices: Console, work: Sweep | Conducting) -> None:
    """Train what is missing, with a line for each run."""
    epoch = 0
    with waiting.line(notices, "training") as change:
        for event in work.train():
            if isinstance(event, TrialDone):
                took = text.duration(event.seconds) if event.trained else "done before"
                say(notices, f"{event.number} of {work.total}: {event.trial.name}: {NAMES[event.part]}NDCG@20 "
                             f"{text.figure(event.metrics['NDCG@20'])} ({took})")
            elif event[1].epoch != epoch:
                epoch = event[1].epoch
                change(f"{event[0].name}, epoch {epoch}")


def draw(notices: Console, found: SweepResult, out: Path | str) -> None:
    """Write the plot beside the runs, if there is anything to plot and matplotlib to draw it."""
    path = Path(out) / "sweep.png"
    if views.plot(found, path):
        say(notices, f"Plot: {path}")
