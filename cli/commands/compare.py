"""minirearec compare: tell runs apart, or say that they cannot be told apart."""

import click

from minirearec_cli import options, printing
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place


@click.command(cls=SectionCommand, examples=(
    "minirearec compare runs/base runs/erl runs/prl",
    "minirearec compare runs/base-seed* runs/erl-seed*",
    "minirearec compare runs/base runs/erl --metric Recall@10 --json"))
@click.argument("runs", type=Place(), nargs=-1, required=True, metavar="RUN RUN ...")
@option("--metric", section="Data", default="NDCG@20", metavar="NAME",
        help="what to compare: Recall, NDCG or MRR, at 5, 10 or 20  [default: NDCG@20]")
@options.part_option("epochs")
@options.data_dir_option()
@options.plugin_option("Machine")
@options.device_option()
@options.json_option()
@options.csv_option()
def command(runs, metric, part, data_dir, device, as_json, as_csv):
    """Compare runs on the same data with the first one.

    Runs that differ only in their seed count as one setting. Each difference has an interval from a paired bootstrap
    over users and a verdict; with many, Holm's correction makes the verdicts stricter.
    """
    printing.check_format(as_json, as_csv)
    from minirearec.analysis.comparing import check_metric, compare, fold, same_data
    from minirearec.runs.opening import load_data
    from minirearec_cli import console
    from minirearec_cli.opening import open_run
    from minirearec_cli.views import comparison, downloads, waiting

    metric, notices = check_metric(metric), console.notices()
    opened = [open_run(run, notices) for run in runs]
    fold(opened)
    same_data(opened, part)
    with downloads.DownloadBar(notices) as bar:
        data = load_data(opened[0], data_dir, progress=bar)
    with waiting.line(notices, "opening the runs") as say:
        found = compare(*opened, part=part, metric=metric, data=data, device=device, say=say)
    if as_json or as_csv:
        printing.show(found, as_csv)
    else:
        comparison.show_comparison(console.results(), found)
