"""minirearec train: train a model on a data set, evaluate it and save the run."""

import click
from click.core import ParameterSource

from minirearec import processes
from minirearec.config import Config
from minirearec.count_models import COUNTS
from minirearec.methods import METHODS
from minirearec.parts import BACKBONES, ITEM_ENCODERS
from minirearec_cli import options
from minirearec_cli.options import Place, SectionCommand, Whole, option

WITH_RESUME = {"resume", "plugins", "data_dir", "offline", "device", "threads", "save_every", "quiet", "as_json"}


@click.command(cls=SectionCommand, lists={
    "Methods": METHODS, "Backbones": BACKBONES, "Item encoders": ITEM_ENCODERS, "Count models": COUNTS}, examples=(
    "minirearec train --dataset beauty",
    "minirearec train --method erl --steps 3 --kl-weight 0.1 --out runs/erl3",
    "minirearec train --dataset hops --steps 2",
    "minirearec train --method counts --counts pctm --refit",
    "minirearec train --plugin my_method.py --method mine",
    "minirearec train --dataset my-histories.txt --epochs 20 --json > results.json",
    "minirearec train --resume runs/erl3"))
@option("--dataset", section="Data", default="beauty", type=Place(), metavar="NAME|FILE",
        help="a data set listed by 'minirearec info', or a text file with lines 'user item item ...'  "
             "[default: beauty]")
@options.data_dir_option()
@option("--offline", section="Data", is_flag=True, help="do not download the data set")
@option("--require-real", section="Data", is_flag=True,
        help="stop with an error when only a synthetic stand-in for the data set is available")
@options.plugin_option("Model")
@options.setting_options
@options.device_option()
@options.backend_option("torch", "torch")
@options.threads_option("number of threads for PyTorch  [default: chosen by PyTorch, or as the resumed run began]")
@option("--out", section="Run directory", type=Place(), metavar="DIR",
        help="where to save the run  [default: runs/DATASET-METHOD-DATE-TIME]")
@option("--resume", section="Run directory", type=Place(), metavar="RUN",
        help="resume an interrupted run in place, with its own settings")
@option("--save-every", section="Run directory", type=Whole(min=0), default=60, metavar="SECONDS",
        help="how often to save inside an epoch; finished epochs are always saved  [default: 60]")
@option("--quiet", section="Output", is_flag=True, help="show only the results, no progress")
@options.json_option()
@click.pass_context
def command(ctx, resume, quiet, as_json, **given):
    """Train a model on a data set.

    The last item of every user is the test target, the item before it selects the best epoch, and the rest is for
    training, unless the data set defines another split. Training ends when the validation NDCG@20 stops improving.
    Ctrl-C is safe at any time: --resume continues from the last checkpoint and reaches the same results. If the
    card of a data set has its own settings (see 'minirearec data info hops'), they replace the defaults.
    """
    if resume is not None:
        refuse_settings(ctx)
    from minirearec_cli import console, training

    if given["threads"] is not None:
        training.use_threads(given["threads"])
    notices = console.notices()
    if processes.number():  # of several: the first one speaks
        notices.quiet = quiet = True
    if resume is not None:
        session = training.resume(resume, notices, quiet, **{name: given[name] for name in training.RESUME})
    else:
        from minirearec.data.catalogue.cards import known

        card = known(given["dataset"])
        config = config_of(ctx, card)
        if card and not quiet:
            training.say_card_settings(notices, card, config)
        options_of_run = {name: given[name] for name in training.BEGIN} | {"dataset": card or given["dataset"]}
        session = training.begin(config, notices, quiet, ctx.meta.get("minirearec.command", ""), **options_of_run)
    results = session.run()
    if processes.number():
        return
    if as_json:
        import json  # here: help should not wait for it

        click.echo(json.dumps(results, indent=2))
    else:
        training.show(console.results(), results, session.path, session.verified)


def config_of(ctx, card) -> Config:
    """Return the configuration: options first, then the data set's card, then the method's defaults."""
    names = {item for section in options.SECTIONS.values() for item in section.__dataclass_fields__}
    given = {name: value for name, value in ctx.params.items() if name in names and value is not None}
    return Config.for_data(card, **given) if card else Config.make(**given)


def refuse_settings(ctx) -> None:
    """Raise a usage error for any option that would change a resumed run's settings, rather than ignore it."""
    for param in ctx.command.params:
        given = ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE
        if given and param.name not in WITH_RESUME:
            raise click.UsageError(f"{param.opts[0]} cannot be given with --resume: the run keeps its "
                                   "own settings. Leave it out, or start a new run.", ctx)
