"""Run one training session at the terminal: get the data, train with a view, evaluate, save, say what is next."""

import datetime
import os
import re
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import click
from rich.console import Console

from minirearec import processes
from minirearec.config import Config
from minirearec.data import load
from minirearec.errors import ConfigError, RunError
from minirearec.listeners import check_installed, heard
from minirearec.runs.directory import Run
from minirearec.runs.opening import load_data
from minirearec.runs.starting import known_items, starting_features, starting_weights
from minirearec.text import one_line
from minirearec.training import Trainer
from minirearec_cli import text
from minirearec_cli.console import say, warn
from minirearec_cli.stopping import deafen, exit_code
from minirearec_cli.views.downloads import DownloadBar
from minirearec_cli.views.progress import make_view, open_log

# The keyword arguments of resume, and of begin:
RESUME = ("data_dir", "offline", "device", "threads", "save_every", "log_file", "log", "metrics")
BEGIN = (*RESUME, "dataset", "require_real", "backend", "out")
LONGEST_NAME = 60  # of a data set in the name of a folder


class Finish:
    """A run that already has its results."""

    resuming = ""

    def __init__(self, run: Run, notices: Console, quiet: bool, metrics: Sequence[str] = ()):
        self.path, self.results = run.path, run.read_results()
        test = self.results["test"]
        if lacking := [name for name in metrics if name not in test["excluded"][test["answer"]]]:
            raise RunError(f"the results lack {', '.join(lacking)}", str(run.path),
                           f"Run: {text.command('evaluate', run.path, '--metrics', ','.join(metrics))}")
        items = run.read_items()
        self.example = () if items is None else example_of("--history", items.ids)
        self.verified = run.sealed  # the results and the data's sha256 are those of the training
        if not quiet:
            say(notices, f"The run {run.path} is finished: {self.results.get('reason', '')}.")

    def run(self) -> dict:
        return self.results


class TrainingSession:
    """Train a run until it ends or is interrupted."""

    verified, resuming = True, ""  # how to resume, if not as usual

    def __init__(self, trainer: Trainer, notices: Console, quiet: bool, log_file: str | None = None, log=(),
                 metrics: Sequence[str] = ()):
        assert trainer.keeper is not None, "a session keeps its run"
        self.trainer, self.keeper, self.path = trainer, trainer.keeper, trainer.keeper.run.path
        self.log, self.metrics = log, metrics
        self.example = example_of("--user", trainer.data.user_ids)
        self.view = make_view(notices, header(trainer, self.path), trainer, quiet,
                              None if log_file is None else Path(log_file))

    def run(self) -> dict:
        """Train, evaluate on the test part and write results.json."""
        trained = False
        try:
            with self.view:
                for event in heard(self.trainer.train(), self.trainer, self.log):
                    self.view.show(event)
            trained = True
            return self.keeper.run.write_results(self.trainer.results(
                self.trainer.evaluate("test", self.metrics)))
        except KeyboardInterrupt as stopped:
            deafen()
            click.echo(self.interrupted(trained), err=True)
            raise click.exceptions.Exit(exit_code(stopped)) from None

    def interrupted(self, trained: bool) -> str:
        """Say what is saved, and how to resume."""
        go_on = self.resuming or f"Resume with: {text.command('train', '--resume', self.path)}"
        if trained:
            return f"Interrupted after training, before the results were written. {go_on}"
        epochs, positions = self.keeper.saved
        kept = [] if not epochs else ["epoch 1" if epochs == 1 else f"epochs 1..{epochs}"]
        kept += [f"the first {positions:,} positions of epoch {epochs + 1}"] if positions else []
        verb = "is" if kept == ["epoch 1"] else "are"
        saved = f"{' and '.join(kept)} {verb} saved" if kept else "no epoch is saved yet"
        phase = "" if self.trainer.refitted is None else " of the refit"
        return f"Interrupted in epoch {epochs + 1}{phase}; {saved}. {go_on}"


class Follower:
    """Another process of torchrun: it trains along; the first process keeps the run and shows it."""

    path, verified, example, resuming = Path(), True, (), ""  # it shows nothing

    def __init__(self, trainer: Trainer):
        self.trainer = trainer

    def run(self) -> dict:
        for _ in self.trainer.train():
            pass
        return {}


