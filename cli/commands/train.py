"""minirearec train: train a model on a data set, evaluate it and save the run."""

from contextlib import contextmanager

import click
from click.core import ParameterSource

from minirearec import processes
from minirearec.config import Config
from minirearec.count_models import COUNTS
from minirearec.errors import ConfigError
from minirearec.listeners import LISTENERS
from minirearec.methods import METHODS
from minirearec.parts import BACKBONES, ITEM_ENCODERS, REASONERS
from minirearec.settings_file import read_settings
from minirearec_cli import options
from minirearec_cli.metrics import metrics_option
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Named, Place, Whole

WITH_RESUME = {"resume", "plugins", "data_dir", "offline", "device", "threads", "save_every", "quiet", "as_json",
               "log_file", "log", "epochs", "patience", "metrics"}


@click.command(cls=SectionCommand, lists={
    "Methods": METHODS, "Backbones": BACKBONES, "Item encoders": ITEM_ENCODERS, "Reasoners": REASONERS,
    "Count models": COUNTS, "Logs": LISTENERS}, examples=(
    "minirearec train --dataset beauty",
    "minirearec train --method erl --steps 3 --kl-weight 0.1 --out runs/erl3",
    "minirearec train --dataset hops --steps 2",
    "minirearec train --method prl --reasoner adapter --adapter-width 8",
    "minirearec train --method counts --counts pctm --refit",
    "minirearec train --plugin my_method.py --method mine",
    "minirearec train --dataset my-histories.txt --epochs 20 --json > results.json",
    "minirearec train --method base --seeds 3",
    "minirearec train --log tensorboard --log jsonl",
    "minirearec train --resume runs/erl3",
    "minirearec train --resume runs/erl3 --epochs 400"))
@options.dataset_option()
@options.data_dir_option()
@option("--offline", section="Data", is_flag=True, help="do not download the data set")
@option("--require-real", section="Data", is_flag=True,
        help="stop with an error when only a synthetic stand-in for the data set is available")
@options.plugin_option("Model")
@option("--config", "config_file", section="Model", type=Place(dir_okay=False), metavar="FILE.toml",
        help="settings from a file: lines such as steps = 3, or the config.toml of a run; options override them")
@options.setting_options
@options.device_option()
@options.backend_option("torch", "torch")
@options.threads_option("number of threads for PyTorch  [default: chosen by PyTorch; for a resumed run, as before]")
@option("--out", section="Run directory", type=Place(), metavar="DIR",
        help="where to save the run  [default: runs/DATASET-METHOD-DATE-TIME]")
@option("--resume", section="Run directory", type=Place(), metavar="RUN",
        help="resume an interrupted run in place, with its own settings; with --epochs or --patience, continue a "
             "finished one")
@option("--from", "start_from", section="Run directory", type=Place(), metavar="RUN",
        help="start from the weights of another run, with its data set and settings unless options say otherwise; "
             "items are matched by their ids, so the data may have new ones; features of the others must be the same")
@option("--seeds", section="Run directory", type=Whole(min=2, max=100), metavar="INT",
        help="train with this many seeds, from --seed on, each in a folder of its own, and show mean and spread; with "
             "--out, the same command continues after an interruption")
@option("--save-every", section="Run directory", type=Whole(min=0), default=60, metavar="SECONDS",
        help="how often to save inside an epoch, less often if a save takes over 3 seconds; finished epochs are always "
             "saved  [default: 60]")
@option("--log-file", section="Output", type=Place(dir_okay=False), metavar="FILE",
        help="also append the progress to this file, one line per epoch")
@option("--log", section="Output", type=Named(LISTENERS), multiple=True, metavar="NAME",
        help="also write a log into the run: jsonl or tensorboard, or a listener of a plugin; repeatable")
