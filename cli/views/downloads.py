"""Loading data at the terminal: the bar of a download, and the notice of a stand-in."""

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from minirearec.data import load as load_data
from minirearec.data.sequences import SequenceData
from minirearec_cli.console import can_animate, notices, say, warn
from minirearec_cli.text import size


class DownloadBar:
    """The progress of ``data.catalogue.download``: a bar on a terminal, one line elsewhere, nothing when quiet.

    It may be used for several attempts.
    """

    def __init__(self, console: Console, quiet: bool = False):
        self.console, self.quiet = console, quiet
        self.progress, self.task = None, None

    @property
    def total(self) -> int:
        return self._total

    @total.setter
    def total(self, count: int) -> None:  # set when a transfer starts
        self._total = count
        if self.quiet:
            return
        if not can_animate(self.console):
            say(self.console, f"downloading {size(count)} ...")
            return
        self.close()
        self.progress = Progress(TextColumn("Downloading"), BarColumn(), DownloadColumn(), TimeRemainingColumn(),
                                 console=self.console, transient=True)
        self.task = self.progress.add_task("", total=count or None)
        self.progress.start()

    def update(self, count: int) -> None:
        if self.progress is not None and self.task is not None:
            self.progress.update(self.task, advance=count)

    def reset(self) -> None:
        if self.progress is not None and self.task is not None:
            self.progress.update(self.task, completed=0)

    def close(self) -> None:
        if self.progress is not None:
            self.progress.stop()
            self.progress = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def load(dataset, data_dir, **options) -> SequenceData:
    """Load a data set with a bar while it downloads, and a warning when a synthetic one replaces it."""
    console = notices()
    with DownloadBar(console) as bar:
        return load_data(dataset, data_dir, progress=bar,
                         on_fallback=lambda story: warn(console, "Synthetic data", story), **options)