def begin(config: Config, notices: Console, quiet: bool, command: str, *, dataset, data_dir, offline, require_real,
          device, backend, out, threads, save_every, log_file=None, log=(), metrics: Sequence[str] = (),
          start_from: Run | None = None) -> TrainingSession | Follower:
    """Start a new run and make its directory."""
    check_installed(log)
    with connected(device), DownloadBar(notices, quiet) as bar:
        data = load(dataset, data_dir, download=not offline, progress=bar, require_real=require_real,
                    on_fallback=lambda story: warn_synthetic(notices, dataset, story))
    start = {} if start_from is None else {"features": starting_features(start_from, config, data),
                                           "weights": starting_weights(start_from, config, data)}
    if processes.number():
        return Follower(Trainer(config, data, device=device, backend=backend, **start))
    if start_from is not None and not quiet:
        say(notices, f"Starts from {start_from.path}, which knows {len(known_items(start_from, data)[0]):,} of the "
                     f"{data.n_items:,} items.")
    if log_file is not None and os.path.realpath(log_file) == os.path.realpath(str(dataset)):
        raise ConfigError("is the data set", log_file, "Choose another file with --log-file.")
    if log_file is not None:
        open_log(log_file).close()  # before there is a folder
    path = new_directory(data.name, config) if out is None else Path(out)
    try:
        trainer = Trainer(config, data, device=device, backend=backend, out=path, command=command, threads=threads,
                          save_every=save_every, **start)
    except BaseException:
        if out is None:
            with suppress(OSError):  # not empty: keep it
                path.rmdir()
        raise
    return TrainingSession(trainer, notices, quiet, log_file, log, metrics)


def resume(path, notices: Console, quiet: bool, *, data_dir, offline: bool, device: str, threads: int | None,
           save_every: float, log_file=None, log=(), metrics: Sequence[str] = (), epochs: int | None = None,
           patience: int | None = None) -> TrainingSession | Finish | Follower:
    """Open an existing run: resume it with the number of threads it began with, or show its results if finished."""
    check_installed(log)
    run = Run.open(path)
    limits = {"epochs": epochs, "patience": patience}
    more = {name: value for name, value in limits.items() if value is not None}
    if run.has("results.json") and not more:
        return Finish(run, notices, quiet, metrics)
    with connected(device), DownloadBar(notices, quiet) as bar:
        data = load_data(run, data_dir, download=not offline, progress=bar)
    if threads is None and run.threads is not None and run.backend == "torch":
        use_threads(run.threads)
    trainer = Trainer.resume(run, data, device=device, save_every=save_every, limits=more)
    return Follower(trainer) if processes.number() else TrainingSession(trainer, notices, quiet, log_file, log,
                                                                        metrics)


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


def use_threads(threads: int) -> None:
    """Let PyTorch use this many threads."""
    import torch

    torch.set_num_threads(threads)


def new_directory(name: str, config: Config) -> Path:
    """Make and return runs/DATASET-METHOD-DATE-TIME, with a number added if that exists.

    Making it claims the name: of many runs that start at the same instant, each gets another.
    """
    name = re.sub(r"[^\w.-]+", "-", name)[:LONGEST_NAME].strip("-.") or "data"  # it may come from elsewhere
    now = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    path = first = Path("runs") / f"{name}-{config.objective.method}-{now}"
    number = 1
    while True:
        try:
            path.mkdir(parents=True)
            return path
        except FileExistsError:
            number += 1
            path = first.with_name(f"{first.name}-{number}")
        except OSError as error:
            raise RunError(f"cannot make this directory ({error.strerror})", str(path),
                           "Choose a folder you may write to with --out.") from error


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
        lines["Method"] = f"{config.objective.method}, {config.counting.counts}"
    else:
        parameters = sum(value.size for value in trainer.learner.weights().values())
        parts = ", ".join([config.objective.method, *text.parts_of(vars(model))])
        lines["Method"] = (f"{parts}, K = {model.steps}, width {model.width}, layers {model.layers}, "
                           f"{parameters:,} parameters")
        lines["Machine"] = f"{trainer.backend} on {trainer.device}, seed {settings.seed}"
    if settings.refit:
        lines["Refit"] = "afterwards, on train and validation"
    return {**lines, "Run": str(path)}


def example_of(option: str, ids) -> tuple[str, ...]:
    """Return an option of recommend with an id that can be typed, or nothing."""
    found = next((one for one in map(str, ids[:100].tolist()) if "," not in one and one == one_line(one)), None)
    return () if found is None else (f"{option}={found}",) if found.startswith("-") else (option, found)
