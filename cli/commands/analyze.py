"""minirearec analyze: show what happens between the steps of a run."""

import click

from minirearec_cli import options, printing
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place


@click.command(cls=SectionCommand, examples=(
    "minirearec analyze runs/erl3",
    "minirearec analyze runs/erl3 --timing",
    "minirearec analyze runs/erl3 --csv > erl3.csv",
    "minirearec analyze runs/erl3 --part valid --json"))
@click.argument("run", type=Place())
@options.part_option()
@options.data_dir_option()
@options.plugin_option("Machine")
@options.device_option()
@options.backend_option(None, "the backend of the run")
@option("--timing", section="Output", is_flag=True,
        help="also time inference with 0 to 5 reasoning steps, with the cache and without; takes some seconds")
@options.json_option()
@options.csv_option()
def command(run, part, data_dir, device, backend, timing, as_json, as_csv):
    """Analyze a run: what do the reasoning steps change, for whom, and what do they look at?

    Shows the metrics of every step; the gains of the answer, of the best step per user (oracle) and of the best of
    equally many copies that do not think (null oracle); groups by history length and popularity; how states,
    distributions and ranks change from step to step; what the lists hold; and the attention of every step.
    """
    printing.check_format(as_json, as_csv)
    from minirearec.analysis import analyze
    from minirearec.runs.opening import load_data
    from minirearec_cli import console
    from minirearec_cli.opening import open_run
    from minirearec_cli.views import analysis, downloads, waiting

    notices = console.notices()
    opened = open_run(run, notices)
    with downloads.DownloadBar(notices) as bar:
        data = load_data(opened, data_dir, progress=bar)
    with waiting.line(notices, "opening the run") as say:
        found = analyze(opened, part=part, data=data, device=device, backend=backend, timing=timing, say=say)
    if as_json or as_csv:
        printing.show(found, as_csv)
    else:
        analysis.show_analysis(console.results(), found)
