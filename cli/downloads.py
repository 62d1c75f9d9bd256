"""The bar of a download: ``total``, ``update``, ``reset`` and ``close``, as ``data.download`` asks for."""

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from minirearec_cli.console import can_animate, say
from minirearec_cli.text import size


class DownloadBar:
    """A bar on a terminal, one line elsewhere, nothing when quiet. It may be used for several attempts."""

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
        if self.progress is not None:
            self.progress.update(self.task, advance=count)

    def reset(self) -> None:
        if self.progress is not None:
            self.progress.update(self.task, completed=0)

    def close(self) -> None:
        if self.progress is not None:
            self.progress.stop()
            self.progress = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