@option("--quiet", section="Output", is_flag=True, help="show only the results, no progress")
@metrics_option()
@options.json_option()
@click.pass_context
def command(ctx, resume, quiet, as_json, **given):
    """Train a model on a data set.

    The last item of every user is the test target, the item before it selects the best epoch, and the rest is for
    training, unless the data set defines another split. Training ends when the validation NDCG@20 stops improving.
    Ctrl-C is safe at any time: --resume continues from the last checkpoint and reaches the same results. The
    cards of beauty and hops have settings of their own, which replace the defaults below: for beauty, soft targets,
    averaged weights, dropout 0.4 and patience 5 (see 'minirearec data info beauty').
    """
    if resume is not None:
        refuse_settings(ctx)
    from minirearec.runs.directory import Run
    from minirearec_cli import console, training
    from minirearec_cli.views import settings

    if given["threads"] is not None:
        training.use_threads(given["threads"])
    notices = console.notices()
    if processes.number():  # of several: the first one speaks
        notices.quiet = quiet = True
    if resume is not None:
        session = training.resume(resume, notices, quiet, **{name: given[name] for name in training.RESUME},
                                  epochs=given["epochs"], patience=given["patience"])
    else:
        from minirearec.data.catalogue.cards import known

        start = None if given["start_from"] is None else Run.open(given["start_from"])
        given["dataset"] = dataset_of(ctx, start)
        card = known(given["dataset"])
        config = config_of(ctx, card, start)
        if not quiet:
            settings.say_settings(notices, card, config, given_settings(ctx))
        options_of_run = {name: given[name] for name in training.BEGIN} | {"dataset": card or given["dataset"],
                                                                               "start_from": start}
        typed = ctx.meta.get("minirearec.command", "")
        if given["seeds"] is not None:
            from minirearec_cli import seeds

            found = seeds.train_all(config, given["seeds"], notices, quiet, typed, options_of_run)
            return print_json(found) if as_json else seeds.show(console.results(), found, given["metrics"])
        session = training.begin(config, notices, quiet, typed, **options_of_run)
    results = session.run()
    if processes.number():
        return None
    if as_json:
        return print_json(results)
    from minirearec_cli.views.result_tables import show_training

    return show_training(console.results(), results, session.path, session.verified, session.example, given["metrics"])


def print_json(found: dict) -> None:
    """Print one JSON object."""
    import json  # here: help should not wait for it

    click.echo(json.dumps(found, indent=2))


def config_of(ctx, card, start=None) -> Config:
    """Return the configuration: options first, then the run to start from or the data set's card, then defaults."""
    with named_file(ctx):
        given = chosen_settings(ctx)
        if start is not None:
            from minirearec.runs.starting import starting_config

            return starting_config(start, given)
        return Config.for_data(card, **given) if card else Config.make(**given)


@contextmanager
def named_file(ctx):
    """Name the file of --config, too, in an error about a setting that it holds."""
    try:
        yield
    except ConfigError as error:
        file, name = ctx.params.get("config_file"), error.where.removeprefix("--").replace("-", "_")
        if file is None or name in given_settings(ctx) or name not in read_settings(file):
            raise
        raise ConfigError(error.what, f"{file}: {name}", error.fix) from error


def chosen_settings(ctx) -> dict:
    """Return the settings in the file of --config, with those among the options in their place."""
    file = ctx.params.get("config_file")  # bench has no such option
    return {**({} if file is None else read_settings(file)), **given_settings(ctx)}


def dataset_of(ctx, start):
    """Return --dataset or, without it, the data set of the run to start from."""
    if start is not None and ctx.get_parameter_source("dataset") is ParameterSource.DEFAULT and start.data.where:
        return start.data.where
    return ctx.params["dataset"]


def given_settings(ctx) -> dict:
    """Return the settings among the options that were given."""
    names = {item for section in options.SECTIONS.values() for item in section.__dataclass_fields__}
    return {name: value for name, value in ctx.params.items() if name in names and value is not None}


def refuse_settings(ctx) -> None:
    """Raise a usage error for any option that would change a resumed run's settings, rather than ignore it."""
    for param in ctx.command.params:
        given = ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE
        if given and param.name not in WITH_RESUME:
            raise click.UsageError(f"{param.opts[0]} cannot be given with --resume: the run keeps its "
                                   "own settings. Leave it out, or start a new run.", ctx)
