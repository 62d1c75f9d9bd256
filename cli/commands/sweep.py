"""minirearec sweep: train a grid of settings, and show it as a table and a plot."""

import click

from minirearec_cli import options, printing
from minirearec_cli.options import SectionCommand, option
from minirearec_cli.param_types import Place, Whole


@click.command(cls=SectionCommand, examples=(
    "minirearec sweep --method prl --vary alpha=1,1.2,1.5,2 --vary steps=0..5 --seeds 3",
    "minirearec sweep --preset ladder --dataset lastfm",
    "minirearec sweep --preset ablations --seeds 5 --estimate"))
@option("--vary", section="Grid", multiple=True, metavar="NAME=VALUES",
        help="a setting and its values: alpha=1,1.2,1.5 or steps=0..5; repeat it for a grid")
@option("--preset", section="Grid", default="", metavar="NAME",
        help="ladder: base, naive, rpe, erl and prl against K (paper, Fig. 5); ablations: erl and prl without their "
             "parts (Fig. 7)")
@option("--seeds", section="Grid", type=Whole(min=1, max=1000), default=1, metavar="INT",
        help="how many seeds each setting is trained with, from --seed on  [default: 1]")
@option("--estimate", section="Grid", is_flag=True, help="say how long it would take, and stop")
@options.dataset_option()
@options.data_dir_option()
@options.plugin_option("Model")
@options.setting_options
@options.device_option()
@options.backend_option("torch", "torch")
@options.threads_option("number of threads for PyTorch  [default: chosen by PyTorch]")
@option("--out", section="Run directory", type=Place(), default="runs/sweep", metavar="DIR",
        help="folder of the runs; the same command continues an interrupted sweep there  [default: runs/sweep]")
@options.json_option()
@options.csv_option()
def command(vary, preset, seeds, estimate, dataset, data_dir, device, backend, threads, out, as_json, as_csv,
            **given):
    """Train every setting of a grid, one after the other, and show their test metrics.

    Ctrl-C is safe at any time: the same command trains only what is missing. The grid is the product of everything
    that varies. The table compares means over seeds; 'minirearec compare' says which differences can be
    claimed.
    """
    printing.check_format(as_json, as_csv)
    from minirearec.analysis import grids

    parsed = dict(grids.parse(text) for text in vary)
    if len(parsed) < len(vary):
        raise click.UsageError("--vary names a setting twice. Give all its values at once.")
    points = grids.grid(parsed, preset)
    for name in {name for point in points for name in point} & {name for name in given if given[name] is not None}:
        raise click.UsageError(f"--{name.replace('_', '-')} varies in this sweep. Leave one of the two out.")
    from minirearec.analysis.sweeping import Sweep
    from minirearec.data import load
    from minirearec.data.catalogue.cards import known
    from minirearec_cli import console, sweeping, training
    from minirearec_cli.views import downloads, sweep
    from minirearec_cli.views.settings import notes_without_effect

    if threads is not None:
        training.use_threads(threads)
    notices, settings = console.notices(), {name: value for name, value in given.items() if value is not None}
    with downloads.DownloadBar(notices) as bar:
        data = load(known(dataset) or dataset, data_dir, progress=bar, require_real=True)
    work = Sweep(data, points, out, seeds=seeds, settings=settings, device=device, backend=backend,
                 threads=threads)
    for note in dict.fromkeys(note for trial in work.trials for note in
                              notes_without_effect(trial.config, {**settings, **work.points[trial.setting]})):
        console.say(notices, note)
    expected = sweeping.say_estimate(notices, work)
    if estimate:
        if as_json or as_csv:
            printing.show(expected, as_csv)
        return
    sweeping.train(notices, work)
    found = work.result()
    if as_json or as_csv:
        printing.show(found, as_csv)
    else:
        sweep.show_sweep(console.results(), found)
    sweeping.draw(notices, found, out)
