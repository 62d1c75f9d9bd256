"""minirearec data fetch."""

import click

from minirearec_cli import options
from minirearec_cli.options import SectionCommand, option


@click.command("fetch", cls=SectionCommand, examples=(
    "minirearec data fetch beauty", "minirearec data fetch video-games --data-dir ~/data"))
@click.argument("name", shell_complete=options.complete_data)
@options.data_dir_option()
@option("--any-version", section="Data", is_flag=True,
        help="keep a set whose counts differ from its card, under a name that says so")
@option("--quiet", section="Output", is_flag=True, help="no progress, only the place of the data set")
def command(name, data_dir, any_version, quiet):
    """Download a data set, unless it is here; print where it is.

    Mirrors are tried in turn, and what arrives is checked before it gets its name. After a broken connection the
    same command resumes where it stopped. Proxies are taken from HTTPS_PROXY as usual.
    """
    from minirearec.data import card, data_folders, fetch, find
    from minirearec_cli import console
    from minirearec_cli.views import downloads

    notices, chosen = console.notices(), card(name)
    if chosen.synthetic:
        console.say(console.results(), f"{name} is synthetic: it is generated on demand, nothing is downloaded.")
        return
    here = find(chosen, data_dir)
    folder = data_folders(data_dir)[0] if here is None else here.parent
    if not quiet and here is None:
        console.say(notices, f"Data folder: {folder}")
    with downloads.DownloadBar(notices, quiet) as bar:
        path = fetch(chosen, folder, bar, any_version)
    console.say(console.results(), str(path))
