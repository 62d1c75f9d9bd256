"""minirearec train: from a data set's name to a trained, judged and saved model."""

import json

import click
from click.core import ParameterSource

from minirearec.config import METHODS, Config
from minirearec_cli import options
from minirearec_cli.options import SectionCommand, option

WITH_RESUME = {"resume", "data_dir", "offline", "device", "threads", "quiet", "as_json"}


@click.command(cls=SectionCommand, lists={"Methods": METHODS}, examples=(
    "minirearec train --dataset beauty",
    "minirearec train --method erl --steps 3 --kl-weight 0.1 --out runs/erl3",
    "minirearec train --dataset hops --steps 2",
    "minirearec train --dataset my-histories.txt --epochs 20 --json > results.json",
    "minirearec train --resume runs/erl3"))
@option("--dataset", section="Data", default="beauty", metavar="NAME|FILE",
        help="a data set that 'minirearec info' lists, or a text file with lines 'user item item ...'  "
             "[default: beauty]")
@options.data_dir_option()
@option("--offline", section="Data", is_flag=True, help="do not try to download the data set")
@option("--require-real", section="Data", is_flag=True,
        help="make it an error when only a synthetic stand-in for the data set can be had")
@options.setting_options
@options.device_option()
@options.backend_option("torch", "torch")
@option("--threads", section="Machine", type=click.IntRange(min=1), metavar="INT",
        help="threads PyTorch uses  [default: as many as it likes]")
@option("--out", section="Run directory", type=click.Path(), metavar="DIR",
        help="where to keep the run  [default: runs/DATASET-METHOD-DATE-TIME]")
@option("--resume", section="Run directory", type=click.Path(), metavar="RUN",
        help="go on in place with an interrupted run, with the settings it has")
@option("--quiet", section="Output", is_flag=True, help="no progress, only the results")
@options.json_option()
@click.pass_context
def command(ctx, resume, threads, quiet, as_json, **given):
    """Train a model on a data set.

    The last item of every user is the test target, the one before it selects the epoch, the rest trains, unless the
    data set brings another split. Training ends when the validation NDCG@20 has stopped improving. Ctrl-C is safe at
    any time: --resume goes on from the last finished epoch and comes to the same results. Where the card of a data set
    has settings of its own ('minirearec data info hops'), they take the place of the defaults.
    """
    if resume is not None:
        refuse_settings(ctx)
    from minirearec_cli import console, sessions

    if threads is not None:
        import torch

        torch.set_num_threads(threads)
    notices = console.notices()
    if resume is not None:
        session = sessions.resume(resume, notices, quiet, given["data_dir"], given["offline"], given["device"])
    else:
        from minirearec.data.catalogue.cards import known

        card = known(given["dataset"])
        config = config_of(ctx, card)
        if card and not quiet:
            sessions.say_card_settings(notices, card, config)
        session = sessions.begin(config, notices, quiet, ctx.meta.get("minirearec.command", ""),
                                 **{name: given[name] for name in sessions.BEGIN} | {"dataset": card or given["dataset"]})
    results = session.run()
    if as_json:
        click.echo(json.dumps(results, indent=2))
    else:
        sessions.show(console.results(), results, session.path)


def config_of(ctx, card) -> Config:
    """Return the configuration from the options that were given, then from the data set's card, then the method."""
    names = {item for section in options.SECTIONS.values() for item in section.__dataclass_fields__}
    given = {name: value for name, value in ctx.params.items() if name in names and value is not None}
    return Config.for_data(card, **given) if card else Config.make(**given)


def refuse_settings(ctx) -> None:
    """A resumed run has its settings: an option that would change them is an error, and never ignored."""
    for param in ctx.command.params:
        given = ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE
        if given and param.name not in WITH_RESUME:
            raise click.UsageError(f"{param.opts[0]} cannot be given with --resume: the run goes on with the "
                                   "settings it has. Leave it out, or start a new run.", ctx)
