"""The bar of a download: a line where nothing can move, nothing when quiet, and the warning of a stand-in."""

import io

import pytest
from rich.console import Console

from minirearec_cli.console import notices
from minirearec_cli.views import downloads


def console(terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, force_interactive=terminal, width=80)


@pytest.mark.parametrize("quiet, text", [(False, "downloading 2.0 kB ...\n"), (True, "")])
def test_elsewhere_than_on_a_terminal(quiet, text):
    out = console(terminal=False)
    with downloads.DownloadBar(out, quiet) as bar:
        bar.total = 2000
        bar.update(1000)
        bar.reset()
        bar.update(2000)
        bar.close()
    assert out.file.getvalue() == text and bar.total == 2000


def test_on_a_terminal_the_bar_moves_begins_again_and_ends(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with downloads.DownloadBar(console(terminal=True)) as bar:
        bar.total = 2000
        first, task = bar.progress, bar.progress.tasks[0]
        bar.update(1500)
        assert (task.completed, task.total) == (1500, 2000)
        bar.reset()
        assert task.completed == 0
        bar.total = 0  # another attempt, of unknown size
        assert bar.progress is not first and bar.progress.tasks[0].total is None
    assert bar.progress is None


def test_a_stand_in_is_announced(capsys):
    data = downloads.load("beauty", None)
    assert data.synthetic and data.n_users == 50
    shown = capsys.readouterr().err
    assert "Synthetic data" in shown and "no network in tests" in shown


def use(bar) -> None:
    """Use a bar as a download does: one transfer fails, another does not."""
    bar.total = 1_100_000
    bar.update(65536)
    bar.reset()
    bar.total = 1_100_000
    bar.update(65536)
    bar.reset()
    bar.update(1_100_000)
    bar.close()


def test_a_download_in_a_log_is_a_line_for_each_attempt():
    stream = io.StringIO()
    use(downloads.DownloadBar(Console(file=stream)))
    assert stream.getvalue() == "downloading 1.1 MB ...\n" * 2
    use(downloads.DownloadBar(Console(file=stream), quiet=True))
    assert stream.getvalue().count("\n") == 2


def test_a_download_on_a_terminal_ends_full_and_is_cleared(terminal):
    bar = downloads.DownloadBar(notices())
    with bar:
        bar.total = 1000
        bar.update(400)
        assert bar.progress.tasks[0].completed == 400
        bar.reset()
        assert bar.progress.tasks[0].completed == 0
        bar.update(1000)
        assert bar.progress.finished
    assert bar.progress is None and "Downloading" in terminal.getvalue()
