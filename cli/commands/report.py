"""minirearec report: one page with a run's figures, in which the model itself runs."""

import json

import click

from minirearec_cli import options
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place, Whole


@click.command(cls=SectionCommand, examples=(
    "minirearec report runs/erl3",
    "minirearec report runs/erl3 runs/prl2 -o both.html",
    "minirearec report runs/erl3 --users 20 --half"))
@click.argument("runs", type=Place(), nargs=-1, required=True, metavar="RUN [RUN ...]")
@option("-o", "--out", section="Output", type=Place(), default="report.html", metavar="PATH",
        help="a new file  [default: report.html]")
@option("--users", section="Output", type=Whole(min=0, max=10_000), default=100, metavar="INT",
        help="users of the test part to choose from in the page, drawn at random  [default: 100]")
@option("--half", section="Output", is_flag=True,
        help="store the vectors of items as float16: half the size, and scores that differ in the third digit")
@option("--timing", section="Output", is_flag=True,
        help="also time inference with 0 to 5 reasoning steps, as minirearec analyze does")
@options.json_option()
@options.data_dir_option()
@options.plugin_option("Data")
def command(runs, out, users, half, timing, as_json, data_dir):
    """Write one HTML file: training, what analyze and compare show, and an explorer in which the model runs.

    The page loads nothing from elsewhere: it holds the weights of the runs, the ids and titles of the items, and the
    histories of some users. The runs must belong to one data set. Analysis and users need the data set; without it, or
    with --users 0, readers of the page enter a history of their own.
    """
    from minirearec.atomic import write_bytes
    from minirearec.export.facts import writing
    from minirearec.export.in_page import check_together
    from minirearec.runs.directory import Run
    from minirearec.runs.opening import load_items
    from minirearec_cli.views.report.page import report_page

    with writing(out) as path:
        opened = [Run.open(run) for run in runs]
        check_together(opened)
        for run in opened:
            run.read_results()  # the analysis takes longer
        path.parent.mkdir(parents=True, exist_ok=True)
        items, found = load_items(opened[0], data_dir), found_in(opened, users, timing, data_dir)
        page = report_page(opened, items, found, half).encode()
        write_bytes(path, page)
    if as_json:
        click.echo(json.dumps({"runs": list(runs), "file": str(path), "bytes": len(page)}, indent=2))
    else:
        from minirearec_cli import console, text

        console.say(console.results(), f"Wrote {path}  {text.size(len(page))}. Open it in a browser; it needs no "
                                       "network.")


def found_in(runs, users: int, timing: bool, data_dir):
    """Return the findings of the runs; None, with a notice, when the data set is not on this machine."""
    from minirearec.analysis.findings import findings
    from minirearec.errors import DataError, DownloadError
    from minirearec.runs.opening import load_data
    from minirearec_cli import console
    from minirearec_cli.views import waiting

    try:
        data = load_data(runs[0], data_dir, download=False)
    except (DataError, DownloadError) as error:
        console.warn(console.notices(), "No analysis and no users in the page", f"The data set is not here "
                     f"({error.what}). Readers enter histories of their own. With --data-dir the page has both.")
        return None
    with waiting.line(console.notices(), "opening the runs") as say:
        return findings(runs, data, users, timing, say)
