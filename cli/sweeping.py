"""Run a sweep at the terminal: the time it needs, a line for each run, the plot."""

from pathlib import Path

from rich.console import Console

from minirearec.analysis.sweeping import Sweep, SweepResult, TrialDone
from minirearec_cli import text
from minirearec_cli.console import say
from minirearec_cli.views import sweep as views
from minirearec_cli.views import waiting


def say_estimate(notices: Console, work: Sweep) -> None:
    """Say how many runs are missing and how long they may take."""
    missing, count = len(work.missing()), len(work.trials)
    if not missing:
        say(notices, f"All {count} runs have their results.")
        return
    with waiting.line(notices, "measuring how long a batch of each setting takes"):
        seconds = work.estimate()
    done = f"{count - missing} of {count} runs have their results; the others take" if missing < count else \
        f"{count} runs, which take"
    say(notices, f"{done} about {text.duration(seconds)} if none stops early. "
                 "Ctrl-C is safe: the same command continues.")


def train(notices: Console, work: Sweep) -> SweepResult:
    """Train what is missing, with a line for each run, and return the table."""
    count, epoch = len(work.trials), 0
    with waiting.line(notices, "starting") as change:
        for event in work.train():
            if isinstance(event, TrialDone):
                took = text.duration(event.seconds) if event.trained else "done before"
                say(notices, f"{event.number} of {count}: {event.trial.name}: NDCG@20 "
                             f"{text.figure(event.metrics['NDCG@20'])} ({took})")
            elif event[1].epoch != epoch:
                epoch = event[1].epoch
                change(f"{event[0].name}, epoch {epoch}")
    return work.result()


def draw(notices: Console, found: SweepResult, out: Path | str) -> None:
    """Write the plot beside the runs, if there is anything to plot and matplotlib to draw it."""
    path = Path(out) / "sweep.png"
    if views.plot(found, path):
        say(notices, f"Plot: {path}")
