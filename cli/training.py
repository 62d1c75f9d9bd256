"""Run one training session at the terminal: get the data, train with a view, evaluate, save, say what is next."""

import datetime
import os
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from minirearec import processes
from minirearec.config import Config
from minirearec.data import Card, load
from minirearec.data.sequences import SequenceData
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_data
from minirearec.training import EpochDone, Trainer
from minirearec_cli import text
from minirearec_cli.console import say, warn
from minirearec_cli.views.downloads import DownloadBar
from minirearec_cli.views.progress import make_view
from minirearec_cli.views.result_tables import show_results

BEGIN = ("dataset", "data_dir", "offline", "require_real", "device", "backend", "out")  # the keyword arguments of begin
INTERRUPTED = 130


class Finish:
    """A run that already has its results."""

    def __init__(self, run: Run, notices: Console, quiet: bool):
        self.path, self.results = run.path, run.read_results()
        if not quiet:
            say(notices, f"The run {run.path} is finished: {self.results.get('reason', '')}.")

    def run(self) -> dict:
        return self.results


class TrainingSession:
    """Train a run until it ends or is interrupted."""

    def __init__(self, trainer: Trainer, notices: Console, quiet: bool):
        assert trainer.run is not None, "a session keeps its run"
        self.trainer, self.kept, self.path, self.saved = trainer, trainer.run, trainer.run.path, len(trainer.epochs)
        self.view = make_view(notices, header(trainer, self.path), trainer, quiet)

    def run(self) -> dict:
        """Train, evaluate on the test part and write results.json."""
        trained = False
        try:
            with self.view:
                for event in self.trainer.train():
                    if isinstance(event, EpochDone):
                        self.saved = event.epoch
                    self.view.show(event)
            trained = True
            results = self.trainer.results(self.trainer.evaluate("test"))
            self.kept.write_results(results)
            return results
        except KeyboardInterrupt:
            click.echo(self.interrupted(trained), err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None

    def interrupted(self, trained: bool) -> str:
        """Say what is saved, and how to resume."""
        go_on = f"Resume with: {text.command('train', '--resume', self.path)}"
        if trained:
            return f"Interrupted after training, before the results were written. {go_on}"
        kept = {0: "no epoch is saved yet", 1: "epoch 1 is saved"}.get(self.saved, f"epochs 1..{self.saved} are saved")
        return f"Interrupted in epoch {self.saved + 1}; {kept}. {go_on}"


class Follower:
    """Another process of torchrun: it trains along; the first process keeps the run and shows it."""

    path = Path()  # it has none

    def __init__(self, trainer: Trainer):
        self.trainer = trainer

    def run(self) -> dict:
        for _ in self.trainer.train():
            pass
        return {}


def begin(config: Config, notices: Console, quiet: bool, command: str, *, dataset, data_dir, offline, require_real,
          device, backend, out) -> TrainingSession | Follower:
    """Start a new run and make its directory."""
    with connected(device), DownloadBar(notices, quiet) as bar:
        data = load(dataset, data_dir, download=not offline, progress=bar, require_real=require_real,
                    on_fallback=lambda story: warn_synthetic(notices, dataset, story))
    if processes.number():
        return Follower(Trainer(config, data, device=device, backend=backend))
    path = new_directory(data, config) if out is None else Path(out)
    return TrainingSession(Trainer(config, data, device=device, backend=backend, out=path, command=command),
                   notices, quiet)


def resume(path, notices: Console, quiet: bool, data_dir, offline: bool,
           device: str) -> TrainingSession | Finish | Follower:
    """Open an existing run: resume it, or show its results if it is finished."""
    run = Run.open(path)
    if run.has("results.json"):
        return Finish(run, notices, quiet)
    with connected(device), DownloadBar(notices, quiet) as bar:
        data = load_data(run, data_dir, download=not offline, progress=bar)
    trainer = Trainer.resume(run, data, device=device)
    return Follower(trainer) if processes.number() else TrainingSession(trainer, notices, quiet)


@contextmanager
def connected(device: str):
    """Connect the processes of torchrun, and let the first one get the data before the others read them."""
    if processes.count() == 1:
        yield
        return
    from minirearec.nn import distributed

    distributed.start(device)
    with distributed.in_turn():
        yield


def new_directory(data: SequenceData, config: Config) -> Path:
    """Return runs/DATASET-METHOD-DATE-TIME, with a number added if that exists."""
    now = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    path = first = Path("runs") / f"{data.name}-{config.objective.method}-{now}"
    number = 1
    while os.path.lexists(path):
        number += 1
        path = first.with_name(f"{first.name}-{number}")
    return path


def say_card_settings(notices: Console, card: Card, config: Config) -> None:
    """Say which settings come from the data set's card, if any do."""
    used = {name: value for section in config.to_dict().values() for name, value in section.items()
            if card.training.get(name) == value}
    if used:
        listed = ", ".join(f"{name} {value}" for name, value in used.items())
        say(notices, f"Settings from the card of {card}: {listed}")


def warn_synthetic(notices: Console, dataset, story: str) -> None:
    """Show the warning panel before training on a stand-in."""
    warn(notices, "Synthetic data", (
        f"The real {dataset} data could not be obtained, so this run uses beauty-sim: a synthetic catalogue of the "
        "same size, generated from a seed. Its figures say nothing about real data and cannot be compared with "
        f"published ones; every table is marked, and so is results.json.\n\nWhy: {story}\n\n"
        "To stop with an error instead, use --require-real."))


def header(trainer: Trainer, path: Path) -> dict[str, str]:
    """Describe what is trained, on which data and on which machine."""
    data, config = trainer.data, trainer.config
    model, settings = config.model, config.training
    title = f"{text.data_name(vars(trainer.facts))}: {data.n_users:,} users, {data.n_items:,} items, " \
            f"{data.n_interactions:,} interactions"
    lines = {"Data": title}
    if trainer.counting:
        lines["Method"] = config.objective.method
    else:
        parameters = sum(value.size for value in trainer.learner.weights().values())
        lines["Method"] = (f"{config.objective.method}, K = {model.steps}, width {model.width}, "
                           f"layers {model.layers}, {parameters:,} parameters")
        lines["Machine"] = f"{trainer.backend} on {trainer.device}, seed {settings.seed}"
    return {**lines, "Run": str(path)}


def show(console: Console, results: dict, path: Path) -> None:
    """Show the tables, then what to know and what to do next."""
    if console.is_terminal:
        console.print()  # below the last frame of the live view
    show_results(console, results)
    console.print()
    if results["epochs"]:
        early = results["epochs"] < results["settings"]["training"]["epochs"]
        ended = f"; stopped after {results['reason']}" if early else ""
        say(console, f"Best epoch: {results['best_epoch']} of {results['epochs']}{ended}.")
    say(console, f"Training took {text.duration(results['seconds'])} (test evaluation excluded).")
    say(console, f"Run: {path}")
    say(console, f"Next: {text.command('recommend', path, '--user')} ID")
