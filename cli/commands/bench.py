"""minirearec bench: measure speed and memory on this machine."""

import click
from click.core import ParameterSource

from minirearec.methods import METHODS
from minirearec_cli import options
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place

WITH_PEERS = {"peers", "dataset", "data_dir", "threads", "quick"}


@click.command(cls=SectionCommand, lists={"Methods": METHODS}, examples=(
    "minirearec bench",
    "minirearec bench --quick --dataset lastfm",
    "minirearec bench --method prl --width 64 -o before.json",
    "minirearec bench --method prl --width 64 --compare before.json",
    "minirearec bench --peers --threads 2"))
@options.dataset_option("the data set to measure on, as for 'minirearec train'")
@options.data_dir_option()
@options.setting_options
@options.device_option()
@options.backend_option("torch", "torch")
@options.threads_option("number of threads, except that one thread serves one user  [default: chosen by the backend]")
@option("--quick", section="Measuring", is_flag=True, help="smaller samples: half a minute instead of about three")
@option("--full-epoch", section="Measuring", is_flag=True,
        help="time whole epochs; without it, some batches stand for an epoch")
@option("--peers", section="Measuring", is_flag=True,
        help="train other libraries' models on the same data and evaluate them: hours. Needs the repository")
@option("--compare", section="Output", type=Place(), metavar="OLD.json",
        help="show an earlier result of the same data and settings beside this one")
@option("-o", "--output", section="Output", type=Place(), metavar="FILE", help="save the result as JSON")
@options.json_option()
@click.pass_context
def command(ctx, dataset, data_dir, device, backend, threads, quick, full_epoch, peers, compare, output, as_json,
            **given):
    """Measure training, evaluation, serving, start-up and memory on this machine.

    Beside each time is the share of it that the matrix products alone would take at the best rate this machine
    reaches at their shapes: its roofline. Close other programs first. Nothing is trained to the end or kept.
    """
    if peers:
        compare_with_peers(ctx, dataset, data_dir, threads, quick)
    import json

    from minirearec.bench import comparing, session
    from minirearec.data.catalogue.cards import known
    from minirearec_cli import console
    from minirearec_cli.commands.train import config_of
    from minirearec_cli.views import bench, downloads

    config = config_of(ctx, known(dataset))
    older = comparing.read(compare) if compare else None
    if output:
        bench.check_output(output)
    data = downloads.load(dataset, data_dir)
    request = session.Request(config, data, backend, device, threads, quick, full_epoch, data_dir,
                              ctx.meta.get("minirearec.command", ""))
    if older:
        comparing.same_work(session.work_of(request), older, compare)
    result = bench.follow(console.notices(), session.measure(request))
    text = json.dumps(result, indent=2)
    if as_json:
        click.echo(text)
    else:
        bench.show(console.results(), result, older)
    if output:
        bench.save(output, text)


def compare_with_peers(ctx, dataset, data_dir, threads, quick) -> None:
    """Run the scripts of tests/peers, which are part of the repository and not of an installation; then exit."""
    import subprocess
    import sys
    from pathlib import Path

    import minirearec
    from minirearec.errors import BenchError

    for param in ctx.command.params:
        if ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE and param.name not in WITH_PEERS:
            raise click.UsageError(f"{param.opts[0]} cannot be given with --peers. "
                                   "See: python tests/peers/run.py --help", ctx)
    script = Path(minirearec.__file__).parents[1] / "tests" / "peers" / "run.py"
    chosen = {"--dataset": dataset, "--data-dir": data_dir, "--threads": threads, "--epochs": 3 if quick else None}
    words = [word for name, value in chosen.items() if value is not None for word in (name, str(value))]
    if not script.exists():
        raise BenchError("the scripts that run peers are in the repository, not in an installation", "--peers",
                         f"In the repository, run: python tests/peers/run.py {' '.join(words)}")
    ctx.exit(subprocess.call([sys.executable, str(script), *words]))
