"""minirearec import-official: turn a checkpoint of the authors' code into a run directory."""

import click

from minirearec_cli import options
from minirearec_cli.main import COMMAND_LINE
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place


@click.command(cls=SectionCommand, examples=(
    "minirearec import-official PRL.pt --config prl.toml --dataset beauty --out runs/official",
    "minirearec evaluate runs/official",
    "", "\b", "prl.toml may use the authors' option names or ours:",
    '  model_name = "PRL"', "  num_heads = 2", "  temperature = 0.07", "  temp_scale = 5.0"))
@click.argument("checkpoint", type=Place())
@option("--config", section="Model", required=True, type=Place(), metavar="FILE",
        help="TOML or JSON with at least model_name, num_heads and temperature")
@option("--out", section="Run directory", required=True, type=Place(), metavar="DIR", help="where to save the run")
@options.dataset_option("the data set it was trained on; item i of the checkpoint is the i-th smallest item id")
@options.data_dir_option()
@click.pass_context
def command(ctx, checkpoint, config, out, dataset, data_dir):
    """Import a state dict saved by the authors' code (ERL or PRL).

    The file is loaded as tensors only: no code in it is run.
    """
    from minirearec.data import cards, load
    from minirearec.runs.official import import_official
    from minirearec_cli import console, text
    from minirearec_cli.views import downloads

    with downloads.DownloadBar(console.notices()) as bar:
        data = load(dataset, data_dir, progress=bar, require_real=dataset in cards() and not cards()[dataset].synthetic)
    run = import_official(checkpoint, config, data, out, command=ctx.meta.get(COMMAND_LINE, ""))
    console.say(console.results(), f"Imported {run.config.objective.method}, K = {run.config.model.steps}, "
                                   f"width {run.config.model.width}: {run.path}")
    console.say(console.results(), f"Next: {text.command('evaluate', run.path)}")
