"""minirearec study: answer a question with rows of settings, several seeds, intervals, tables and plots."""

from pathlib import Path

import click

from minirearec_cli import options, printing
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place, Whole


@click.command(cls=SectionCommand, examples=(
    "minirearec study",
    "minirearec study ladder --quick",
    "minirearec study frontier --dataset lastfm --jobs 2",
    "minirearec study frontier --row base --row erl",
    "minirearec study levers --refit --out runs/levers-refit",
    "minirearec study my-study.toml --estimate"))
@click.argument("study", type=Place(), required=False, metavar="[NAME|FILE.toml]")
@option("--seeds", section="Study", type=Whole(min=1, max=100), metavar="INT",
        help="how many seeds each row is trained with, from --seed on  [default: 3; with --quick: 1]")
@option("--row", "rows", section="Study", multiple=True, metavar="NAME",
        help="train and show only this row; repeatable. Without its base, a row is compared with the first")
@option("--blend", section="Study", type=Place(), multiple=True, metavar="RUN|counts[:NAME]",
        help="also blend every row with this, as evaluate does; repeatable  [default: as the study says]")
@option("--metric", section="Study", default="NDCG@20", metavar="NAME",
        help="metric of the differences; validation NDCG@20 always chooses the variant  [default: NDCG@20]")
@option("--quick", section="Study", is_flag=True,
        help="small models, two epochs, one variant of each row: ends in minutes, and its figures prove nothing")
@option("--estimate", section="Study", is_flag=True, help="say how long it would take, and stop")
@option("--show", section="Study", is_flag=True, help="only draw what is finished; train nothing")
@option("--jobs", section="Machine", type=Whole(min=1, max=64), default=1, metavar="INT",
        help="runs at a time, which share the threads  [default: 1]")
@options.dataset_option()
@options.data_dir_option()
@options.plugin_option("Model")
@options.setting_options
@options.device_option()
@options.backend_option("torch", "torch")
@options.threads_option("number of threads for PyTorch  [default: chosen by PyTorch]")
@option("--out", section="Output", type=Place(), metavar="DIR",
        help="folder of results, tables and plots; the same command continues there  [default: runs/study-NAME]")
@options.json_option()
@options.csv_option()
def command(study, seeds, rows, blend, metric, quick, estimate, show, jobs, dataset, data_dir, device, backend, threads,
            out, as_json, as_csv, **given):
    """Train the rows of a study, compare each with its base, and write tables and plots.

    Without a name, list the studies.

    A row with variants is tuned first: validation with the first seed chooses one. Each run leaves one line in
    results.jsonl, with metrics and every target's rank; its weights are not kept. Ctrl-C is safe at any time: the
    same command trains only what is missing.

    A study of your own is a TOML file:

    \b
      question = "Does a sharper softmax at every step help?"
      common = {width = 64}
      [[rows]]
      name = "base"
      method = "base"
      [[rows]]
      name = "sharper"
      method = "prl"
      variants = [{alpha = 1.0}, {alpha = 1.2}, {alpha = 1.5}]

    A row is compared with the first, or with the one that its base names. combined = "NAME" adds a row with all that
    helped on validation.
    """  # noqa: D301 (click reads the \\b)
    printing.check_format(as_json, as_csv)
    from minirearec_cli import console, studying, sweeping
    from minirearec_cli.views import study as views

    if study is None:
        return printing.show_rows(views.listed(), as_csv) if as_json or as_csv else views.show_list(console.results())
    chosen = studying.find(study, rows, blend, quick)
    for name in sorted(chosen.varied & {name for name in given if given[name] is not None}):
        raise click.UsageError(f"--{name.replace('_', '-')} varies in this study. Leave it out.")
    notices = console.notices()
    settings = {name: value for name, value in given.items() if value is not None}
    work = studying.prepare(notices, chosen, dataset, data_dir, out or f"runs/study-{Path(chosen.name).name}",
                            seeds or (1 if quick else 3), settings, device, backend, threads, jobs)
    found = studying.conduct(notices, work, metric, quick, estimate, show)
    if as_json or as_csv:
        printing.show(found, as_csv)
    if isinstance(found, sweeping.Estimate):
        return None
    if not (as_json or as_csv):
        views.show_study(console.results(), found)
    studying.write(notices, found, work.out, quick)
